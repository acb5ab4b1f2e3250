import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadlines, type Timed } from "../../../src/streams/runtime/deadlines.ts";
import { NOWHERE } from "../../../src/streams/runtime/roll.ts";
import { growth } from "../../support/growth.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

class Thing implements Timed {
  readonly name: number;
  readonly passed: () => void;
  atMs = 0;
  place = NOWHERE;

  constructor(name: number, passed: () => void) {
    this.name = name;
    this.passed = passed;
  }
}

describe("deadlines", () => {
  it("pass when their time is up, unless they were met", async () => {
    const clock = new VirtualClock();
    const deadlines = new Deadlines(clock, 100);
    const passed: string[] = [];
    const [met, missed] = ["met", "missed"].map(
      (name, index) => new Thing(index, () => passed.push(`${name} at ${clock.nowMs}`)),
    );
    if (met === undefined || missed === undefined) throw new Error("two were made");
    deadlines.set(met);
    await clock.advance(60);
    deadlines.set(missed);
    deadlines.clear(met);
    await clock.advance(1_000);
    expect(passed).toEqual(["missed at 160"]);
  });

  it("never pass early, late, twice, or after they were met; and take one timer between them, or none", async () => {
    const order = fc.oneof(
      { weight: 5, arbitrary: fc.constant("set" as const) },
      { weight: 4, arbitrary: fc.record({ clear: fc.nat({ max: 60 }) }) },
      { weight: 3, arbitrary: fc.record({ advance: fc.integer({ min: 0, max: 60 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.array(order, { maxLength: 50 }),
        async (lengthMs, orders) => {
          const clock = new VirtualClock();
          const deadlines = new Deadlines(clock, lengthMs);
          const passed: string[] = [];
          const things: Thing[] = [];
          let due: { readonly name: number; readonly atMs: number }[] = [];
          const expected: string[] = [];
          for (const given of orders) {
            if (given === "set") {
              const name = things.length;
              const thing = new Thing(name, () => passed.push(`${name} at ${clock.nowMs}`));
              things.push(thing);
              deadlines.set(thing);
              due.push({ name, atMs: clock.nowMs + lengthMs });
            } else if ("clear" in given) {
              const thing = things[given.clear];
              if (thing === undefined) continue;
              deadlines.clear(thing);
              due = due.filter(({ name }) => name !== thing.name);
            } else {
              await clock.advance(given.advance);
              expected.push(
                ...due
                  .filter(({ atMs }) => atMs <= clock.nowMs)
                  .map(({ name, atMs }) => `${name} at ${atMs}`),
              );
              due = due.filter(({ atMs }) => atMs > clock.nowMs);
            }
            expect(passed).toEqual(expected);
            expect(clock.timers).toBe(due.length === 0 ? 0 : 1);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("may be met and set by one another while they pass", async () => {
    const clock = new VirtualClock();
    const deadlines = new Deadlines(clock, 10);
    const passed: string[] = [];
    const third = new Thing(3, () => passed.push(`third at ${clock.nowMs}`));
    const second = new Thing(2, () => passed.push("second, which was met"));
    const first = new Thing(1, () => {
      passed.push(`first at ${clock.nowMs}`);
      deadlines.clear(second);
      deadlines.set(third);
    });
    deadlines.set(first);
    deadlines.set(second);
    await clock.advance(100);
    expect(passed).toEqual(["first at 10", "third at 20"]);
    expect(clock.timers).toBe(0);
  });

  it("hold even when a timer wakes too early", () => {
    let nowMs = 0;
    const timers: (() => void)[] = [];
    const early = {
      monotonicMs: () => nowMs,
      wallMs: () => 0,
      soon: () => undefined,
      after: (_ms: number, run: () => void) => {
        timers.push(run);
        return () => undefined;
      },
    };
    const deadlines = new Deadlines(early, 100);
    let passed = 0;
    deadlines.set(
      new Thing(1, () => {
        passed += 1;
      }),
    );
    nowMs = 99.4;
    timers.shift()?.();
    expect(passed).toBe(0);
    nowMs = 100;
    timers.shift()?.();
    expect(passed).toBe(1);
  });

  it("cost the same to set and meet with 1,000 and with 50,000 set", () => {
    const steadyState = (count: number): (() => void) => {
      const clock = new VirtualClock();
      const deadlines = new Deadlines(clock, 30_000);
      const things = Array.from({ length: count }, (_, name) => new Thing(name, () => undefined));
      for (const thing of things) deadlines.set(thing);
      let state = 7;
      return () => {
        for (let turn = 0; turn < 2_000; turn += 1) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          const thing = things[state % count];
          if (thing === undefined) continue;
          deadlines.clear(thing);
          deadlines.set(thing);
        }
      };
    };
    // a linear cost would be fifty times; what is left is the memory's own distance on a busy machine
    expect(growth(steadyState(1_000), steadyState(50_000))).toBeLessThan(10);
  });
});
