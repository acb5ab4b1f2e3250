/**
 * A notice as it is when it has just been taken in (T1).
 */
import type { NoticeView } from "../../domain/lifecycle/rule.ts";
import type { NewNotice } from "../../domain/ports/notice-ledger.ts";

export const ingestedNotice = (item: NewNotice): NoticeView => ({
  notice: {
    noticeId: item.noticeId,
    period: item.period,
    status: "ready",
    epoch: 0,
    generation: 1,
    attemptNo: 0,
    channel: null,
    policyVersion: null,
    owner: null,
    leaseUntil: null,
    lapses: 0,
    dueAt: item.dueAt,
    holdReason: null,
    republishAt: null,
    publishes: 0,
    expiresAt: item.expiresAt,
    runId: null,
    cancelRequested: false,
  },
  attempts: [],
  deadLetters: [],
});
