import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant } from "../../src/domain/ids.ts";
import { isoInstant } from "../../src/domain/iso-instant.ts";

describe("an instant in words", () => {
  it("is what a calendar shows, in UTC", () => {
    expect(isoInstant(instant(1_700_000_000_000))).toBe("2023-11-14T22:13:20.000Z");
  });

  it("is said in words where no calendar reaches", () => {
    expect(isoInstant(instant(9e15))).toBe("the end of time");
    expect(isoInstant(instant(-9e15))).toBe("the beginning of time");
  });

  it("never throws, whatever a ledger holds", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (ms) => {
        expect(isoInstant(instant(ms))).not.toContain("Invalid");
      }),
      { numRuns: 1_000 },
    );
  });
});
