/**
 * What a run would do, decided by the very function that routes, and nothing done about it: who would be sent what, and when.
 * Nothing is locked; what the service does meanwhile is not seen.
 */
import { Effect } from "effect";
import type { Instant, NoticeId } from "../domain/ids.ts";
import type { Policy } from "../domain/policy.ts";
import type { LedgerReports, NoticeKey, NoticeReport } from "../domain/ports/ledger-reports.ts";
import type { Policies } from "../domain/ports/policies.ts";
import { candidateOf } from "../domain/routing-command.ts";
import { routeCandidate, type RoutingDecision } from "../domain/route.ts";

export interface WouldBe {
  readonly noticeId: NoticeId;
  readonly userId: string;
  readonly billId: string;
  readonly decision: RoutingDecision;
}

const PAGE_COUNT = 500;
const READ_AT_ONCE = 8;

export const dryRun = async function* (
  reports: Pick<LedgerReports, "notices" | "notice">,
  policies: Pick<Policies, "pinned" | "fetch">,
  active: Policy,
  now: Instant,
): AsyncGenerator<WouldBe, void, undefined> {
  let after: NoticeKey | undefined;
  for (;;) {
    const page = await Effect.runPromise(reports.notices({ status: ["ready"] }, PAGE_COUNT, after));
    const due = page.filter(({ notice }) => notice.dueAt <= now);
    await Effect.runPromise(
      policies.fetch(
        due.flatMap(({ notice }) => (notice.policyVersion === null ? [] : [notice.policyVersion])),
      ),
    );
    const read = await Effect.runPromise(
      Effect.forEach(due, ({ notice }) => reports.notice(notice.noticeId), { concurrency: READ_AT_ONCE }),
    );
    for (const report of read) if (report !== null) yield decided(report, policies, active, now);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_COUNT) return;
    after = { period: last.notice.period, noticeId: last.notice.noticeId };
  }
};

const decided = (
  { record, userId, billId, suppressed, channels, routing }: NoticeReport,
  policies: Pick<Policies, "pinned">,
  active: Policy,
  now: Instant,
): WouldBe => {
  const { notice } = record;
  const candidate = candidateOf({ notice, userId, suppressed: suppressed !== null, channels, routing });
  const pinned = notice.policyVersion === null ? null : policies.pinned(notice.policyVersion);
  return {
    noticeId: notice.noticeId,
    userId,
    billId,
    decision: routeCandidate(candidate, { active, pinned }, now),
  };
};
