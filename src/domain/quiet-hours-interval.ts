/**
 * A daily stretch of local clock time, `[from, until)`, which may run over midnight: 21:00 to 08:00 is quiet from
 * nine in the evening to eight in the morning. It names wall-clock readings, not instants: what they mean on a day
 * when the clocks change is decided by zone-time alone.
 */

export const MINUTES_PER_DAY = 1440;

export interface QuietInterval {
  /** The first quiet minute of the day, 0 to 1439. */
  readonly fromMinute: number;
  /** The first minute that is no longer quiet, 1 to 1440; below `fromMinute` when the stretch runs over midnight. */
  readonly untilMinute: number;
}

/** `21:00`, as an operator writes it; 1440 is written `24:00`. */
export const clockReading = (minuteOfDay: number): string => {
  const hour = Math.floor(minuteOfDay / 60);
  const minute = minuteOfDay % 60;
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
};

/** `21:00–08:00`. */
export const intervalInWords = (interval: QuietInterval): string =>
  `${clockReading(interval.fromMinute)}–${clockReading(interval.untilMinute)}`;

/** Whether the local clock, at this minute of the day, is inside the stretch. */
export const isWithin = (interval: QuietInterval, minuteOfDay: number): boolean => {
  const { fromMinute, untilMinute } = interval;
  if (fromMinute < untilMinute) return minuteOfDay >= fromMinute && minuteOfDay < untilMinute;
  return minuteOfDay >= fromMinute || minuteOfDay < untilMinute;
};
