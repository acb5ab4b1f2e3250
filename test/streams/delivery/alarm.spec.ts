/** One timer, set anew as often as one likes. */
import { describe, expect, it } from "vitest";
import { Alarm } from "../../../src/streams/delivery/alarm.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

describe("an alarm", () => {
  it("rings once, at the time for which it was set last", async () => {
    const clock = new VirtualClock();
    const rung: number[] = [];
    const alarm = new Alarm(clock, () => rung.push(clock.nowMs));
    alarm.set(500);
    alarm.set(100);
    expect(clock.timers).toBe(1);
    await clock.advance(1_000);
    alarm.set(50);
    alarm.set(Infinity);
    await clock.advance(1_000);
    expect(rung).toEqual([100]);
    expect(clock.timers).toBe(0);
  });

  it("keeps the timer that it has where it is set for the same time again", () => {
    const clock = new VirtualClock();
    let set = 0;
    const counted = {
      ...clock,
      monotonicMs: clock.monotonicMs,
      after: (ms: number, run: () => void) => ((set += 1), clock.after(ms, run)),
    };
    const alarm = new Alarm(counted, () => undefined);
    for (let times = 0; times < 100; times += 1) alarm.set(500);
    expect(set).toBe(1);
  });
});
