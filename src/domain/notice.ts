/**
 * A notice: the duty to inform one person of one thing, once. This is the narrow row on which every transition
 * works; the contact, the bill and the attempts lie apart.
 *
 * `status` says how far it is, `epoch` whose it is: every transition that moves a notice to another holder raises
 * the epoch, and a write with an old epoch changes nothing.
 */
import type { ChannelId, Instant, NoticeId, Period, PolicyVersion, RunId, WorkerId } from "./ids.ts";

export const STATUSES = [
  "ready",
  "queued",
  "claimed",
  "sending",
  "in_doubt",
  "sent",
  "failed",
  "cancelled",
  "suppressed",
  "expired",
] as const;

/**
 * `ready` may be routed once due, or is held · `queued` routed to a channel · `claimed` leased to one epoch, nothing
 * irreversible yet · `sending` the right to send is consumed · `in_doubt` the provider may or may not have accepted ·
 * the rest are final.
 */
export type Status = (typeof STATUSES)[number];

export const FINAL_STATUSES = ["sent", "failed", "cancelled", "suppressed", "expired"] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number];

const FINAL: ReadonlySet<Status> = new Set(FINAL_STATUSES);
export const isFinal = (status: Status): status is FinalStatus => FINAL.has(status);

/**
 * Why a notice is held. `paused` and `policy` are lifted by a resume or by the activation of a policy; `lapses` (it
 * kept losing its workers), `contradiction` (a provider accepted what it had refused) and `operator` only by an
 * operator. A contradiction outranks every other reason and can stand in any status.
 */
export const HOLD_REASONS = ["paused", "policy", "lapses", "contradiction", "operator"] as const;
/** One of the reasons for which a notice is held. */
export type HoldReason = (typeof HOLD_REASONS)[number];

/** The hot row: where one duty to inform stands. */
export interface Notice {
  readonly noticeId: NoticeId;
  readonly period: Period;
  readonly status: Status;
  /** Never falls. */
  readonly epoch: number;
  /** Counts from 1; a replay begins the next one. At most one message is accepted for each. */
  readonly generation: number;
  /** Counts from 1 within a channel; 0 until routed. */
  readonly attemptNo: number;
  /** Pinned at the first routing of a generation, together with the policy version. */
  readonly channel: ChannelId | null;
  readonly policyVersion: PolicyVersion | null;
  /** Who holds it while `claimed`, who consumed the right to send while `sending` and `in_doubt`. */
  readonly owner: WorkerId | null;
  readonly leaseUntil: Instant | null;
  /** How often a lease passed without a word since the last right to send. */
  readonly lapses: number;
  readonly dueAt: Instant;
  readonly holdReason: HoldReason | null;
  /** When the log is told (again) of a `queued` notice; empty in every other status. */
  readonly republishAt: Instant | null;
  readonly publishes: number;
  readonly expiresAt: Instant;
  readonly runId: RunId | null;
  /** A cancel that arrived when it could not be honoured at once. */
  readonly cancelRequested: boolean;
}
