/**
 * How a notice stands, in the words in which a balance is drawn up: every notice stands in exactly one of them, and so
 * the standings sum to what was ingested.
 *
 * `held` waits for a stated time or a stated reason; `open` is everything else that is not final, and should become less by
 * itself. A doubt is neither: it has a word, and a dead letter, of its own.
 */
import type { Instant } from "./ids.ts";
import { isFinal, type FinalStatus, type Notice } from "./notice.ts";

export const STANDINGS = [
  "sent",
  "failed",
  "in_doubt",
  "suppressed",
  "expired",
  "cancelled",
  "held",
  "open",
] as const;
export type Standing = FinalStatus | "in_doubt" | "held" | "open";

export const standingOf = (
  { status, holdReason, dueAt }: Pick<Notice, "status" | "holdReason" | "dueAt">,
  now: Instant,
): Standing => {
  if (isFinal(status)) return status;
  switch (status) {
    case "in_doubt":
      return "in_doubt";
    // What was begun goes on to its outcome, whatever holds the notice.
    case "sending":
      return "open";
    case "claimed":
      return holdReason === null ? "open" : "held";
    case "ready":
    case "queued":
      return holdReason !== null || dueAt > now ? "held" : "open";
  }
};
