import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant, type Instant } from "../../src/domain/ids.ts";
import {
  nextReading,
  SEOUL,
  steadyStretch,
  zoneId,
  zoneTime,
  type ZoneId,
} from "../../src/domain/zone-time.ts";
import { anyInstant, anyMinuteOfDay, anyZone, at, zone } from "./policy-arbitraries.ts";

const isoOf = (moment: Instant) => new Date(moment).toISOString();

/** What Intl itself shows, one reading at a time, with nothing remembered in between. */
const readers = new Map<string, Intl.DateTimeFormat>();
const shownByIntl = (moment: Instant, where: ZoneId) => {
  const reader =
    readers.get(where) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone: where,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      weekday: "short",
    });
  readers.set(where, reader);
  const parts = new Map(reader.formatToParts(moment).map(({ type, value }) => [type, value]));
  const hour = Number(parts.get("hour"));
  return {
    billingMonth: Number(`${parts.get("year")}${parts.get("month")}`),
    day: Number(parts.get("day")),
    hour,
    minuteOfDay: hour * 60 + Number(parts.get("minute")),
    weekday: parts.get("weekday")?.toLowerCase(),
  };
};

describe("zoneTime", () => {
  it("reads billing month, day and hour in the zone, not in UTC", () => {
    expect(zoneTime(at("2026-06-30T15:30:00Z"), SEOUL)).toEqual({
      billingMonth: 202607,
      day: 1,
      hour: 0,
      minuteOfDay: 30,
      weekday: "wed",
    });
  });

  it("reads the hour that a spring change leaves out as the hour after it", () => {
    const newYork = zone("America/New_York");
    expect(zoneTime(at("2026-03-08T06:59:59.999Z"), newYork).minuteOfDay).toBe(119);
    expect(zoneTime(at("2026-03-08T07:00:00Z"), newYork).minuteOfDay).toBe(180);
  });

  it("always shows what Intl shows", () => {
    fc.assert(
      fc.property(anyInstant, anyZone, (moment, where) => {
        expect(zoneTime(moment, where)).toEqual(shownByIntl(moment, where));
      }),
      { numRuns: 3_000 },
    );
  });

  it("refuses instants for which no zone has rules, instead of inventing a date", () => {
    expect(() => zoneTime(instant(-8e15), SEOUL)).toThrow(RangeError);
    expect(() => zoneTime(instant(8e15), SEOUL)).toThrow(RangeError);
    expect(() => zoneTime(at("1900-01-01T23:59:59Z"), SEOUL)).toThrow(RangeError);
    expect(zoneTime(at("1900-01-02T00:00:00Z"), zone("Pacific/Apia")).billingMonth).toBeGreaterThan(190000);
    expect(zoneTime(at("9999-12-30T23:59:59Z"), zone("Pacific/Kiritimati")).billingMonth).toBe(999912);
  });
});

describe("steadyStretch", () => {
  it("always holds the instant it was asked for, and one offset for all of it", () => {
    fc.assert(
      fc.property(anyInstant, anyZone, fc.double({ min: 0, max: 1, noNaN: true }), (moment, where, share) => {
        const stretch = steadyStretch(moment, where);
        expect(stretch.fromMs).toBeLessThanOrEqual(moment);
        expect(stretch.untilMs).toBeGreaterThan(moment);
        const elsewhereMs = Math.min(
          stretch.untilMs - 1,
          stretch.fromMs + share * (stretch.untilMs - stretch.fromMs),
        );
        expect(steadyStretch(elsewhereMs, where)).toEqual(stretch);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("nextReading", () => {
  it("finds eight o'clock of the same morning or of the next one", () => {
    expect(isoOf(nextReading(at("2026-06-15T22:00:00Z"), SEOUL, 480))).toBe("2026-06-15T23:00:00.000Z");
    expect(isoOf(nextReading(at("2026-06-15T23:00:00Z"), SEOUL, 480))).toBe("2026-06-16T23:00:00.000Z");
  });

  it("waits a day for a reading that the spring change leaves out", () => {
    const berlin = zone("Europe/Berlin");
    expect(isoOf(nextReading(at("2026-03-29T00:00:00Z"), berlin, 150))).toBe("2026-03-30T00:30:00.000Z");
  });

  it("finds a reading twice on the night that repeats it", () => {
    const berlin = zone("Europe/Berlin");
    const first = nextReading(at("2026-10-24T22:00:00Z"), berlin, 150);
    expect(isoOf(first)).toBe("2026-10-25T00:30:00.000Z");
    expect(isoOf(nextReading(first, berlin, 150))).toBe("2026-10-25T01:30:00.000Z");
  });

  it("skips the day that Apia never had", () => {
    expect(isoOf(nextReading(at("2011-12-30T08:00:00Z"), zone("Pacific/Apia"), 720))).toBe(
      "2011-12-30T22:00:00.000Z",
    );
  });

  it("is always the first whole minute after the instant that shows the reading", () => {
    fc.assert(
      fc.property(anyInstant, anyZone, anyMinuteOfDay, (moment, where, minuteOfDay) => {
        let expected = (Math.floor(moment / 60_000) + 1) * 60_000;
        while (zoneTime(instant(expected), where).minuteOfDay !== minuteOfDay) expected += 60_000;
        expect(nextReading(moment, where, minuteOfDay)).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("zoneId", () => {
  it("takes a zone in any spelling and keeps one", () => {
    expect(zoneId("asia/seoul")).toEqual(Result.succeed("Asia/Seoul"));
  });

  it("refuses what is no zone, by name", () => {
    expect(zoneId("Asia/Soul")).toEqual(Result.fail('"Asia/Soul" is no zone of the IANA database'));
    expect(Result.isFailure(zoneId(""))).toBe(true);
  });
});
