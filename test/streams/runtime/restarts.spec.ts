import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Restarts } from "../../../src/streams/runtime/restarts.ts";

describe("restarts", () => {
  it("come after ever longer waits, and then not any more", () => {
    const restarts = new Restarts({ most: 4, withinMs: 60_000, firstMs: 200, capMs: 1_000 });
    expect([0, 1, 2, 3, 4].map((nowMs) => restarts.next(nowMs))).toEqual([200, 400, 800, 1_000, null]);
  });

  it("are forgotten with time: a pipeline that fails once an hour is always started again", () => {
    const restarts = new Restarts({});
    for (let hour = 0; hour < 1_000; hour += 1) expect(restarts.next(hour * 3_600_000)).toBe(200);
  });

  it("never exceed the intensity, and never wait longer than the cap", () => {
    fc.assert(
      fc.property(
        fc.record({
          most: fc.nat({ max: 5 }),
          withinMs: fc.integer({ min: 1, max: 200 }),
          firstMs: fc.integer({ min: 0, max: 50 }),
          capMs: fc.integer({ min: 0, max: 200 }),
        }),
        fc.array(fc.nat({ max: 100 }), { maxLength: 40 }),
        (limits, gaps) => {
          const restarts = new Restarts(limits);
          const granted: number[] = [];
          let nowMs = 0;
          for (const gap of gaps) {
            nowMs += gap;
            const recent = granted.filter((atMs) => nowMs - atMs < limits.withinMs).length;
            const waitMs = restarts.next(nowMs);
            expect(waitMs === null).toBe(recent >= limits.most);
            if (waitMs === null) continue;
            granted.push(nowMs);
            expect(waitMs).toBe(Math.min(limits.capMs, limits.firstMs * 2 ** recent));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
