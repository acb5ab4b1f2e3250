import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant } from "../../src/domain/ids.ts";
import { onDayOfMonth, readTime } from "../../src/domain/local-time.ts";
import { DAY_MS, SEOUL, zoneId, zoneTime, type ZoneId } from "../../src/domain/zone-time.ts";
import { anyText } from "./text-arbitraries.ts";

const RUNS = { numRuns: 1_000 };
const zone = (name: string): ZoneId => Result.getOrThrow(zoneId(name));
const BERLIN = zone("Europe/Berlin");
const ZONES = [
  SEOUL,
  BERLIN,
  zone("America/New_York"),
  zone("Asia/Kathmandu"),
  zone("Pacific/Apia"),
  zone("America/Asuncion"),
];
const anyZone = fc.constantFrom(...ZONES);
const anyInstant = fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2090, 0, 1) }).map(instant);

const read = (written: string, where = SEOUL): string => {
  const time = readTime(written, where);
  return Result.isSuccess(time) ? new Date(time.success).toISOString() : time.failure;
};

describe("readTime", () => {
  it("takes a time with an offset for an instant, one without for the zone's, and a date for the beginning of its day", () => {
    expect(read("2026-11-21T09:00:00+09:00")).toBe("2026-11-21T00:00:00.000Z");
    expect(read("2026-11-21T09:00")).toBe("2026-11-21T00:00:00.000Z");
    expect(read("2026-11-21")).toBe("2026-11-20T15:00:00.000Z");
  });

  it.each([
    ["2026-11-21T00:00:00Z", "2026-11-21T00:00:00.000Z"],
    ["2026-11-21T00:00:00.1239Z", "2026-11-21T00:00:00.123Z"],
    ["2026-11-21T00:00:00.5Z", "2026-11-21T00:00:00.500Z"],
    ["2026-11-21 09:00:00+09", "2026-11-21T00:00:00.000Z"],
    ["2026-11-21 09:00:00.25+0930", "2026-11-20T23:30:00.250Z"],
    ["2026-11-20T16:00:00-08:00", "2026-11-21T00:00:00.000Z"],
    ["2024-02-29", "2024-02-28T15:00:00.000Z"],
  ])("reads %s", (written, at) => {
    expect(read(written)).toBe(at);
  });

  it.each([
    "",
    "tomorrow",
    "21.11.2026",
    "2026-11-21T9:00",
    "2026-11-21T09",
    "2026-11-21+09:00",
    "1763683200000",
  ])("finds no time in %j", (written) => {
    expect(read(written)).toBe("form");
  });

  it.each([
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-11-31",
    "2026-11-21T24:00",
    "2026-11-21T10:60",
    "2026-11-21T10:00:60Z",
    "2026-11-21T10:00+15:00",
    "2026-11-21T10:00+05:75",
  ])("knows no calendar or clock that shows %s", (written) => {
    expect(read(written)).toBe("calendar");
  });

  it.each(["1970-12-31", "9999-01-01"])("does not reckon with %s", (written) => {
    expect(read(written)).toBe("year");
  });

  it("takes the first instant after a gap, and the first of two in an overlap", () => {
    expect(read("2026-03-29T02:30", BERLIN)).toBe("2026-03-29T01:00:00.000Z");
    expect(read("2026-10-25T02:30", BERLIN)).toBe("2026-10-25T00:30:00.000Z");
    expect(read("2011-12-30", zone("Pacific/Apia"))).toBe("2011-12-30T10:00:00.000Z"); // a day that Samoa left out
  });

  it("always reads an instant back that was written with its offset", () => {
    fc.assert(
      fc.property(anyInstant, anyZone, (at, where) => {
        expect(read(new Date(at).toISOString(), where)).toBe(new Date(at).toISOString());
      }),
      RUNS,
    );
  });

  it("always finds the first instant at which the zone's clock shows the date", () => {
    fc.assert(
      fc.property(anyInstant, anyZone, (at, where) => {
        const day = new Date(at).toISOString().slice(0, 10);
        const found = Result.getOrThrow(readTime(day, where));
        const shown = zoneTime(found, where);
        const before = zoneTime(instant(found - 1), where);
        expect(before.day).not.toBe(shown.day);
        // A day that was left out begins with the next one.
        if (day !== "2011-12-30") expect(shown.day).toBe(Number(day.slice(8)));
      }),
      RUNS,
    );
  });

  it("never throws, whatever is written", () => {
    const nearly = fc.stringMatching(
      /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$/,
    );
    fc.assert(
      fc.property(fc.oneof(anyText, nearly), anyZone, (written, where) => {
        readTime(written, where);
      }),
      RUNS,
    );
  });
});

describe("onDayOfMonth", () => {
  const at = instant(Date.UTC(2026, 10, 21, 3));

  it("is now on that day, else the beginning of the next such day; the 31st of a short month is its last", () => {
    expect(onDayOfMonth(at, 21, SEOUL)).toBe(at);
    expect(new Date(onDayOfMonth(at, 25, SEOUL)).toISOString()).toBe("2026-11-24T15:00:00.000Z");
    expect(new Date(onDayOfMonth(at, 20, SEOUL)).toISOString()).toBe("2026-12-19T15:00:00.000Z");
    expect(new Date(onDayOfMonth(at, 31, SEOUL)).toISOString()).toBe("2026-11-29T15:00:00.000Z");
    const january = instant(Date.UTC(2027, 0, 31, 20));
    expect(new Date(onDayOfMonth(january, 30, SEOUL)).toISOString()).toBe("2027-02-27T15:00:00.000Z");
  });

  it("never goes back, never further than to the end of a month, and always lands on the day or the month's last", () => {
    fc.assert(
      fc.property(anyInstant, fc.integer({ min: 1, max: 31 }), anyZone, (from, day, where) => {
        const found = onDayOfMonth(from, day, where);
        expect(found).toBeGreaterThanOrEqual(from);
        expect(found - from).toBeLessThanOrEqual(32 * DAY_MS);
        const shown = zoneTime(found, where);
        const isLast = zoneTime(instant(found + DAY_MS + 3_600_000), where).day === 1;
        if (shown.day !== day) expect(isLast && shown.day < day).toBe(true);
      }),
      { ...RUNS },
    );
  });
});
