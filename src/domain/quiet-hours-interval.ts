/**
 * A daily stretch of local clock time, `[from, until)`, which may run over midnight: 21:00 to 08:00 is quiet from
 * nine in the evening to eight in the morning. It names wall-clock readings, not instants: what they mean on a day
 * when the clocks change is decided by zone-time alone.
 */

export const MINUTES_PER_DAY = 1_440;

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

/**
 * The minute of the day that `21:00` names, or nothing where the text is no clock reading. Only as an end may it be
 * `24:00`: as a beginning that is `00:00`.
 */
export const minuteOfReading = (reading: string, as: "from" | "until"): number | undefined => {
  const match = /^([01][0-9]|2[0-4]):([0-5][0-9])$/.exec(reading);
  if (match === null) return undefined;
  const minute = Number(match[1]) * 60 + Number(match[2]);
  return minute < MINUTES_PER_DAY || (minute === MINUTES_PER_DAY && as === "until") ? minute : undefined;
};
