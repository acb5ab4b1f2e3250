/**
 * Reads a time as people and other systems write it, and finds where local days begin.
 *
 * A time with an offset (`2026-11-21T09:00:00+09:00`, `…Z`) is an instant; one without is what the clock in the zone shows,
 * and a date alone is the beginning of that day there. Where the clocks leave a reading out, the first instant after the
 * gap is meant; where they show it twice, the first time.
 */
import { Result } from "effect";
import { instant, type Instant } from "./ids.ts";
import { calendarDay, DAY_MS, MINUTE_MS, steadyStretch, type ZoneId } from "./zone-time.ts";

/** Why a text is no time. */
export const TIME_REFUSALS = {
  form: "is no time: write 2026-11-21T09:00:00+09:00, 2026-11-21T09:00 or 2026-11-21",
  calendar: "is a time that no calendar or clock shows",
  year: "is not between the years 1971 and 9998",
} as const;
export type TimeRefusal = keyof typeof TIME_REFUSALS;

const WRITTEN =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;
const FIRST_YEAR = 1971;
const LAST_YEAR = 9998;

export const readTime = (written: string, zone: ZoneId): Result.Result<Instant, TimeRefusal> => {
  const match = WRITTEN.exec(written);
  if (match === null) return Result.fail("form");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(numberOf);
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const shown = new Date(localMs);
  // An overflow (30 February, 24:30) comes out as another time than the one that went in.
  if (
    shown.getUTCMonth() !== month - 1 ||
    shown.getUTCDate() !== day ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    return Result.fail("calendar");
  if (year < FIRST_YEAR || year > LAST_YEAR) return Result.fail("year");
  const ms = localMs + numberOf((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  const offset = match[8];
  if (offset === undefined) return Result.succeed(firstInstantAt(ms, zone));
  const offsetMs = readOffset(offset);
  return offsetMs === undefined ? Result.fail("calendar") : Result.succeed(instant(ms - offsetMs));
};

const numberOf = (digits: string | undefined): number => Number(digits ?? 0);

/** No place is further from UTC than 14 hours. */
const MAX_OFFSET_MINUTES = 14 * 60;

const readOffset = (written: string): number | undefined => {
  if (written === "Z") return 0;
  const digits = written.slice(1).replace(":", "").padEnd(4, "0");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  if (minutes > MAX_OFFSET_MINUTES || Number(digits.slice(2)) > 59) return undefined;
  return (written.startsWith("-") ? -minutes : minutes) * MINUTE_MS;
};

/** @param localMs a reading of the local clock, as if it were UTC */
const firstInstantAt = (localMs: number, zone: ZoneId): Instant => {
  // A day before, no clock on earth shows this reading yet.
  for (
    let stretch = steadyStretch(localMs - DAY_MS, zone);
    ;
    stretch = steadyStretch(stretch.untilMs, zone)
  ) {
    const reachedMs = Math.max(stretch.fromMs, localMs - stretch.offsetMs);
    if (reachedMs < stretch.untilMs) return instant(reachedMs);
  }
};

/** Two months hold every day of the month at least once. */
const MAX_DAYS_TO_A_DAY_OF_MONTH = 62;

/**
 * The first instant, not before `at`, on that day of a month in the zone: `at` itself where that is today, else the beginning
 * of the day. In a month that has no such day, its last one.
 */
export const onDayOfMonth = (at: Instant, dayOfMonth: number, zone: ZoneId): Instant => {
  const today = Math.floor((at + steadyStretch(at, zone).offsetMs) / DAY_MS);
  for (let ahead = 0; ahead <= MAX_DAYS_TO_A_DAY_OF_MONTH; ahead += 1) {
    const { day } = calendarDay(today + ahead);
    const isLast = calendarDay(today + ahead + 1).day === 1;
    if (day === dayOfMonth || (isLast && day < dayOfMonth))
      return ahead === 0 ? at : firstInstantAt((today + ahead) * DAY_MS, zone);
  }
  throw new RangeError(`no month has a day ${dayOfMonth}`);
};
