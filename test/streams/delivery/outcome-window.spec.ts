/** How many of the latest outcomes were trouble. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutcomeWindow } from "../../../src/streams/delivery/outcome-window.ts";

describe("the window of outcomes", () => {
  it("counts what was noted lately, and forgets what is older", () => {
    const window = new OutcomeWindow(1_000);
    window.note(true, 0);
    window.note(false, 500);
    expect(window.counts(500)).toEqual({ all: 2, troubles: 1 });
    window.note(true, 1_050);
    expect(window.counts(1_050)).toEqual({ all: 2, troubles: 1 });
    expect(window.troublesInARow).toBe(1);
    expect(window.counts(60_000)).toEqual({ all: 0, troubles: 0 });
    window.clear();
    expect(window.troublesInARow).toBe(0);
  });

  it("always counts all of the last nine tenths of its span, and nothing older than its span", () => {
    const outcome = fc.record({ isTrouble: fc.boolean(), afterMs: fc.nat({ max: 400 }) });
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 2_000 }),
        fc.array(outcome, { maxLength: 50 }),
        (spanMs, outcomes) => {
          const window = new OutcomeWindow(spanMs);
          const noted: { readonly atMs: number; readonly isTrouble: boolean }[] = [];
          let nowMs = 0;
          for (const { isTrouble, afterMs } of outcomes) {
            nowMs += afterMs;
            window.note(isTrouble, nowMs);
            noted.push({ atMs: nowMs, isTrouble });
            const { all, troubles } = window.counts(nowMs);
            const within = (ms: number): typeof noted => noted.filter(({ atMs }) => nowMs - atMs < ms);
            expect(all).toBeGreaterThanOrEqual(within(spanMs * 0.9).length);
            expect(all).toBeLessThanOrEqual(within(spanMs + 1e-6).length);
            expect(troubles).toBeLessThanOrEqual(within(spanMs + 1e-6).filter((one) => one.isTrouble).length);
          }
          const last = noted.findLastIndex((one) => !one.isTrouble);
          expect(window.troublesInARow).toBe(noted.length - 1 - last);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
