import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ending } from "../../support/endings.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import type { MemoryLog, PipelineEvent } from "../../../src/index.ts";
import {
  anyLogStory,
  asLeft,
  Books,
  filled,
  LAST_MS,
  type LogStory,
  rebalance,
  worldOf,
} from "../../support/log-story.ts";

const LONG_MS = 36_000_000;
const RUNS = { numRuns: 1000 };

const TROUBLES: readonly PipelineEvent["type"][] = [
  "pipeline:restart:begin",
  "item:retry:begin",
  "item:divert:done",
  "item:park:done",
  "item:hand-back:done",
  "batch:split:done",
  "record:repeat:seen",
  "partition:revoke:done",
  "partition:lose:done",
  "offset:commit:stale",
];

const expectAllDone = (log: MemoryLog<number>, books: Books): void => {
  expect(books.violations).toEqual([]);
  expect(books.unfinished).toEqual([]);
  for (const partition of log.partitionNames) {
    expect(log.committed(partition)).toBe(books.bodiesOf(partition).length);
  }
};

/** A fault-free pipeline takes up what the log still holds. */
const heal = async (story: LogStory, log: MemoryLog<number>, books: Books): Promise<readonly number[]> => {
  const clock = new VirtualClock();
  const { work, start } = worldOf(
    { ...story, faults: {}, rebalances: [], first: [], second: [] },
    log,
    clock,
    books,
  );
  log.end();
  const running = start();
  await clock.runUntil(running.done, LONG_MS);
  return work.calls.map(({ body }) => body);
};

describe("a pipeline on a log, whatever throws and however often", () => {
  it("loses no record, and never commits past one that is unfinished", async () => {
    const seen = new Set<string>();
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
        expect(await end).toMatchObject({ how: "completed" });
        expectAllDone(log, books);
        for (const { type } of books.events) seen.add(type);
      }),
      RUNS,
    );
    // stories without troubles would have proved nothing
    expect(TROUBLES.filter((trouble) => !seen.has(trouble))).toEqual([]);
  });

  it("loses none either when the failure goes up and somebody starts it anew, again and again", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, fc.nat(2), async (story, most) => {
        const clock = new VirtualClock();
        const books = new Books(story);
        const log = filled(story);
        const { reader, start } = worldOf(story, log, clock, books);
        rebalance(story, reader, clock);
        clock.after(LAST_MS, () => {
          log.end();
        });
        let end: unknown = null;
        for (let starts = 0; end === null || end instanceof Error; starts += 1) {
          expect(starts).toBeLessThan(50);
          const ended = ending(start({ restarts: { most, firstMs: 1 } }));
          await clock.runUntil(ended, LONG_MS);
          end = await ended;
        }
        expect(end).toMatchObject({ how: "completed" });
        expectAllDone(log, books);
      }),
      RUNS,
    );
  });

  it("loses none when its process is gone from one moment to the next; nothing committed is seen again", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, fc.nat(150), async (story, atMs) => {
        const clock = new VirtualClock();
        const books = new Books(story);
        const log = filled(story);
        const { reader, start } = worldOf(story, log, clock, books);
        rebalance(story, reader, clock);
        start();
        await clock.advance(atMs);
        const left = await asLeft(log, story);
        const committed = new Map(left.partitionNames.map((name) => [name, left.committed(name)]));
        const seen = await heal(story, left, books);
        expectAllDone(left, books);
        for (const [partition, next] of committed) {
          const before = books.bodiesOf(partition).slice(0, next);
          expect(seen.filter((body) => before.includes(body))).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it("loses none when it is aborted at any moment, also while it opens, closes or waits to start again", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, fc.nat(150), async (story, atMs) => {
        const clock = new VirtualClock();
        const books = new Books(story);
        const log = filled(story);
        const { reader, start } = worldOf(story, log, clock, books);
        rebalance(story, reader, clock);
        const running = start();
        await clock.advance(atMs);
        const end = ending(running);
        const aborted = running.abort().catch(() => undefined);
        await clock.runUntil(aborted, 1_000);
        await end;
        await clock.advance(500); // the rebalances come to their end
        await heal(story, log, books);
        expectAllDone(log, books);
      }),
      RUNS,
    );
  });

  it("loses none when partitions move between two members, each with troubles of its own", async () => {
    const move = fc.record({
      atMs: fc.nat(150),
      partition: fc.nat(3),
      to: fc.nat(1),
      how: fc.constantFrom("revoke", "lose"),
      deadlineMs: fc.nat(60),
    });
    await fc.assert(
      fc.asyncProperty(
        anyLogStory,
        anyLogStory,
        fc.array(move, { maxLength: 5 }),
        async (story, other, moves) => {
          const clock = new VirtualClock();
          const books = new Books(story);
          const log = filled(story);
          const names = log.partitionNames;
          const half = names.filter((_, at) => at % 2 === 0);
          const members = [
            worldOf(story, log, clock, books, half),
            worldOf(
              { ...other, records: story.records },
              log,
              clock,
              books,
              names.filter((n) => !half.includes(n)),
            ),
          ];
          for (const { atMs, partition, to, how, deadlineMs } of moves) {
            const name = String(partition % story.partitions);
            const [from, next] = to === 0 ? [members[1], members[0]] : [members[0], members[1]];
            clock.after(atMs, () => {
              if (how === "revoke") {
                const revoked = Effect.runFork(from?.reader.revoke(name, deadlineMs) ?? Effect.void);
                revoked.addObserver(() => next?.reader.assign(name));
              } else {
                from?.reader.lose(name);
                next?.reader.assign(name);
              }
            });
          }
          clock.after(LAST_MS, () => {
            log.end();
          });
          const ends = Promise.all(members.map(({ start }) => ending(start())));
          await clock.runUntil(ends, LONG_MS);
          expect(await ends).toMatchObject([{ how: "completed" }, { how: "completed" }]);
          expectAllDone(log, books);
        },
      ),
      RUNS,
    );
  });
});
