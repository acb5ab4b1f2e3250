/** A rate, and a burst after a pause. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBucket } from "../../../src/streams/delivery/token-bucket.ts";

describe("a bucket of tokens", () => {
  it("gives its burst at once, and then so many a second", () => {
    const bucket = new TokenBucket(10, 2, 0);
    for (let taken = 0; taken < 2; taken += 1) {
      expect(bucket.inMs(0)).toBe(0);
      bucket.take(0);
    }
    expect(bucket.inMs(0)).toBe(100);
    expect(bucket.inMs(60)).toBe(40);
    expect(bucket.inMs(100)).toBe(0);
    bucket.take(100);
    expect(bucket.inMs(100)).toBe(100);
    expect(bucket.inMs(10_000)).toBe(0);
  });

  it("never gives more than rate · t + burst in any span, and always what it announced", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 5_000, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.oneof(fc.nat({ max: 30 }), fc.double({ min: 0, max: 3_000, noNaN: true })), {
          maxLength: 60,
        }),
        (perSecond, burst, steps) => {
          let nowMs = 0;
          const bucket = new TokenBucket(perSecond, burst, nowMs);
          const takenAt: number[] = [];
          for (const stepMs of steps) {
            nowMs += stepMs;
            const inMs = bucket.inMs(nowMs);
            expect(Number.isInteger(inMs)).toBe(true);
            if (inMs > 0) {
              expect(bucket.inMs(nowMs + inMs)).toBe(0);
              nowMs += inMs;
            }
            bucket.take(nowMs);
            takenAt.push(nowMs);
          }
          for (const [first, fromMs] of takenAt.entries()) {
            for (const [last, toMs] of takenAt.entries()) {
              if (last < first) continue;
              const most = (perSecond / 1_000) * (toMs - fromMs) + burst;
              expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6);
            }
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [0, 1],
    [Number.NaN, 1],
    [1, 0],
  ])("cannot be made with %d a second and a burst of %d", (perSecond, burst) => {
    expect(() => new TokenBucket(perSecond, burst, 0)).toThrow(RangeError);
  });
});
