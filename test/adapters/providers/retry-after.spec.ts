import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryAfterMs } from "../../../src/adapters/providers/retry-after.ts";

const NOW = Date.UTC(2026, 10, 21, 3, 0, 0);

describe("Retry-After", () => {
  it.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Sat, 21 Nov 2026 03:00:30 GMT", 30_000],
    ["Sat, 21 Nov 2026 02:00:00 GMT", 0],
    [undefined, null],
    ["", null],
    ["-5", null],
    ["1.5", null],
    ["soon", null],
    ["9999999999", null],
    ["Sat, 99 Nov 2026 03:00:30 GMT", null],
    ["2026-11-21T03:00:30Z", null],
  ])("%s", (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });

  it("always reads a date as it is sent, to the second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * 365 * 86_400 }), (seconds) => {
        expect(retryAfterMs(new Date(NOW + seconds * 1_000).toUTCString(), NOW)).toBe(seconds * 1_000);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never asks for a negative or an unreadable time, whatever the header says", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (header) => {
          const ms = retryAfterMs(header, NOW);
          expect(ms === null || (Number.isFinite(ms) && ms >= 0)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
