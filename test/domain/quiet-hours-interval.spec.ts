import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clockReading,
  intervalInWords,
  isWithin,
  minuteOfReading,
} from "../../src/domain/quiet-hours-interval.ts";

describe("a quiet interval", () => {
  it("runs over midnight when it ends before it begins", () => {
    const night = { fromMinute: 21 * 60, untilMinute: 8 * 60 };
    expect(isWithin(night, 21 * 60)).toBe(true);
    expect(isWithin(night, 0)).toBe(true);
    expect(isWithin(night, 8 * 60 - 1)).toBe(true);
    expect(isWithin(night, 8 * 60)).toBe(false);
    expect(isWithin(night, 21 * 60 - 1)).toBe(false);
    expect(intervalInWords(night)).toBe("21:00–08:00");
  });

  it("never is quiet at a minute at which its reverse is, and one of the two always is", () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(minute, minute, minute, (fromMinute, untilMinute, now) => {
        fc.pre(fromMinute !== untilMinute);
        const there = isWithin({ fromMinute, untilMinute }, now);
        const back = isWithin({ fromMinute: untilMinute, untilMinute: fromMinute }, now);
        expect(there).toBe(!back);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a clock reading", () => {
  it("is two digits, a colon and two digits; only an end may be 24:00", () => {
    expect(minuteOfReading("21:30", "from")).toBe(1290);
    expect(minuteOfReading("24:00", "until")).toBe(1440);
    expect(minuteOfReading("24:00", "from")).toBeUndefined();
    for (const wrong of ["24:01", "9:00", "21:60", "21.00", "", " 21:00", "21:00\n"]) {
      expect(minuteOfReading(wrong, "until"), JSON.stringify(wrong)).toBeUndefined();
    }
  });

  it("always reads back as the minute it was written for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1440 }), (minute) => {
        expect(minuteOfReading(clockReading(minute), "until")).toBe(minute);
      }),
      { numRuns: 1_000 },
    );
  });
});
