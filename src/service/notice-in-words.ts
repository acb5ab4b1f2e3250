/**
 * One notice in full, for people and for scripts. Of a contact only its channel is known here.
 */
import type { Instant } from "../domain/ids.ts";
import { isoInstant } from "../domain/iso-instant.ts";
import type { NoticeReport } from "../domain/ports/ledger-reports.ts";

const shown = (at: Instant | null): string | null => (at === null ? null : isoInstant(at));

export const noticeAsObject = (report: NoticeReport): object => {
  const { notice, attempts, history, deadLetters } = report.record;
  return {
    notice_id: notice.noticeId,
    period: notice.period,
    user_id: report.userId,
    bill_id: report.billId,
    purpose: report.purpose,
    kind: report.kind,
    channels: report.channels,
    status: notice.status,
    hold_reason: notice.holdReason,
    channel: notice.channel,
    generation: notice.generation,
    attempt_no: notice.attemptNo,
    epoch: notice.epoch,
    policy: notice.policyVersion,
    run_id: notice.runId,
    owner: notice.owner,
    lease_until: shown(notice.leaseUntil),
    due_at: isoInstant(notice.dueAt),
    expires_at: isoInstant(notice.expiresAt),
    cancel_requested: notice.cancelRequested,
    suppressed: report.suppressed !== null,
    ingested_at: isoInstant(report.ingestedAt),
    ingested_by: report.ingestedBy,
    attempts: attempts.map((attempt) => ({
      attempt_id: attempt.attemptId,
      generation: attempt.generation,
      attempt_no: attempt.attemptNo,
      channel: attempt.channel,
      provider: attempt.provider,
      state: attempt.state,
      copies: attempt.copies,
      intent_at: isoInstant(attempt.intentAt),
      send_by: isoInstant(attempt.sendBy),
      provider_message_id: attempt.providerMessageId,
      evidence: attempt.evidence,
      contradiction: attempt.contradiction,
    })),
    history: history.map(({ at, attemptId, attemptNo, ...line }) => ({
      at: isoInstant(at),
      ...line,
      attempt_no: attemptNo,
      attempt_id: attemptId,
    })),
    dead_letters: deadLetters.map(({ kind, state, reason, generation, openedAt, attemptId }) => ({
      ...{ kind, state, reason, generation },
      attempt_id: attemptId,
      opened_at: isoInstant(openedAt),
    })),
  };
};

export const noticeInLines = (report: NoticeReport): readonly string[] => {
  const { notice, attempts, history, deadLetters } = report.record;
  const held = notice.holdReason === null ? "" : `, held: ${notice.holdReason}`;
  const facts: readonly (readonly [string, string | number | null])[] = [
    ["bill", `${report.billId}, ${report.purpose}, ${notice.period}`],
    ["recipient", `${report.userId}${report.suppressed === null ? "" : " (on the suppression list)"}`],
    ["contacts", report.channels.length === 0 ? "none" : report.channels.join(", ")],
    [
      "channel",
      notice.channel === null ? "not chosen yet" : `${notice.channel}, attempt ${notice.attemptNo}`,
    ],
    ["generation", notice.generation],
    ["policy", notice.policyVersion ?? "not pinned yet"],
    ["run", notice.runId],
    ["due", isoInstant(notice.dueAt)],
    ["ends", isoInstant(notice.expiresAt)],
    ["owner", notice.owner],
    ["leased until", shown(notice.leaseUntil)],
    ["ingested", `${isoInstant(report.ingestedAt)} by ${report.ingestedBy}`],
  ];
  return [
    `${notice.noticeId} is ${notice.status}${held}${notice.cancelRequested ? ", a cancel is asked for" : ""}`,
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(13)} ${value}`])),
    ...(attempts.length === 0 ? [] : ["attempts"]),
    ...attempts.map(
      ({ attemptId, channel, attemptNo, provider, state, copies, evidence, intentAt }) =>
        `  ${isoInstant(intentAt)}  ${attemptId}  ${channel} ${attemptNo} by ${provider}: ${state}${copies === 1 ? "" : `, ${copies} copies`}${evidence === null ? "" : `: ${evidence}`}`,
    ),
    ...(deadLetters.length === 0 ? [] : ["dead letters"]),
    ...deadLetters.map(
      ({ kind, state, reason, openedAt }) => `  ${isoInstant(openedAt)}  ${kind}, ${state}: ${reason}`,
    ),
    ...(history.length === 0 ? [] : ["history"]),
    ...history.map(
      ({ at, transition, from, to, actor, because }) =>
        `  ${isoInstant(at)}  ${transition.padEnd(4)} ${from} → ${to}  by ${actor}${because === null ? "" : `: ${because}`}`,
    ),
  ];
};
