import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BugBreaker } from "../../../src/streams/runtime/bug-breaker.ts";

describe("the breaker on bugs", () => {
  it("takes a few throws for bad records, and one more for a bad deployment", () => {
    const breaker = new BugBreaker({ bugs: 2, withinMs: 1_000 });
    expect(breaker.note("render", { error: new TypeError("x is not a function") }, 0)).toBe(false);
    expect(breaker.note("render", { error: new TypeError("x is not a function") }, 1)).toBe(false);
    expect(breaker.reason).toBeNull();
    expect(breaker.note("render", { error: new TypeError("x is not a function") }, 2)).toBe(true);
    expect(breaker.reason).toContain(
      "3 unexpected throws within 1000 ms, the last in stage render: TypeError at ",
    );
  });

  it("says where it was thrown, and not the text, which may quote what was read", () => {
    const breaker = new BugBreaker({ bugs: 1 });
    const parse = (): unknown => JSON.parse("somebody@example.com");
    for (let time = 0; time < 2; time += 1) {
      try {
        parse();
      } catch (error) {
        breaker.note("parse", { error }, time);
      }
    }
    expect(breaker.reason).toContain("SyntaxError at JSON.parse");
    expect(breaker.reason).not.toContain("somebody");
  });

  it("counts one throw once, however many items it struck", () => {
    const breaker = new BugBreaker({ bugs: 1 });
    const thrown = { error: new Error("a batch of a hundred") };
    for (let item = 0; item < 100; item += 1) expect(breaker.note("send", thrown, 0)).toBe(false);
    expect(breaker.note("send", { error: thrown.error }, 0)).toBe(true);
  });

  it("forgets throws that lie apart", () => {
    const breaker = new BugBreaker({ bugs: 1, withinMs: 1_000 });
    for (let nowMs = 0; nowMs < 100_000; nowMs += 1_000) {
      expect(breaker.note("render", { error: "odd" }, nowMs)).toBe(false);
    }
    expect(breaker.note("render", { error: "odd" }, 99_999)).toBe(true);
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
            expect(breaker.note("any", { error: new Error("no") }, nowMs)).toBe(opens);
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
    breaker.note("render", { error: new Error("first") }, 0);
    breaker.note("render", { error: new RangeError("second") }, 0);
    breaker.note("send", { error: new TypeError("third") }, 0);
    expect(breaker.reason).toContain("render: RangeError at ");
  });

  it("opens by what cannot be printed, too", () => {
    const breaker = new BugBreaker({ bugs: 1 });
    const unprintable = Object.create(null) as object; // it has no toString at all
    breaker.note("render", { error: unprintable }, 0);
    expect(breaker.note("render", { error: unprintable }, 0)).toBe(true);
    expect(breaker.reason).toContain("in stage render: ");
  });

  it("refuses to open before the first throw", () => {
    expect(() => new BugBreaker({ bugs: 0 })).toThrow("breaker.bugs is 0");
    expect(() => new BugBreaker({ bugs: Number.NaN })).toThrow(RangeError);
  });
});
