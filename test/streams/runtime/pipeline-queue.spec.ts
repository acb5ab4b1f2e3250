import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ending } from "../../support/endings.ts";
import {
  anyQueueStory,
  consume,
  filledQueue,
  QueueBooks,
  type QueueStory,
} from "../../support/queue-story.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LONG_MS = 36_000_000;
const RUNS = { numRuns: 1000 };

const unfinished = ({ keys }: QueueStory, books: QueueBooks): readonly number[] =>
  keys.map((_, body) => body).filter((body) => !books.isOver(body));

describe("a pipeline on a queue, whatever throws and however often", () => {
  it("loses no message, tells the queue of each delivery at most once, and never of one that is unfinished", async () => {
    await fc.assert(
      fc.asyncProperty(anyQueueStory, async (story) => {
        const clock = new VirtualClock();
        const books = new QueueBooks();
        const queue = filledQueue(story, clock);
        queue.end();
        const { running } = consume(story, queue, clock, books);
        const end = ending(running);
        await clock.runUntil(end, LONG_MS);
        expect(await end).toMatchObject({ how: "completed" });
        expect(books.violations).toEqual([]);
        expect(unfinished(story, books)).toEqual([]);
        expect(queue.unsettled).toBe(0);
      }),
      RUNS,
    );
  });

  it("loses none when two compete and one of them is aborted at any moment", async () => {
    await fc.assert(
      fc.asyncProperty(anyQueueStory, anyQueueStory, fc.nat(150), async (story, other, atMs) => {
        const clock = new VirtualClock();
        const books = new QueueBooks();
        const queue = filledQueue(story, clock);
        queue.end();
        const one = consume(story, queue, clock, books);
        const two = consume({ ...other, keys: story.keys }, queue, clock, books);
        await clock.advance(atMs);
        one.running.abort().catch(() => undefined);
        const ends = Promise.all([ending(one.running), ending(two.running)]);
        await clock.runUntil(ends, LONG_MS);
        expect(await ends).toMatchObject([{}, { how: "completed" }]);
        expect(books.violations).toEqual([]);
        expect(unfinished(story, books)).toEqual([]);
        expect(queue.unsettled).toBe(0);
      }),
      RUNS,
    );
  });
});
