import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deadLetter,
  fromIterable,
  memoryDeadLetters,
  MemoryLog,
  pipeline,
  type PipelineEvent,
  type PipelineHealth,
  retryLater,
  stage,
  Transient,
} from "../../../src/index.ts";
import { ending } from "../../support/endings.ts";
import { anyLogStory, Books, filled, LAST_MS, rebalance, worldOf } from "../../support/log-story.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LONG_MS = 36_000_000;
const RUNS = { numRuns: 1000 };

describe("a pipeline's health", () => {
  it("says of each partition how far it is, how much is behind, and what holds it up where and since when", async () => {
    const clock = new VirtualClock();
    const log = new MemoryLog<string>(2);
    for (const word of ["quick", "hangs", "quick"]) log.append("0", word, word);
    for (const word of ["quick", "quick"]) log.append("1", word, word);
    const running = pipeline({
      name: "looked at",
      source: log.reader("log"),
      flow: (items) =>
        items.pipe(
          stage({ name: "read", work: (word: string) => word }),
          stage({
            name: "send",
            budgetMs: 5_000,
            work: (word: string) => (word === "hangs" ? new Promise<string>(() => undefined) : word),
          }),
        ),
      diversions: { read: deadLetter, send: deadLetter },
      deadLetters: memoryDeadLetters(),
      window: { credits: 10 },
      ports: clock.ports,
    }).start();
    await clock.advance(1_000);
    const hanging = { record: "0@1", key: "hangs", stage: "send", ageMs: 1_000 };
    expect(running.health()).toEqual({
      pipeline: "looked at",
      state: "running",
      reason: null,
      lives: 1,
      window: { credits: 10, bytes: 64 * 1024 * 1024 },
      inFlight: 1,
      bytesInFlight: 0,
      parked: 0,
      oldest: { state: "working", ...hanging },
      overBudget: [],
      partitions: [
        {
          partition: "0",
          epoch: 1,
          position: 1,
          committed: 1,
          lag: 2,
          unfinished: 1,
          seenAgain: 0,
          oldest: { state: "working", ...hanging },
        },
        {
          partition: "1",
          epoch: 1,
          position: 2,
          committed: 2,
          lag: 0,
          unfinished: 0,
          seenAgain: 0,
          oldest: null,
        },
      ],
      stillRunning: [],
    } satisfies PipelineHealth);
    await clock.advance(5_000);
    const stuck = { state: "stuck", ...hanging, ageMs: 6_000 };
    expect(running.health()).toMatchObject({ oldest: stuck, overBudget: [stuck] });
    await clock.runUntil(running.abort(), 10_000);
    expect(running.health()).toMatchObject({ state: "ended", oldest: null, partitions: [] });
  });

  it("calls waiting what waits for something that is known, however long, and stuck what does not", async () => {
    const clock = new VirtualClock();
    let isDown = true;
    const running = pipeline({
      name: "waits",
      source: fromIterable("words", ["hangs", "behind", "retries", "later"], {
        key: (word) => (word === "behind" ? "hangs" : word),
      }),
      flow: (items) =>
        items.pipe(
          stage({
            name: "send",
            timeoutMs: Infinity,
            budgetMs: 50,
            waiting: () => (isDown ? "the provider is down" : null),
            work: (word: string) => {
              if (word === "hangs") return new Promise<string>(() => undefined);
              throw new Transient({
                message: `${word}: not now`,
                ...(word === "later" ? { retryAfterMs: 9_000 } : {}),
              });
            },
            retry: { times: 1, firstMs: 500 },
          }),
        ),
      diversions: { send: () => retryLater(60_000, 5) },
      deadLetters: memoryDeadLetters(),
      order: "byKey",
      ports: clock.ports,
    }).start();
    await clock.advance(100);
    const over = () => running.health().overBudget.map(({ record, state }) => `${record} ${state}`);
    expect(running.health().overBudget).toMatchObject([
      { record: "0@0", state: "waiting", reason: "the provider is down" },
      { record: "0@2", state: "waiting", reason: "retry after Transient: retries: not now" },
      { record: "0@3", state: "waiting", reason: "a later try" },
    ]);
    expect(running.health().parked).toBe(1);
    isDown = false;
    expect(over()).toEqual(["0@0 stuck", "0@2 waiting", "0@3 waiting"]);
    await clock.runUntil(running.abort(), 10_000);
  });

  it("always agrees with the books: positions, lag, what is unfinished and which of it is the oldest", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, fc.array(fc.nat(40), { maxLength: 8 }), async (any, looks) => {
        const story = { ...any, faults: {}, rebalances: [] };
        const clock = new VirtualClock();
        const books = new Books(story);
        const log = filled(story);
        const { start } = worldOf(story, log, clock, books);
        const running = start();
        for (const ms of looks) {
          await clock.advance(ms);
          const health = running.health();
          for (const { partition, position, committed, lag, unfinished, oldest } of health.partitions) {
            const bodies = books.bodiesOf(partition);
            let next = 0;
            while (next < bodies.length && books.isOver(bodies[next] ?? -1)) next += 1;
            deepEqual(
              { position, committed, lag },
              { position: next, committed: next, lag: bodies.length - next },
            );
            equal(oldest?.record, unfinished === 0 ? undefined : `${partition}@${next}`);
          }
          const unfinished = health.partitions.reduce((sum, partition) => sum + partition.unfinished, 0);
          ok(unfinished >= health.parked);
          ok(health.inFlight <= story.credits);
          ok(health.parked <= story.delayRoom);
        }
        await clock.runUntil(running.abort(), 1_000);
      }),
      RUNS,
    );
  });
});

/** What is told of one record in one life, a letter for each event. */
const LETTERS: Partial<Record<PipelineEvent["type"], string>> = {
  "item:admit:done": "a",
  "item:retry:begin": "r",
  "item:divert:done": "d",
  "item:settle:done": "s",
  "item:park:done": "p",
  "item:hand-back:done": "h",
};

describe("a pipeline's events", () => {
  it("come in an order that makes sense: of the pipeline, of each partition, of each record", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, async (story) => {
        const clock = new VirtualClock();
        const books = new Books(story);
        const log = filled(story);
        const { reader, start } = worldOf(story, log, clock, books);
        rebalance(story, reader, clock);
        clock.after(LAST_MS, () => {
          log.end();
        });
        const end = ending(start());
        await clock.runUntil(end, LONG_MS);

        // tried and parked, any number of times; then tried and settled, or handed back
        const once = "(?:ar*d?p)*(?:ar*d?s?)?h?";
        // a record whose partition was taken away and given back comes again
        const grammar = new RegExp(story.rebalances.length === 0 ? `^${once}$` : `^(?:${once})*$`);
        let life = 0;
        let atMs = 0;
        const words = new Map<string, string>();
        const committed = new Map<string, number>();
        // plain checks: the events of a thousand stories with an `expect` for each would take longer than the stories
        const expectWords = (): void => {
          for (const word of words.values()) match(word, grammar);
          words.clear();
        };
        books.events.forEach((event, at) => {
          ok(event.atMs >= atMs, `at ${event.atMs} after ${atMs}`);
          atMs = event.atMs;
          equal(event.type === "pipeline:end:done", at === books.events.length - 1);
          if (event.type === "pipeline:start:done") {
            life += 1;
            equal(event.life, life);
          } else ok(life > 0);
          if (event.type === "pipeline:restart:begin") expectWords();
          // a record that comes again after its partition did is a new one
          if (event.type === "partition:assign:done") committed.delete(event.partition);
          if (event.type === "offset:commit:done") {
            ok(event.next > (committed.get(event.partition) ?? 0));
            committed.set(event.partition, event.next);
          }
          const letter = LETTERS[event.type];
          if (letter !== undefined && "record" in event) {
            words.set(event.record, (words.get(event.record) ?? "") + letter);
          }
        });
        expectWords();
      }),
      RUNS,
    );
  });

  it("are told of to nobody who throws, and the work goes on the same", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, fc.nat(30), async (any, throwsAt) => {
        const story = { ...any, rebalances: [] };
        const tell = async (withListener: boolean): Promise<readonly PipelineEvent[]> => {
          const clock = new VirtualClock();
          const books = new Books(story);
          const log = filled(story);
          log.end();
          const running = worldOf(story, log, clock, books).start();
          let heard = 0;
          if (withListener) {
            running.on(() => {
              heard += 1;
              if (heard > throwsAt) throw new Error("a listener's own trouble");
            });
          }
          await clock.runUntil(running.done, LONG_MS);
          if (withListener) expect(heard).toBe(Math.min(throwsAt + 1, books.events.length));
          return books.events;
        };
        expect(await tell(true)).toEqual(await tell(false));
      }),
      { numRuns: 1000 },
    );
  });
});
