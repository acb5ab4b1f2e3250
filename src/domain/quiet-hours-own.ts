/**
 * Reads a recipient's own quiet hours as they lie beside the notice:
 * `{"zone": "Asia/Seoul", "intervals": [{"from": "22:00", "until": "07:00"}]}`; the zone may be missing.
 *
 * What cannot be read is an answer of its own and never "no wish": guessing would wake somebody who asked not to be.
 */
import { Result } from "effect";
import { minuteOfReading, type QuietInterval } from "./quiet-hours-interval.ts";
import type { OwnQuietHours } from "./quiet-hours.ts";
import { zoneId } from "./zone-time.ts";

/** More than anybody needs; a bound for what comes from outside. */
export const MAX_OWN_INTERVALS = 24;

/** @returns nothing where there is no wish; the failure says what is unreadable, and holds nothing of what was written */
export const readOwnQuietHours = (written: unknown): Result.Result<OwnQuietHours | null, string> => {
  if (written === undefined || written === null) return Result.succeed(null);
  if (!isRecord(written)) return Result.fail("own quiet hours are no object");
  const { zone: zoneName, intervals: listed } = written;
  if (!Array.isArray(listed)) return Result.fail("own quiet hours have no list of intervals");
  if (listed.length > MAX_OWN_INTERVALS) return Result.fail("own quiet hours have too many intervals");
  const intervals: QuietInterval[] = [];
  for (const [place, entry] of listed.entries()) {
    const interval = readInterval(entry);
    if (interval === undefined) return Result.fail(`interval ${place} of own quiet hours cannot be read`);
    intervals.push(interval);
  }
  if (zoneName === undefined || zoneName === null) return Result.succeed({ intervals });
  const zone = typeof zoneName === "string" ? zoneId(zoneName) : undefined;
  if (zone === undefined || Result.isFailure(zone))
    return Result.fail("the zone of own quiet hours is unknown");
  return Result.succeed({ intervals, zone: zone.success });
};

const readInterval = (entry: unknown): QuietInterval | undefined => {
  if (!isRecord(entry)) return undefined;
  const { from, until } = entry;
  if (typeof from !== "string" || typeof until !== "string" || from === until) return undefined;
  const fromMinute = minuteOfReading(from, "from");
  const untilMinute = minuteOfReading(until, "until");
  return fromMinute === undefined || untilMinute === undefined ? undefined : { fromMinute, untilMinute };
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
