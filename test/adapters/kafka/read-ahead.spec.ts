import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReadAhead } from "../../../src/adapters/kafka/read-ahead.ts";

interface Item {
  readonly partition: number;
  readonly number: number;
  readonly weight: number;
}

const lines = (mostBytes: number) => new ReadAhead<Item>(mostBytes, ({ weight }) => weight);
const items = (partition: number, count: number, weight = 10): readonly Item[] =>
  Array.from({ length: count }, (_, number) => ({ partition, number, weight }));
const ignore = (): void => undefined;

describe("what was fetched ahead", () => {
  it("is taken round the partitions, one from each in turn", () => {
    const ahead = lines(1_000);
    ahead.reset([0, 1, 2]);
    ahead.put(0, items(0, 9));
    ahead.put(1, items(1, 1));
    ahead.put(2, items(2, 9));
    const taken = ahead.take({ records: 5, bytes: Infinity }, ignore);
    expect(taken.map(({ partition }) => partition)).toEqual([0, 1, 2, 0, 2]);
    expect(ahead.size).toBe(14);
  });

  it("pauses a partition that has its share, and resumes it at half of it", () => {
    const ahead = lines(200);
    ahead.reset([0, 1]);
    expect(ahead.put(0, items(0, 9))).toBe(false);
    expect(ahead.put(0, items(0, 1))).toBe(true);
    expect(ahead.put(0, items(0, 1))).toBe(true);
    expect(ahead.put(1, items(1, 1))).toBe(false);
    const emptied: number[] = [];
    ahead.take({ records: 6, bytes: Infinity }, (partition) => emptied.push(partition));
    expect(emptied).toEqual([]);
    ahead.take({ records: 1, bytes: Infinity }, (partition) => emptied.push(partition));
    expect(emptied).toEqual([0]);
  });

  it("keeps to the bytes, but gives one that is larger if it is the first", () => {
    const ahead = lines(1_000);
    ahead.reset([0]);
    ahead.put(0, [...items(0, 3, 10), ...items(0, 1, 500), ...items(0, 1, 10)]);
    const weights = (bytes: number) => ahead.take({ records: 9, bytes }, ignore).map(({ weight }) => weight);
    expect(weights(25)).toEqual([10, 10]);
    expect(weights(100)).toEqual([10]);
    expect(weights(100)).toEqual([500]);
    expect(weights(0)).toEqual([10]);
  });

  it("has nothing of partitions that are not held, and forgets what a reset takes away", () => {
    const ahead = lines(1_000);
    ahead.reset([0]);
    expect(ahead.put(7, items(7, 1))).toBe(false);
    ahead.put(0, items(0, 5));
    ahead.reset([0, 1]);
    expect(ahead.size).toBe(0);
    expect(ahead.take({ records: 5, bytes: Infinity }, ignore)).toEqual([]);
    ahead.put(0, items(0, 5));
    ahead.put(1, items(1, 5));
    ahead.clear(0);
    expect(ahead.size).toBe(5);
    expect(ahead.bytes).toBe(50);
  });

  it("lets go of what was taken while it still holds more", () => {
    const ahead = lines(Infinity);
    ahead.reset([0]);
    ahead.put(0, items(0, 5_000));
    const numbers = Array.from({ length: 5 }, () =>
      ahead.take({ records: 1_000, bytes: Infinity }, ignore),
    ).flat();
    expect(numbers.map(({ number }) => number)).toEqual(items(0, 5_000).map(({ number }) => number));
    expect([ahead.size, ahead.bytes]).toEqual([0, 0]);
  });

  it("loses nothing, keeps each partition's order, and starves nobody, however it is used", () => {
    const step = fc.oneof(
      fc.record({
        put: fc.nat(3),
        count: fc.integer({ min: 1, max: 60 }),
        weight: fc.integer({ min: 1, max: 50 }),
      }),
      fc.record({ records: fc.integer({ min: 1, max: 80 }), bytes: fc.integer({ min: 1, max: 2_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const ahead = lines(2_000);
        ahead.reset([0, 1, 2, 3]);
        const put = [0, 0, 0, 0];
        const had = [0, 0, 0, 0];
        const paused = new Set<number>();
        for (const given of steps) {
          if ("put" in given) {
            const { put: partition, count, weight } = given;
            const from = put[partition] ?? 0;
            const more = Array.from({ length: count }, (_, at) => ({ partition, number: from + at, weight }));
            put[partition] = from + count;
            if (ahead.put(partition, more)) paused.add(partition);
            continue;
          }
          const waiting = put.map((count, at) => count - (had[at] ?? 0));
          const taken = ahead.take(given, (partition) => {
            expect(paused.delete(partition)).toBe(true);
          });
          const counts = [0, 0, 0, 0];
          for (const { partition, number } of taken) {
            expect(number).toBe(had[partition]);
            had[partition] = number + 1;
            counts[partition] = (counts[partition] ?? 0) + 1;
          }
          const most = Math.max(...counts);
          counts.forEach((count, at) => {
            // a turn less than another only where it had no more
            if (count < (waiting[at] ?? 0)) expect(count).toBeGreaterThanOrEqual(most - 1);
          });
        }
        const left = put.reduce((sum, count, at) => sum + count - (had[at] ?? 0), 0);
        expect(ahead.size).toBe(left);
        expect(ahead.take({ records: Infinity, bytes: Infinity }, (at) => paused.delete(at))).toHaveLength(
          left,
        );
        expect([ahead.bytes, paused.size]).toEqual([0, 0]);
      }),
      { numRuns: 1000 },
    );
  });
});
