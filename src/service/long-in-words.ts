/**
 * A stretch of time as people say it: in the largest unit of which there are at least two.
 */
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SECOND_MS = 1_000;

export const longInWords = (ms: number): string => {
  if (ms >= 2 * DAY_MS) return `${Math.round(ms / DAY_MS)} days`;
  if (ms >= 2 * HOUR_MS) return `${Math.round(ms / HOUR_MS)} h`;
  return ms >= SECOND_MS ? `${Math.round(ms / SECOND_MS)} s` : `${ms} ms`;
};
