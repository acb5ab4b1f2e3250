/**
 * What the clock on the wall shows in a zone at an instant, and when it next shows a given time.
 *
 * Everything rests on stretches: times between which a zone's offset from UTC is steady. Inside one, wall clock and
 * instants run side by side, and a change of daylight saving is simply where one stretch ends and the next begins.
 * So gaps (02:30 that never comes) and overlaps (01:30 that comes twice) need no cases of their own.
 *
 * `Intl` is asked for an offset at most a few times per zone and day, about 3 µs each; the answers are kept. They
 * are found by looking at both ends of a UTC day, which is exact because no zone has changed its offset twice within
 * three days since 1900 (the shortest stretch in the zone database is four days long).
 */
import type { Brand } from "effect";
import { Result } from "effect";
import { instant, period, type Instant, type Period } from "./ids.ts";

/** An IANA zone name that this runtime knows, in the spelling that it prefers. */
export type ZoneId = string & Brand.Brand<"ZoneId">;

/** In the order of ISO 8601: Monday first. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** Looking a name up costs tens of µs, and every recipient's wishes name one. Forgotten as a whole when full. */
const knownZones = new Map<string, ZoneId>();
const MAX_KNOWN_ZONES = 1_000;

/** Reads a zone's name. What is refused is named, since a zone is a setting and no secret. */
export const zoneId = (name: string): Result.Result<ZoneId, string> => {
  const known = knownZones.get(name);
  if (known !== undefined) return Result.succeed(known);
  try {
    const { timeZone } = new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions();
    const zone = timeZone as ZoneId; // Intl knows it: that is what the brand stands for
    if (knownZones.size >= MAX_KNOWN_ZONES) knownZones.clear();
    knownZones.set(name, zone);
    return Result.succeed(zone);
  } catch {
    return Result.fail(`${JSON.stringify(name.slice(0, 40))} is no zone of the IANA database`);
  }
};

/** Where nothing else is said: the zone of the people this service was first written for. */
export const SEOUL = "Asia/Seoul" as ZoneId; // a name that every runtime with the zone database knows

export interface ZoneTime {
  readonly billingMonth: Period;
  /** Day of the month, 1 to 31. */
  readonly day: number;
  /** 0 to 23. */
  readonly hour: number;
  /** Whole minutes since local midnight by the clock's reading, 0 to 1439. */
  readonly minuteOfDay: number;
  readonly weekday: Weekday;
}

export const zoneTime = (at: Instant, zone: ZoneId): ZoneTime => {
  const localMs = at + steadyStretch(at, zone).offsetMs;
  const localDay = Math.floor(localMs / DAY_MS);
  const minuteOfDay = Math.floor((localMs - localDay * DAY_MS) / MINUTE_MS);
  const { billingMonth, day, weekday } = calendarDay(localDay);
  return { billingMonth, day, hour: Math.floor(minuteOfDay / 60), minuteOfDay, weekday };
};

export interface CalendarDay {
  readonly billingMonth: Period;
  readonly day: number;
  readonly weekday: Weekday;
}

/** The same for every zone. Forgotten as a whole when full, like all memory here: only speed depends on it. */
const knownCalendar = new Map<number, CalendarDay>();
const MAX_KNOWN_CALENDAR_DAYS = 4_096;

/** @param localDay days since 1970-01-01 by the local calendar */
export const calendarDay = (localDay: number): CalendarDay => {
  const known = knownCalendar.get(localDay);
  if (known !== undefined) return known;
  const date = new Date(localDay * DAY_MS);
  const billingMonth = period(date.getUTCFullYear() * 100 + date.getUTCMonth() + 1);
  // Day 0 was a Thursday; the remainder is 0 to 6 also for days before it, so there is a weekday with that index.
  const weekday = WEEKDAYS[(((localDay + 3) % 7) + 7) % 7] as Weekday;
  const learnt = { billingMonth, day: date.getUTCDate(), weekday };
  if (knownCalendar.size >= MAX_KNOWN_CALENDAR_DAYS) knownCalendar.clear();
  knownCalendar.set(localDay, learnt);
  return learnt;
};

/** How far ahead a reading is looked for: past any gap, which costs a zone one day at most (Apia in 2011). */
const NEXT_READING_DAYS = 3;

/**
 * The first instant after `at` at which the clock comes to show this minute of the day.
 *
 * A reading that a gap leaves out that day is found on the next one; one that an overlap repeats is found twice.
 */
export const nextReading = (at: Instant, zone: ZoneId, minuteOfDay: number): Instant => {
  const endMs = at + NEXT_READING_DAYS * DAY_MS;
  for (let stretch = steadyStretch(at, zone); ; stretch = steadyStretch(stretch.untilMs, zone)) {
    const earliestMs = Math.max(at, stretch.fromMs);
    const midnightMs = Math.floor((earliestMs + stretch.offsetMs) / DAY_MS) * DAY_MS - stretch.offsetMs;
    const todayMs = midnightMs + minuteOfDay * MINUTE_MS;
    for (const readingMs of [todayMs, todayMs + DAY_MS]) {
      if (readingMs > at && readingMs >= stretch.fromMs && readingMs < stretch.untilMs)
        return instant(readingMs);
    }
    if (stretch.untilMs > endMs) {
      throw new RangeError(
        `minute ${minuteOfDay} of the day is not read in ${zone} within ${NEXT_READING_DAYS} days`,
      );
    }
  }
};

/** `[fromMs, untilMs)`, at most one UTC day, in which local time is the instant plus `offsetMs`. */
export interface SteadyStretch {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
}

/**
 * The stretch around an instant.
 *
 * @throws RangeError outside the years 1900 to 9999, where zones have no rules worth computing with
 */
export const steadyStretch = (atMs: number, zone: ZoneId): SteadyStretch => {
  const utcDay = Math.floor(atMs / DAY_MS);
  const known = knownDays.get(zone)?.get(utcDay) ?? learnDay(utcDay, zone);
  return atMs < known.first.untilMs ? known.first : known.second;
};

interface KnownDay {
  readonly first: SteadyStretch;
  /** The same as `first` on the days, nearly all, on which nothing changes. */
  readonly second: SteadyStretch;
}

/** Memory of a pure function: what it holds changes speed, never an answer. */
const knownDays = new Map<ZoneId, Map<number, KnownDay>>();
const offsetReaders = new Map<ZoneId, Intl.DateTimeFormat>();
/** About 10 MB. When it is full, all is forgotten and learnt again: 3 to 60 µs a day of a zone. */
const MAX_KNOWN_DAYS = 50_000;
let knownDayCount = 0;

// A day inside both ends, so that the local date is of those years in every zone.
const FIRST_UTC_DAY = Date.UTC(1900, 0, 2) / DAY_MS;
const LAST_UTC_DAY = Date.UTC(9999, 11, 30) / DAY_MS;

const learnDay = (utcDay: number, zone: ZoneId): KnownDay => {
  if (!(utcDay >= FIRST_UTC_DAY && utcDay <= LAST_UTC_DAY)) {
    throw new RangeError("a wall clock is read for the years 1900 to 9999 only");
  }
  if (knownDayCount >= MAX_KNOWN_DAYS) {
    knownDays.clear();
    knownDayCount = 0;
  }
  const learnt = compareEnds(utcDay * DAY_MS, (utcDay + 1) * DAY_MS, zone);
  let days = knownDays.get(zone);
  if (days === undefined) {
    days = new Map();
    knownDays.set(zone, days);
  }
  days.set(utcDay, learnt);
  knownDayCount += 1;
  return learnt;
};

const compareEnds = (fromMs: number, untilMs: number, zone: ZoneId): KnownDay => {
  const before = offsetAt(fromMs, zone);
  const after = offsetAt(untilMs, zone);
  if (before === after) {
    const whole: SteadyStretch = { fromMs, untilMs, offsetMs: before };
    return { first: whole, second: whole };
  }
  // Zones change on a whole second: halve until one second is left between the two offsets.
  let last = fromMs;
  let changed = untilMs;
  while (changed - last > 1_000) {
    const middle = last + Math.floor((changed - last) / 2_000) * 1_000;
    if (offsetAt(middle, zone) === before) last = middle;
    else changed = middle;
  }
  return {
    first: { fromMs, untilMs: changed, offsetMs: before },
    second: { fromMs: changed, untilMs, offsetMs: after },
  };
};

/** @param wholeSecondMs an instant on a whole second, since Intl shows no more of a wall clock than that */
const offsetAt = (wholeSecondMs: number, zone: ZoneId): number => {
  const shown = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of offsetReader(zone).formatToParts(wholeSecondMs)) {
    if (type in shown) shown[type as keyof typeof shown] = Number(value); // `in` has just shown that it is a key
  }
  const localMs = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second);
  return localMs - wholeSecondMs;
};

const offsetReader = (zone: ZoneId): Intl.DateTimeFormat => {
  let reader = offsetReaders.get(zone);
  if (reader === undefined) {
    reader = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    offsetReaders.set(zone, reader);
  }
  return reader;
};
