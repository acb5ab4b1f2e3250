/** When a provider is asked as usual, not at all, or by a probe. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SendOutcome } from "../../../src/domain/ports/sender.ts";
import { BREAKER_LIMITS } from "../../../src/streams/delivery/breaker-limits.ts";
import { ProviderBreaker } from "../../../src/streams/delivery/provider-breaker.ts";

const ACCEPTED: SendOutcome = { kind: "accepted", providerMessageId: "id", words: "accepted" };
const UNKNOWN: SendOutcome = { kind: "unknown", words: "no answer" };
const DOWN: SendOutcome = { kind: "not-accepted", trouble: "down", retryAfterMs: null, words: "503" };
const busyFor = (retryAfterMs: number): SendOutcome => ({
  kind: "not-accepted",
  trouble: "busy",
  retryAfterMs,
  words: "429",
});
const NO_ADDRESS: SendOutcome = {
  kind: "not-accepted",
  trouble: "address",
  retryAfterMs: null,
  words: "404",
};

describe("a provider's circuit breaker", () => {
  it("goes from open to paused, to probing, and back to open with a ramp", () => {
    const breaker = new ProviderBreaker(BREAKER_LIMITS);
    expect(breaker.ended(breaker.took(), DOWN, 0)).toBe(true);
    expect([breaker.state, breaker.inMs(0), breaker.inMs(999.5), breaker.inMs(1_000)]).toEqual([
      "paused",
      1_000,
      1,
      0,
    ]);
    const probe = breaker.took();
    expect([breaker.state, breaker.inMs(1_000)]).toEqual(["probing", Infinity]);
    expect(breaker.ended(probe, ACCEPTED, 1_100)).toBe(true);
    expect([breaker.state, breaker.ramp, breaker.pause]).toEqual(["open", 2, null]);
    const [one] = [breaker.took(), breaker.took()];
    expect(breaker.inMs(1_100)).toBe(Infinity);
    breaker.ended(one ?? 0, ACCEPTED, 1_200);
    expect([breaker.ramp, breaker.inMs(1_200)]).toEqual([3, 0]);
  });

  it("does not look at troubles that are far apart, or few", () => {
    const breaker = new ProviderBreaker(BREAKER_LIMITS);
    for (let at = 0; at < 9; at += 1) breaker.ended(breaker.took(), UNKNOWN, 0);
    breaker.ended(breaker.took(), ACCEPTED, 0);
    for (let at = 0; at < 9; at += 1) breaker.ended(breaker.took(), UNKNOWN, 20_000);
    expect(breaker.state).toBe("open");
    expect(breaker.ended(breaker.took(), UNKNOWN, 20_000)).toBe(true);
    expect(breaker.pause).toMatchObject({
      cause: "too-many-troubles",
      reason: "trouble with 10 of the last 10 requests, at last: no answer",
    });
    expect(breaker.ended(breaker.took(), UNKNOWN, 40_000), "the probe").toBe(true);
    expect(breaker.pause).toMatchObject({ cause: "outcome-unknown", reason: "no answer" });
  });

  it("never tries a provider that always says no more often than its pauses allow, however many wait", () => {
    const no = fc.constantFrom(DOWN, NO_ADDRESS, busyFor(5_000), busyFor(120_000));
    fc.assert(
      fc.property(fc.array(no, { minLength: 1, maxLength: 60 }), fc.nat({ max: 200 }), (answers, lateMs) => {
        const breaker = new ProviderBreaker(BREAKER_LIMITS);
        let nowMs = 0;
        answers.forEach((outcome, pausesBefore) => {
          const pauses = pausesBefore + 1;
          breaker.ended(breaker.took(), outcome, nowMs);
          expect(pauses, `in ${nowMs} ms`).toBeLessThanOrEqual(6 + nowMs / BREAKER_LIMITS.longestPauseMs);
          nowMs += breaker.inMs(nowMs) + lateMs;
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it("always opens again once the provider is well, after no more than the longest pause that was due", () => {
    const outcome = fc.constantFrom(ACCEPTED, UNKNOWN, DOWN, NO_ADDRESS, busyFor(5_000), busyFor(9e12), null);
    fc.assert(
      fc.property(
        fc.array(fc.record({ outcome, afterMs: fc.nat({ max: 40_000 }) }), { maxLength: 40 }),
        (steps) => {
          const breaker = new ProviderBreaker(BREAKER_LIMITS);
          let nowMs = 0;
          for (const step of steps) {
            nowMs += step.afterMs;
            if (breaker.inMs(nowMs) > 0) continue;
            breaker.ended(breaker.took(), step.outcome, nowMs);
            expect(breaker.pause === null).toBe(breaker.state === "open");
          }
          const leftMs = breaker.inMs(nowMs);
          expect(leftMs).toBeLessThanOrEqual(BREAKER_LIMITS.longestAskedPauseMs);
          nowMs += leftMs;
          expect(breaker.inMs(nowMs)).toBe(0);
          breaker.ended(breaker.took(), ACCEPTED, nowMs);
          expect(breaker.state).toBe("open");
          for (let round = 0; round < 20; round += 1) {
            expect(breaker.inMs(nowMs)).toBe(0);
            breaker.ended(breaker.took(), ACCEPTED, nowMs);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
