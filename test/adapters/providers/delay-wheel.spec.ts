import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DelayWheel } from "../../../src/adapters/providers/delay-wheel.ts";
import { growth } from "../../support/growth.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** Of a bucket, in milliseconds. */
const WIDTH_MS = 8;

describe("the wheel of delays", () => {
  it("ends each wait when its time has come, with one timer for all of them, and none for none", async () => {
    const clock = new VirtualClock();
    const wheel = new DelayWheel(clock);
    const ended: string[] = [];
    wheel.after(1_000, () => ended.push("slow"));
    wheel.after(100, () => ended.push("fast"));
    const cancel = wheel.after(500, () => ended.push("cancelled"));
    expect(clock.timers).toBe(1);
    cancel();
    await clock.advance(100 + WIDTH_MS);
    expect(ended).toEqual(["fast"]);
    await clock.advance(1_000);
    expect(ended).toEqual(["fast", "slow"]);
    expect(clock.timers).toBe(0);
    expect(wheel.size).toBe(0);
  });

  it("never ends a wait early, later than a bucket's width, twice, or after it was cancelled, however long it is", async () => {
    const order = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ waitMs: fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 40_000 })) }),
      },
      { weight: 2, arbitrary: fc.record({ cancel: fc.nat({ max: 30 }) }) },
      {
        weight: 3,
        arbitrary: fc.record({ advanceMs: fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 20_000 })) }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(order, { maxLength: 30 }), async (orders) => {
        const clock = new VirtualClock();
        const wheel = new DelayWheel(clock);
        const waits: { dueMs: number; endedMs: number | null; isCancelled: boolean; cancel: () => void }[] =
          [];
        for (const given of orders) {
          if ("waitMs" in given) {
            const wait = {
              dueMs: clock.nowMs + given.waitMs,
              endedMs: null as number | null,
              isCancelled: false,
              cancel: () => {},
            };
            wait.cancel = wheel.after(given.waitMs, () => {
              expect(wait.endedMs).toBeNull();
              expect(wait.isCancelled).toBe(false);
              wait.endedMs = clock.nowMs;
            });
            waits.push(wait);
          } else if ("cancel" in given) {
            const wait = waits[given.cancel];
            wait?.cancel();
            if (wait?.endedMs === null) wait.isCancelled = true;
          } else await clock.advance(given.advanceMs);
        }
        await clock.advance(50_000);
        for (const { dueMs, endedMs, isCancelled } of waits) {
          if (isCancelled) continue;
          expect(endedMs).toBeGreaterThanOrEqual(dueMs);
          expect(endedMs).toBeLessThanOrEqual(dueMs + WIDTH_MS);
        }
        expect(wheel.size).toBe(0);
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("does not run what another one cancels in the same instant", async () => {
    const clock = new VirtualClock();
    const wheel = new DelayWheel(clock);
    const ended: string[] = [];
    const cancels: (() => void)[] = [];
    for (const name of ["one", "other"]) {
      cancels.push(
        wheel.after(10, () => {
          ended.push(name);
          for (const cancel of cancels) cancel();
        }),
      );
    }
    await clock.advance(100);
    expect(ended).toEqual(["one"]);
  });

  it("lets everything go when it is cleared, and waits for ever where it is told to", async () => {
    const clock = new VirtualClock();
    const wheel = new DelayWheel(clock);
    wheel.after(Infinity, () => expect.unreachable());
    expect(wheel.size).toBe(0);
    wheel.after(10, () => expect.unreachable());
    wheel.clear();
    await clock.advance(1_000);
    expect(clock.timers).toBe(0);
    expect(() => wheel.after(Number.NaN, () => undefined)).toThrow(RangeError);
  });

  it("costs the same for each wait, however many there are", () => {
    const clock = new VirtualClock();
    const wheelWith = (waits: number): DelayWheel => {
      const wheel = new DelayWheel(clock);
      for (let at = 0; at < waits; at += 1) wheel.after(1_000 + (at % 7_000), () => undefined);
      return wheel;
    };
    const [few, many] = [wheelWith(100), wheelWith(100_000)];
    const round = (wheel: DelayWheel) => () => {
      for (let at = 0; at < 2_000; at += 1) wheel.after(2_000 + at, () => undefined)();
    };
    expect(growth(round(few), round(many))).toBeLessThan(3);
  });
});
