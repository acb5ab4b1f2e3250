import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { TOLD_WITHIN_MS, untilTold } from "../../src/service/until-told.ts";
import { RETOLD_AFTER_MS } from "../../src/domain/ports/letters.ts";
import type { Clock } from "../../src/streams/runtime/system-ports.ts";

/** Whoever waits is woken at once, at the time for which they waited. */
const leapingClock = (): Clock => {
  let nowMs = 0;
  return {
    monotonicMs: () => nowMs,
    wallMs: () => nowMs,
    soon: (work) => queueMicrotask(work),
    after: (ms, work) => {
      nowMs += ms;
      queueMicrotask(work);
      return () => undefined;
    },
  };
};

describe("waiting until dead letters are told", () => {
  it("ends when the last one has its line", async () => {
    const counts = [3, 2, 2, 0];
    const letters = { untoldCount: Effect.sync(() => counts.shift() ?? -1) };
    expect(await untilTold({ letters, clock: leapingClock() })).toBe(0);
    expect(counts).toEqual([]);
  });

  it("outlasts a relay that died with a letter in hand, and then says how many are left", async () => {
    const clock = leapingClock();
    const letters = { untoldCount: Effect.succeed(2) };
    expect(await untilTold({ letters, clock })).toBe(2);
    expect(clock.monotonicMs()).toBe(TOLD_WITHIN_MS);
    expect(TOLD_WITHIN_MS).toBeGreaterThan(RETOLD_AFTER_MS);
  });

  it("holds nobody up who wants to stop", async () => {
    const clock = leapingClock();
    const letters = { untoldCount: Effect.succeed(2) };
    expect(await untilTold({ letters, clock }, { signal: AbortSignal.abort() })).toBe(2);
    expect(clock.monotonicMs()).toBe(0);
  });
});
