/**
 * Rows as the driver brings them, read as what the domain calls them. The database's own types and constraints stand for
 * what is asserted here: nobody else writes these tables.
 */
import type { Attempt } from "../../domain/attempt.ts";
import type { DeadLetter } from "../../domain/dead-letter.ts";
import type {
  ChannelId,
  Instant,
  NoticeId,
  Period,
  PolicyVersion,
  RunId,
  WorkerId,
} from "../../domain/ids.ts";
import type { HistoryEntry } from "../../domain/lifecycle/rule.ts";
import type { HoldReason, Notice, Status } from "../../domain/notice.ts";

/** bigint comes as a text, because it may be too large for a number; ours are milliseconds and versions. */
export type Bigint = string | number;

export interface NoticeRow {
  readonly notice_id: NoticeId;
  readonly period: Period;
  readonly status: Status;
  readonly epoch: number;
  readonly generation: number;
  readonly attempt_no: number;
  readonly channel: ChannelId | null;
  readonly policy_version: Bigint | null;
  readonly owner: WorkerId | null;
  readonly lease_until: Bigint | null;
  readonly lapses: number;
  readonly due_at: Bigint;
  readonly hold_reason: HoldReason | null;
  readonly republish_at: Bigint | null;
  readonly publishes: number;
  readonly expires_at: Bigint;
  readonly run_id: RunId | null;
  readonly cancel_requested: boolean;
}

export const instantOf = (ms: Bigint): Instant => Number(ms) as Instant; // whole milliseconds, by the column's type
export const maybeInstant = (ms: Bigint | null): Instant | null => (ms === null ? null : instantOf(ms));
export const maybeVersion = (version: Bigint | null): PolicyVersion | null =>
  version === null ? null : (Number(version) as PolicyVersion); // checked when it was stored

export const noticeOf = (row: NoticeRow): Notice => ({
  noticeId: row.notice_id,
  period: row.period,
  status: row.status,
  epoch: row.epoch,
  generation: row.generation,
  attemptNo: row.attempt_no,
  channel: row.channel,
  policyVersion: maybeVersion(row.policy_version),
  owner: row.owner,
  leaseUntil: maybeInstant(row.lease_until),
  lapses: row.lapses,
  dueAt: instantOf(row.due_at),
  holdReason: row.hold_reason,
  republishAt: maybeInstant(row.republish_at),
  publishes: row.publishes,
  expiresAt: instantOf(row.expires_at),
  runId: row.run_id,
  cancelRequested: row.cancel_requested,
});

/** As `to_json` writes an attempt: its columns by name. */
export interface AttemptRow {
  readonly attempt_id: Attempt["attemptId"];
  readonly notice_id: NoticeId;
  readonly period: Period;
  readonly generation: number;
  readonly attempt_no: number;
  readonly epoch: number;
  readonly channel: ChannelId;
  readonly provider: string;
  readonly provider_key: string;
  readonly content_digest: string;
  readonly intent_at: Bigint;
  readonly send_by: Bigint;
  readonly copies: number;
  readonly state: Attempt["state"];
  readonly provider_message_id: string | null;
  readonly evidence: string | null;
  readonly contradiction: string | null;
  readonly seq: number;
}

export const attemptOf = (row: AttemptRow): Attempt => ({
  attemptId: row.attempt_id,
  noticeId: row.notice_id,
  period: row.period,
  generation: row.generation,
  attemptNo: row.attempt_no,
  epoch: row.epoch,
  channel: row.channel,
  provider: row.provider,
  providerKey: row.provider_key,
  contentDigest: row.content_digest,
  intentAt: instantOf(row.intent_at),
  sendBy: instantOf(row.send_by),
  copies: row.copies,
  state: row.state,
  providerMessageId: row.provider_message_id,
  evidence: row.evidence,
  contradiction: row.contradiction,
});

export interface LetterRow {
  readonly notice_id: NoticeId;
  readonly period: Period;
  readonly epoch: number;
  readonly kind: DeadLetter["kind"];
  readonly generation: number;
  readonly attempt_id: DeadLetter["attemptId"];
  readonly reason: string;
  readonly state: DeadLetter["state"];
  readonly opened_at: Bigint;
}

export const letterOf = (row: LetterRow): DeadLetter => ({
  noticeId: row.notice_id,
  period: row.period,
  epoch: row.epoch,
  kind: row.kind,
  generation: row.generation,
  attemptId: row.attempt_id,
  reason: row.reason,
  state: row.state,
  openedAt: instantOf(row.opened_at),
});

export interface HistoryRow {
  readonly transition: HistoryEntry["transition"];
  readonly from_status: Status;
  readonly to_status: Status;
  readonly epoch: number;
  readonly generation: number;
  readonly attempt_no: number;
  readonly channel: ChannelId | null;
  readonly attempt_id: HistoryEntry["attemptId"];
  readonly actor: string;
  readonly because: string | null;
  readonly at: Bigint;
}

export const entryOf = (row: HistoryRow): HistoryEntry => ({
  transition: row.transition,
  from: row.from_status,
  to: row.to_status,
  epoch: row.epoch,
  generation: row.generation,
  attemptNo: row.attempt_no,
  channel: row.channel,
  attemptId: row.attempt_id,
  actor: row.actor,
  because: row.because,
  at: instantOf(row.at),
});
