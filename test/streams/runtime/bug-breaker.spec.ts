import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BugBreaker } from "../../../src/streams/runtime/bug-breaker.ts";

describe("the breaker on bugs", () => {
  it("takes a few throws for bad records, and one more for a bad deployment", () => {
    const breaker = new BugBreaker({ bugs: 2, withinMs: 1_000 });
    expect(breaker.note("render", new TypeError("x is not a function"), 0)).toBe(false);
    expect(breaker.note("render", new TypeError("x is not a function"), 1)).toBe(false);
    expect(breaker.reason).toBeNull();
    expect(breaker.note("render", new TypeError("x is not a function"), 2)).toBe(true);
    expect(breaker.reason).toBe(
      "3 unexpected throws within 1000 ms, the last in stage render: TypeError: x is not a function",
    );
  });

  it("forgets throws that lie apart", () => {
    const breaker = new BugBreaker({ bugs: 1, withinMs: 1_000 });
    for (let nowMs = 0; nowMs < 100_000; nowMs += 1_000) {
      expect(breaker.note("render", "odd", nowMs)).toBe(false);
    }
    expect(breaker.note("render", "odd", 99_999)).toBe(true);
  });

  it("opens exactly once, exactly when more throws than allowed lie within the time", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.nat({ max: 60 }), { maxLength: 40 }),
        (bugs, withinMs, gaps) => {
          const breaker = new BugBreaker({ bugs, withinMs });
          const times: number[] = [];
          let nowMs = 0;
          let isOpen = false;
          for (const gap of gaps) {
            nowMs += gap;
            times.push(nowMs);
            const recent = times.filter((atMs) => nowMs - atMs < withinMs).length;
            const opens: boolean = !isOpen && recent > bugs;
            expect(breaker.note("any", new Error("no"), nowMs)).toBe(opens);
            isOpen ||= opens;
            expect(breaker.reason !== null).toBe(isOpen);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("keeps the reason for which it opened", () => {
    const breaker = new BugBreaker({ bugs: 1 });
    breaker.note("render", new Error("first"), 0);
    breaker.note("render", new Error("second"), 0);
    breaker.note("send", new Error("third"), 0);
    expect(breaker.reason).toContain("render: Error: second");
  });

  it("opens by what cannot be printed, too", () => {
    const breaker = new BugBreaker({ bugs: 1 });
    const unprintable = Object.create(null) as object; // it has no toString at all
    breaker.note("render", unprintable, 0);
    expect(breaker.note("render", unprintable, 0)).toBe(true);
    expect(breaker.reason).toContain("in stage render: ");
  });

  it("refuses to open before the first throw", () => {
    expect(() => new BugBreaker({ bugs: 0 })).toThrow("breaker.bugs is 0");
    expect(() => new BugBreaker({ bugs: Number.NaN })).toThrow(RangeError);
  });
});
