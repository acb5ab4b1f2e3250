import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  byFailure,
  deadLetter,
  fromIterable,
  memoryDeadLetters,
  pipeline,
  type PipelineEvent,
  retryLater,
  stage,
  Transient,
} from "../../../src/index.ts";
import { ending } from "../../support/endings.ts";
import {
  anyLogStory,
  Books,
  filled,
  LAST_MS,
  type LogStory,
  rebalance,
  worldOf,
} from "../../support/log-story.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LONG_MS = 36_000_000;

const trace = async (story: LogStory, seed: number): Promise<readonly unknown[]> => {
  const clock = new VirtualClock({ seed });
  const books = new Books(story);
  const log = filled(story);
  const { reader, work, start } = worldOf(story, log, clock, books);
  rebalance(story, reader, clock);
  clock.after(LAST_MS, () => {
    log.end();
  });
  const end = ending(start());
  await clock.runUntil(end, LONG_MS);
  return [...books.events, ...work.calls, await end];
};

describe("a pipeline and its clock", () => {
  it("do the same again from the same seed, event by event and to the millisecond", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, fc.integer(), async (story, seed) => {
        expect(await trace(story, seed)).toEqual(await trace(story, seed));
      }),
      { numRuns: 1000 },
    );
  });

  it("take their chances from the seed: another one waits otherwise between retries", async () => {
    const failing: LogStory = {
      partitions: 1,
      records: [{ partition: 0, key: "a" }],
      order: "unordered",
      credits: 1,
      delayRoom: 0,
      concurrency: 1,
      first: [[{ as: "sync", afterMs: 0, answer: "Transient", heedsSignal: false }]],
      second: [],
      isSecondIdempotent: true,
      batched: false,
      replies: [],
      faults: {},
      rebalances: [],
    };
    expect(await trace(failing, 1)).not.toEqual(await trace(failing, 2));
  });

  it("live beside another pipeline with another clock, also in a stage that both share", async () => {
    const one = new VirtualClock({ seed: 1 });
    const other = new VirtualClock({ seed: 2, wallMs: 0 });
    const tries: string[] = [];
    const shared = stage({
      name: "shared",
      timeoutMs: 1_000,
      retry: { times: 2, firstMs: 100 },
      work: (name: string) => {
        tries.push(name);
        return name.endsWith("hangs") ? Effect.never : Effect.fail(new Transient({ message: "no" }));
      },
    });
    const begin = (name: string, clock: VirtualClock): readonly PipelineEvent[] => {
      const events: PipelineEvent[] = [];
      pipeline({
        name,
        source: fromIterable("words", [`${name} hangs`, `${name} fails`]),
        flow: (items) => items.pipe(shared),
        diversions: {
          shared: byFailure({
            Transient: () => retryLater(60_000, 2),
            Permanent: deadLetter,
            Unconfirmed: deadLetter,
            Undecodable: deadLetter,
            Postponed: deadLetter,
            Bug: deadLetter,
          }),
        },
        deadLetters: memoryDeadLetters(),
        ports: clock.ports,
      })
        .start()
        .on((event) => events.push(event));
      return events;
    };
    const events = begin("one", one);
    const others = begin("other", other);
    await other.settle();
    await one.advance(10_000);
    expect(events.map(({ type }) => type).filter((type) => type === "item:park:done").length).toBe(2);
    expect(others.filter(({ type }) => type === "item:retry:begin").length).toBe(1);
    expect(others.every(({ atMs }) => atMs === 0)).toBe(true);
    expect(tries.filter((name) => name.startsWith("other"))).toEqual(["other hangs", "other fails"]);
    await one.advance(100_000);
    expect(events.at(-1)).toMatchObject({ type: "pipeline:end:done", how: "completed" });
    expect(others.length).toBeGreaterThan(0);
    expect(others.every(({ atMs }) => atMs === 0)).toBe(true);
    await other.advance(100_000);
    expect(others.at(-1)).toMatchObject({ type: "pipeline:end:done", how: "completed" });
    const shape = (all: readonly PipelineEvent[]) => all.map(({ type }) => type);
    expect(shape(others)).toEqual(shape(events));
  });

  it("say the same side by side as each alone, whichever clock moves when", async () => {
    const told = async (
      story: LogStory,
      clock: VirtualClock,
      move: (end: Promise<unknown>) => Promise<void>,
    ) => {
      const books = new Books(story);
      const log = filled(story);
      log.end();
      const { start } = worldOf({ ...story, rebalances: [] }, log, clock, books);
      await move(ending(start()));
      return books.events;
    };
    await fc.assert(
      fc.asyncProperty(
        anyLogStory,
        anyLogStory,
        fc.array(fc.nat(90), { maxLength: 8 }),
        async (story, other, steps) => {
          const first = new VirtualClock({ seed: 1 });
          const second = new VirtualClock({ seed: 2 });
          const together = await Promise.all([
            told(story, first, async (end) => {
              for (const ms of steps) await first.advance(ms);
              await first.runUntil(end, LONG_MS);
            }),
            told(other, second, (end) => second.runUntil(end, LONG_MS)),
          ]);
          const alone = new VirtualClock({ seed: 1 });
          const lone = new VirtualClock({ seed: 2 });
          expect(together).toEqual([
            await told(story, alone, (end) => alone.runUntil(end, LONG_MS)),
            await told(other, lone, (end) => lone.runUntil(end, LONG_MS)),
          ]);
        },
      ),
      { numRuns: 1000 }, // each runs four stories
    );
  });
});
