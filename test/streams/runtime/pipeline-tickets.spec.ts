import { Result } from "effect";
import fc from "fast-check";
import { bufferCount, filter, from, type MonoTypeOperatorFunction, switchMap, take } from "rxjs";
import { describe, expect, it } from "vitest";
import {
  batchStage,
  deadLetter,
  type Diversion,
  fromIterable,
  MemoryLog,
  memoryDeadLetters,
  type Order,
  pipeline,
  PipelineMistake,
  type Rail,
  retryLater,
  type Running,
  type Stage,
  stage,
  Transient,
} from "../../../src/index.ts";
import { ending, reasonOf } from "../../support/endings.ts";
import { doubling, dropping, reorder } from "../../support/rail-operators.ts";
import { answersBy, anyReplies, type Replies } from "../../support/scripted-replies.ts";
import { anyScript, type Script, ScriptedWork } from "../../support/scripted-work.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LONG_MS = 36_000_000;
const RUNS = { numRuns: 1000 };

type OnRail = Rail<number, Diversion>;
type Own = MonoTypeOperatorFunction<OnRail>;

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, body) => body);

interface Story {
  readonly count: number;
  readonly credits: number;
  readonly order: Order;
  readonly first: Script;
  readonly second: Script;
  readonly replies: Replies;
  /** Before the first stage, between the two, or behind the second. */
  readonly place: number;
  readonly hits: readonly number[];
  readonly isEnding: boolean;
}

const anyStory: fc.Arbitrary<Story> = fc.record({
  count: fc.integer({ min: 1, max: 16 }),
  credits: fc.integer({ min: 1, max: 8 }),
  order: fc.constantFrom("unordered", "byKey"),
  first: anyScript(16, 2),
  second: anyScript(16, 2),
  replies: anyReplies,
  place: fc.nat(2),
  hits: fc.array(fc.nat(15), { maxLength: 3 }),
  isEnding: fc.boolean(),
});

const STRANDED_MS = 5_000;

/** Two stages, and an operator of the author's own at one of three places. */
const twoStages = (
  { count, credits, order, first, second, replies, place, isEnding }: Story,
  clock: VirtualClock,
  own: Own,
): Running => {
  const work = new ScriptedWork(clock);
  const limits = { timeoutMs: 40, retry: { times: 1, firstMs: 3 } };
  const log = new MemoryLog<number>(1);
  for (const body of numbers(count)) log.append("0", String(body % 3), body);
  if (isEnding) log.end();
  const ownAt = (at: number): Own => (at === place ? own : (rails) => rails);
  const answer = answersBy(replies, () => undefined);
  return pipeline({
    name: "tickets",
    source: log.reader("log"),
    flow: (items) =>
      items.pipe(
        ownAt(0),
        stage({ name: "first", work: work.for("first", first), ...limits }),
        ownAt(1),
        stage({ name: "second", work: work.for("second", second), ...limits }),
        ownAt(2),
      ),
    diversions: { first: answer, second: answer },
    deadLetters: memoryDeadLetters(),
    window: { credits },
    order,
    breaker: { bugs: 100_000 },
    strandedAfterMs: STRANDED_MS,
    ports: clock.ports,
  }).start();
};

/** How it ends; with an endless source, how it ends once there is nothing left to do. */
const outcome = async ({ isEnding }: Story, running: Running, clock: VirtualClock): Promise<unknown> => {
  const end = ending(running);
  if (!isEnding) {
    clock.after(10 * STRANDED_MS, () => {
      running.drain(10).catch(() => undefined);
    });
  }
  await clock.runUntil(end, LONG_MS);
  return end;
};

describe("a pipeline's tickets", () => {
  it("name the record and the stage when an operator drops one", async () => {
    const clock = new VirtualClock();
    const running = pipeline({
      name: "drops",
      source: fromIterable("numbers", [10, 11, 12]),
      flow: (items) =>
        items.pipe(
          stage({ name: "double", work: (body: number) => body * 2 }),
          filter((rail) => Result.isFailure(rail) || rail.success.body !== 22),
        ),
      diversions: { double: deadLetter },
      deadLetters: memoryDeadLetters(),
      ports: clock.ports,
    }).start();
    const end = ending(running);
    await clock.runUntil(end, 1_000);
    expect(await end).toBeInstanceOf(PipelineMistake);
    expect(await end).toHaveProperty(
      "message",
      'record 0@1 was dropped after stage "double": it was never settled; let diversions and every item through to the end of the flow',
    );
  });

  it("always tell of a dropped item, whatever the stages do, however the source goes on", async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, async (story) => {
        const clock = new VirtualClock();
        const end = await outcome(
          story,
          twoStages(
            story,
            clock,
            dropping((body) => story.hits.includes(body)),
          ),
          clock,
        );
        const hit = story.hits.filter((body) => body < story.count);
        if (hit.length === 0) expect(end).toMatchObject({ how: story.isEnding ? "completed" : "drained" });
        else {
          const stages = [["source"], ["first"], ["first", "second"]][story.place] ?? [];
          const named = hit.flatMap((body) =>
            stages.map((name) => `record 0@${body} was dropped after stage "${name}"`),
          );
          expect(end).toBeInstanceOf(PipelineMistake);
          expect(named.some((text) => reasonOf(end).includes(text))).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it("always tell of an item that was let through twice", async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, async (story) => {
        const clock = new VirtualClock();
        const end = await outcome(
          story,
          twoStages(
            story,
            clock,
            doubling((body) => story.hits.includes(body)),
          ),
          clock,
        );
        const hit = story.hits.filter((body) => body < story.count);
        if (hit.length === 0) expect(end).toMatchObject({ how: story.isEnding ? "completed" : "drained" });
        else {
          expect(end).toBeInstanceOf(PipelineMistake);
          expect(reasonOf(end)).toMatch(
            /record 0@\d+ was settled twice: the second time after stage "(first|second)"/,
          );
          expect(hit).toContain(Number(/0@(\d+)/.exec(reasonOf(end))?.[1]));
        }
      }),
      RUNS,
    );
  });

  it("always tell of a flow that ends before its source", async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, fc.integer({ min: 0, max: 20 }), async (story, most) => {
        const clock = new VirtualClock();
        const replies = story.replies.map((reply) => (reply === "retry-later" ? "done" : reply));
        const end = await outcome(story, twoStages({ ...story, replies }, clock, take(most)), clock);
        if (story.count < most) expect(end).toMatchObject({ how: story.isEnding ? "completed" : "drained" });
        else {
          expect(end).toBeInstanceOf(PipelineMistake);
          expect(reasonOf(end)).toContain("the flow completed before its source did");
        }
      }),
      RUNS,
    );
  });

  it("are not taken for dropped while an operator of one's own holds them", async () => {
    await fc.assert(
      fc.asyncProperty(anyStory, fc.integer({ min: 0, max: STRANDED_MS }), async (any, mostMs) => {
        const story = { ...any, isEnding: true };
        const clock = new VirtualClock();
        const held = reorder(clock, (body) => (body * 7_919) % (mostMs + 1));
        const end = await outcome(story, twoStages(story, clock, held), clock);
        expect(end).toMatchObject({ how: "completed" });
      }),
      RUNS,
    );
  });

  it("are not taken for dropped after a long wait for a later try, or for their turn", async () => {
    const clock = new VirtualClock();
    const tries: number[] = [];
    const running = pipeline({
      name: "patient",
      source: fromIterable("numbers", numbers(3), { key: () => "the same" }),
      flow: (items) =>
        items.pipe(
          reorder(clock, () => 1_000),
          stage({
            name: "try",
            retry: false,
            work: (body: number) => {
              tries.push(body);
              if (tries.length === 1) throw new Transient({ message: "not now" });
              return body;
            },
          }),
        ),
      diversions: { try: () => retryLater(600_000, 3) },
      deadLetters: memoryDeadLetters(),
      order: "byKey",
      strandedAfterMs: STRANDED_MS,
      ports: clock.ports,
    }).start();
    const end = ending(running);
    await clock.runUntil(end, LONG_MS);
    expect(await end).toMatchObject({ how: "completed" });
    expect(tries).toEqual([0, 0, 1, 2]);
  });

  it("tell of items that wait for a slot of a stage which an operator lets go of", async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.boolean(), async (isEnding, batched) => {
        const clock = new VirtualClock();
        const log = new MemoryLog<number>(1);
        for (const body of numbers(4)) log.append("0", "a", body);
        if (isEnding) log.end();
        const wait = (): Promise<void> =>
          new Promise((resolve) => {
            clock.after(50, resolve);
          });
        const slow: Stage<"slow", number, number> = batched
          ? batchStage({
              name: "slow",
              concurrency: 1,
              maxCount: 1,
              work: (bodies: readonly number[]) =>
                wait().then(() => bodies.map((body) => Result.succeed(body))),
            })
          : stage({ name: "slow", concurrency: 1, work: (body: number) => wait().then(() => body) });
        const running = pipeline({
          name: "switches",
          source: log.reader("log"),
          flow: (items) =>
            items.pipe(
              bufferCount(2),
              switchMap((pair) => from(pair).pipe(slow)),
            ),
          diversions: { slow: deadLetter },
          deadLetters: memoryDeadLetters(),
          strandedAfterMs: STRANDED_MS,
          ports: clock.ports,
        }).start();
        const end = ending(running);
        await clock.runUntil(end, LONG_MS);
        expect(reasonOf(await end)).toMatch(/record 0@[01] was dropped after stage "slow"/);
      }),
    );
  });
});
