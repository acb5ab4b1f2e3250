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

export const balance = (reports: Pick<LedgerReports, "counts">, runId?: RunId): Promise<Balance> =>
  Effect.runPromise(Effect.map(reports.counts(runId), balanceOf));
