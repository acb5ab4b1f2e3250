/**
 * An instant for people and for JSON: `2026-11-21T02:30:00.000Z`. What lies beyond what a calendar can show is said in words:
 * a due time far in the future is a rule's way to say never.
 */
import type { Instant } from "./ids.ts";

const CALENDAR_MS = 8.64e15;

export const isoInstant = (at: Instant): string => {
  if (!(Math.abs(at) <= CALENDAR_MS)) return at < 0 ? "the beginning of time" : "the end of time";
  return new Date(at).toISOString();
};
