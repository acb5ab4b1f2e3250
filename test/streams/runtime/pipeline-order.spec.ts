import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deadLetter, memoryDeadLetters, MemoryQueue, pipeline, stage } from "../../../src/index.ts";
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
import {
  anyQueueStory,
  consume,
  filledQueue,
  QueueBooks,
  type QueueStory,
} from "../../support/queue-story.ts";
import { answersBy, anyReplies } from "../../support/scripted-replies.ts";
import { anyScript, type Call, ScriptedWork } from "../../support/scripted-work.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LONG_MS = 36_000_000;
const RUNS = { numRuns: 1000 };

/** By key, and each key in one partition, as a log that is written by key has it. */
const byKey = (story: LogStory): LogStory => ({
  ...story,
  order: "byKey",
  records: story.records.map(({ partition, key }) => ({ partition, key: `${key}${partition}` })),
});

/** The bodies of each key, in order of arrival. */
const lines = (keys: readonly string[]): readonly (readonly number[])[] => {
  const found = new Map<string, number[]>();
  keys.forEach((key, body) => found.set(key, [...(found.get(key) ?? []), body]));
  return [...found.values()];
};

/** From its first effect's begin to its last one's true end, whatever its stage answered meanwhile. */
const spanOf = (calls: readonly Call[], body: number): { readonly fromMs: number; readonly toMs: number } => {
  const own = calls.filter((call) => call.body === body);
  return {
    fromMs: Math.min(...own.map(({ beganMs }) => beganMs)),
    toMs: Math.max(...own.map(({ endedMs }) => endedMs ?? Infinity)),
  };
};

const overlaps = (calls: readonly Call[], line: readonly number[]): readonly string[] =>
  line.flatMap((body, at) => {
    const next = line[at + 1];
    if (next === undefined) return [];
    const { toMs } = spanOf(calls, body);
    const { fromMs } = spanOf(calls, next);
    return fromMs < toMs ? [`${next} began at ${fromMs} ms, ${body} ended at ${toMs} ms`] : [];
  });

const firstEffects = (calls: readonly Call[], line: readonly number[]): readonly number[] => [
  ...new Set(calls.filter(({ body }) => line.includes(body)).map(({ body }) => body)),
];

/** What a reader of the effects is left with: the last one of each record, in the order in which they began. */
const lastEffects = (calls: readonly Call[], line: readonly number[]): readonly number[] =>
  firstEffects([...calls].reverse(), line).toReversed();

describe("by key", () => {
  it("nothing of a record begins before all of the one before it has ended: retries, later tries and what ends late", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, async (any) => {
        const story = { ...byKey(any), faults: {}, rebalances: [] };
        const clock = new VirtualClock();
        const log = filled(story);
        log.end();
        const { work, start } = worldOf(story, log, clock, new Books(story));
        await clock.runUntil(start().done, LONG_MS);
        await clock.advance(LONG_MS);
        for (const line of lines(story.records.map(({ key }) => key))) {
          expect(overlaps(work.calls, line)).toEqual([]);
          expect(firstEffects(work.calls, line)).toEqual(line);
        }
      }),
      RUNS,
    );
  });

  it("first effects and last effects come in order of arrival through every restart, revocation, loss and re-assignment", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, async (any) => {
        const story = byKey(any);
        const clock = new VirtualClock();
        const log = filled(story);
        const { reader, work, start } = worldOf(story, log, clock, new Books(story));
        rebalance(story, reader, clock);
        clock.after(LAST_MS, () => {
          log.end();
        });
        const end = ending(start());
        await clock.runUntil(end, LONG_MS);
        for (const line of lines(story.records.map(({ key }) => key))) {
          expect(firstEffects(work.calls, line)).toEqual(line);
          expect(lastEffects(work.calls, line)).toEqual(line);
        }
      }),
      RUNS,
    );
  });

  it("holds for a queue too, whose own delay would let later records overtake", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 16 }),
        anyScript(16, 3, { hangs: true }),
        anyReplies,
        fc.integer({ min: 1, max: 6 }),
        async (keys, script, replies, credits) => {
          const clock = new VirtualClock();
          const work = new ScriptedWork(clock);
          const queue = new MemoryQueue<number>(clock);
          keys.forEach((key, body) => {
            queue.send(key, body);
          });
          queue.end();
          const running = pipeline({
            name: "queue",
            source: queue.reader("queue"),
            flow: (items) =>
              items.pipe(
                stage({ name: "work", work: work.for("work", script), timeoutMs: 40, retry: { times: 1 } }),
              ),
            diversions: { work: answersBy(replies, () => undefined) },
            deadLetters: memoryDeadLetters(),
            window: { credits },
            order: "byKey",
            breaker: { bugs: 1_000 },
            ports: clock.ports,
          }).start();
          await clock.runUntil(running.done, LONG_MS);
          await clock.advance(LONG_MS);
          for (const line of lines(keys)) {
            expect(overlaps(work.calls, line)).toEqual([]);
            expect(firstEffects(work.calls, line)).toEqual(line);
          }
        },
      ),
      RUNS,
    );
  });
});

describe("by key, when it drains", () => {
  it("nothing is done that stands behind what is left to its source: of each key a beginning is done", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, fc.nat(80), fc.nat(60), async (any, atMs, deadlineMs) => {
        const story = { ...byKey(any), faults: {}, rebalances: [] };
        const clock = new VirtualClock();
        const books = new Books(story);
        const log = filled(story);
        const { work, start } = worldOf(story, log, clock, books);
        const running = start();
        await clock.advance(atMs);
        await clock.runUntil(running.drain(deadlineMs), LONG_MS);
        for (const line of lines(story.records.map(({ key }) => key))) {
          const firstLeft = line.findIndex((body) => !books.isOver(body));
          const behind = firstLeft === -1 ? [] : line.slice(firstLeft + 1);
          expect(work.calls.filter(({ body }) => behind.includes(body))).toEqual([]);
        }
      }),
      RUNS,
    );
  });
});

describe("by key on a queue that fails", () => {
  it("first effects come in order of sending, however often messages come again", async () => {
    await fc.assert(
      fc.asyncProperty(anyQueueStory, async (any) => {
        const story: QueueStory = { ...any, order: "byKey" };
        const clock = new VirtualClock();
        const queue = filledQueue(story, clock);
        queue.end();
        const { work, running } = consume(story, queue, clock, new QueueBooks());
        await clock.runUntil(running.done, LONG_MS);
        for (const line of lines(story.keys)) expect(firstEffects(work.calls, line)).toEqual(line);
      }),
      RUNS,
    );
  });
});

describe("unordered, and between keys", () => {
  it("what is slow does not hold up the others", async () => {
    for (const order of ["unordered", "byKey"] as const) {
      const clock = new VirtualClock();
      const ended: string[] = [];
      const queue = new MemoryQueue<string>(clock);
      for (const name of ["a slow", "a quick", "b slow", "b quick"]) queue.send(name.charAt(0), name);
      queue.end();
      const running = pipeline({
        name: "two lanes",
        source: queue.reader("queue"),
        flow: (items) =>
          items.pipe(
            stage({
              name: "work",
              work: (name: string) =>
                new Promise<void>((resolve) => {
                  clock.after(name.includes("slow") ? 100 : 10, () => {
                    ended.push(name);
                    resolve();
                  });
                }),
            }),
          ),
        diversions: { work: deadLetter },
        deadLetters: memoryDeadLetters(),
        order,
        ports: clock.ports,
      }).start();
      await clock.runUntil(running.done, LONG_MS);
      expect(ended).toEqual(
        order === "unordered"
          ? ["a quick", "b quick", "a slow", "b slow"]
          : ["a slow", "b slow", "a quick", "b quick"],
      );
      expect(clock.nowMs).toBe(order === "unordered" ? 100 : 110);
    }
  });
});
