import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "../../src/domain/policy.ts";

describe("backoffMs", () => {
  it("grows by its factor up to its cap", () => {
    const backoff = { firstMs: 1_000, factor: 2, capMs: 5_000 };
    expect([0, 1, 2, 3, 10_000].map((failures) => backoffMs(backoff, failures, 0))).toEqual([
      1_000, 2_000, 4_000, 5_000, 5_000,
    ]);
  });

  it("is halved by the strongest jitter", () => {
    expect(backoffMs({ firstMs: 1_000, factor: 2, capMs: 5_000 }, 0, 1)).toBe(500);
  });

  it("never is zero, never passes its cap, and never shrinks as failures add up", () => {
    const anyBackoff = fc.record({
      firstMs: fc.integer({ min: 1, max: 100_000 }),
      factor: fc.double({ min: 1, max: 100, noNaN: true }),
      capMs: fc.integer({ min: 100_000, max: 1_000_000_000 }),
    });
    const anyJitter = fc.oneof(fc.double(), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(anyBackoff, fc.nat(5_000), anyJitter, (backoff, failures, jitter) => {
        const waitMs = backoffMs(backoff, failures, jitter);
        expect(waitMs).toBeGreaterThanOrEqual(1);
        expect(waitMs).toBeLessThanOrEqual(backoff.capMs);
        expect(Number.isInteger(waitMs)).toBe(true);
        expect(backoffMs(backoff, failures + 1, jitter)).toBeGreaterThanOrEqual(waitMs);
      }),
      { numRuns: 1_000 },
    );
  });
});
