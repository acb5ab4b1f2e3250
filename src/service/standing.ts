/**
 * How the notices stand, in the words of the balance: what is final, what waits for a stated time or reason, what is open.
 */
import { Effect } from "effect";
import type { RunId } from "../domain/ids.ts";
import type { LedgerReports, NoticeCounts } from "../domain/ports/ledger-reports.ts";

export interface Standing {
  readonly ingested: number;
  readonly sent: number;
  readonly failed: number;
  readonly inDoubt: number;
  readonly suppressed: number;
  readonly expired: number;
  readonly cancelled: number;
  /** Waits for a stated time or reason. */
  readonly held: number;
  /** Somebody is about to do something about it. */
  readonly open: number;
  /** When the next of those that wait for a time is released. */
  readonly nextReleaseAt: number | null;
}

export const standingOf = ({ groups }: NoticeCounts): Standing => {
  const total = { sent: 0, failed: 0, inDoubt: 0, suppressed: 0, expired: 0, cancelled: 0, held: 0, open: 0 };
  let nextReleaseAt: number | null = null;
  for (const { status, holdReason, isAhead, count, earliestDueAt } of groups) {
    switch (status) {
      case "sent":
      case "failed":
      case "suppressed":
      case "expired":
      case "cancelled":
        total[status] += count;
        break;
      case "in_doubt":
        total.inDoubt += count;
        break;
      case "ready":
      case "queued":
        if (holdReason === null && !isAhead) total.open += count;
        else {
          total.held += count;
          if (holdReason === null) nextReleaseAt = Math.min(nextReleaseAt ?? Infinity, earliestDueAt);
        }
        break;
      case "claimed":
      case "sending":
        total.open += count;
        break;
    }
  }
  const ingested = Object.values(total).reduce((sum, count) => sum + count, 0);
  return { ...total, ingested, nextReleaseAt };
};

export const standing = (reports: Pick<LedgerReports, "counts">, runId?: RunId): Promise<Standing> =>
  Effect.runPromise(Effect.map(reports.counts(runId), standingOf));

/** `sent 4,930 · failed 10 · held 20 …`: only what there is. */
export const balanceLine = (now: Standing): string => {
  const parts = [
    ["sent", now.sent],
    ["failed", now.failed],
    ["in doubt", now.inDoubt],
    ["suppressed", now.suppressed],
    ["expired", now.expired],
    ["cancelled", now.cancelled],
    ["held", now.held],
    ["open", now.open],
  ] as const;
  const shown = parts
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count.toLocaleString("en")}`);
  return `${now.ingested.toLocaleString("en")} ingested = ${shown.join(" + ") || "0"}`;
};
