/**
 * The balance while work goes on, from counts of groups; `verify` draws it up notice by notice.
 */
import { Effect } from "effect";
import type { RunId } from "../domain/ids.ts";
import type { LedgerReports, NoticeCounts } from "../domain/ports/ledger-reports.ts";
import { type Standing, standingOf, STANDINGS } from "../domain/standing.ts";

export interface Balance extends Readonly<Record<Standing, number>> {
  readonly ingested: number;
}

export const balanceOf = ({ groups, at }: NoticeCounts): Balance => {
  const total = Object.fromEntries(STANDINGS.map((name) => [name, 0])) as Record<Standing, number>; // each has its own
  for (const { status, holdReason, earliestDueAt, count } of groups)
    total[standingOf({ status, holdReason, dueAt: earliestDueAt }, at)] += count;
  return { ...total, ingested: STANDINGS.reduce((sum, name) => sum + total[name], 0) };
};

/** For how long the first of those still waits that wait for a time: for the end of quiet hours, or before another try. */
export const waitMs = ({ groups, at }: NoticeCounts): number => {
  const due = groups
    .filter(({ status, holdReason }) => holdReason === null && (status === "ready" || status === "queued"))
    .map(({ earliestDueAt }) => Math.max(0, earliestDueAt - at));
  return Math.min(Infinity, ...due);
};

export const balance = (reports: Pick<LedgerReports, "counts">, runId?: RunId): Promise<Balance> =>
  Effect.runPromise(Effect.map(reports.counts(runId), balanceOf));
