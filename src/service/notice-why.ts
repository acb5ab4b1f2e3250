/**
 * Why a notice is where it is: what the ledger kept of it, with the policies and gates around it, as one sentence.
 */
import { Effect, Result } from "effect";
import type { NoticeId, PolicyVersion } from "../domain/ids.ts";
import { decodePolicy } from "../domain/policy-decoder.ts";
import type { Policy } from "../domain/policy.ts";
import type { LedgerReports } from "../domain/ports/ledger-reports.ts";
import type { NoticeLedger } from "../domain/ports/notice-ledger.ts";
import { readOwnQuietHours } from "../domain/quiet-hours-own.ts";
import { why, type Why } from "../domain/why.ts";

export interface WhySources {
  readonly reports: Pick<LedgerReports, "notice" | "gates">;
  readonly ledger: Pick<NoticeLedger, "policy">;
}

/** @returns nothing where there is no such notice */
export const noticeWhy = async ({ reports, ledger }: WhySources, noticeId: NoticeId): Promise<Why | null> => {
  const report = await Effect.runPromise(reports.notice(noticeId));
  if (report === null) return null;
  const readable = async (version: PolicyVersion | "active"): Promise<Policy | null> => {
    const stored = await Effect.runPromise(ledger.policy(version));
    if (stored === null) return null;
    const read = decodePolicy(stored.policy);
    return Result.isSuccess(read) ? read.success : null;
  };
  const { policyVersion } = report.record.notice;
  const gates = await Effect.runPromise(reports.gates);
  const own = readOwnQuietHours(report.routing["quietHours"]);
  return why({
    record: report.record,
    now: report.at,
    active: await readable("active"),
    pinned: policyVersion === null ? null : await readable(policyVersion),
    suppressed: report.suppressed,
    pauses: gates.pauses,
    channels: report.channels,
    ownQuietHours: Result.isSuccess(own) ? own.success : { unreadable: own.failure },
  });
};
