/**
 * What may be asked of a notice: one command per row of the transition table in `docs/guarantees.md`. Durations come
 * with the command; "now" never does: it is the ledger's to say.
 */
import type { NonAcceptance, NotAccepted, ProviderTerms } from "../attempt.ts";
import type { NextStep } from "../fall-back.ts";
import type {
  AttemptId,
  ChannelId,
  Instant,
  NoticeId,
  Period,
  PolicyVersion,
  RunId,
  WorkerId,
} from "../ids.ts";
import type { HoldReason } from "../notice.ts";

interface ToNotice {
  readonly noticeId: NoticeId;
  readonly period: Period;
  /** Who asks: a worker, `sweeper`, `operator:…`. Goes into the history. */
  readonly actor: string;
}

interface ByHolder extends ToNotice {
  /** The holder's own epoch. */
  readonly epoch: number;
}

/**
 * The interval around the present in which the policy lets this notice be sent, as the pure rules computed it from
 * policy `policyVersion`. The ledger compares its own clock with it.
 */
export interface Gate {
  readonly policyVersion: PolicyVersion;
  readonly openFrom: Instant;
  readonly openUntil: Instant;
}

/** T2. `choice` is taken only where nothing is pinned yet. */
export interface Route extends ToNotice {
  readonly type: "route";
  readonly epoch: number;
  readonly choice: { readonly channel: ChannelId; readonly policyVersion: PolicyVersion } | null;
  readonly runId: RunId | null;
  /** The router publishes at once itself; the sweeper waits this long before it does it again. */
  readonly republishInMs: number;
}
/** T2h. Puts off to `dueAt`, or holds for a reason. */
export interface Hold extends ToNotice {
  readonly type: "hold";
  readonly epoch: number;
  readonly reason: HoldReason | null;
  readonly dueAt: Instant | null;
}
/** T2h. Lifts exactly this reason. */
export interface Unhold extends ToNotice {
  readonly type: "unhold";
  readonly reason: HoldReason;
}
/** T2x. */
export interface Suppress extends ToNotice {
  readonly type: "suppress";
}
/** Told the log about it; moves the time of the next telling. */
export interface Published extends ToNotice {
  readonly type: "published";
  readonly epoch: number;
  readonly republishInMs: number;
}
/** T3. `epoch` is the record's. */
export interface Claim extends ToNotice {
  readonly type: "claim";
  readonly epoch: number;
  readonly owner: WorkerId;
  readonly leaseMs: number;
}
/** T3r. */
export interface Renew extends ByHolder {
  readonly type: "renew";
  readonly leaseMs: number;
}
/** T4. `connectedAt` is when the sweeper's own connection to the database began. */
export interface Lapse extends ToNotice {
  readonly type: "lapse";
  readonly epoch: number;
  readonly connectedAt: Instant;
  readonly leaseMs: number;
  readonly maxLapses: number;
}
/** T5. */
export interface Release extends ByHolder {
  readonly type: "release";
  readonly dueInMs: number;
}
/** T5f. */
export interface Unpreparable extends ByHolder {
  readonly type: "unpreparable";
  readonly next: NextStep;
  readonly reason: string;
  readonly republishInMs: number;
}
/** T6. */
export interface BeginSend extends ByHolder {
  readonly type: "begin-send";
  /**
   * Drawn anew for every right that is asked for, never derived from the notice: two workings of one record that named
   * the same attempt would each be told that the right is theirs.
   */
  readonly attemptId: AttemptId;
  readonly provider: string;
  readonly providerKey: string;
  readonly contentDigest: string;
  readonly sendWindowMs: number;
  readonly gate: Gate;
}
/** T6n. `reopensAt` is when the rules say that the gate opens again; empty where they do not know. */
export interface StepBack extends ByHolder {
  readonly type: "step-back";
  readonly sendWindowMs: number;
  readonly reopensAt: Instant | null;
}
/** T8. */
export interface Accept extends ToNotice {
  readonly type: "accept";
  readonly attemptId: AttemptId;
  readonly providerMessageId: string;
  readonly evidence: string;
}
/** T9. */
export interface DefiniteNo extends ToNotice {
  readonly type: "definite-no";
  readonly owner: WorkerId;
  readonly attemptId: AttemptId;
  readonly outcome: NotAccepted;
  readonly next: NextStep;
  readonly reason: string;
  readonly republishInMs: number;
}
/** T10. */
export interface Doubt extends ToNotice {
  readonly type: "doubt";
  readonly owner: WorkerId;
  readonly attemptId: AttemptId;
  readonly reason: string;
}
/** T11. */
export interface Overdue extends ToNotice {
  readonly type: "overdue";
  readonly answerWindowMs: number;
}
/** T11r. */
export interface Resend extends ToNotice {
  readonly type: "resend";
  readonly attemptId: AttemptId;
  /** The count when the resend was decided. */
  readonly copies: number;
  readonly contentDigest: string;
  readonly sendWindowMs: number;
  readonly terms: ProviderTerms;
  readonly gate: Gate;
}
/** T12. */
export interface Resolve extends ToNotice {
  readonly type: "resolve";
  readonly attemptId: AttemptId;
  readonly outcome: NotAccepted;
  readonly evidence: NonAcceptance;
  readonly terms: ProviderTerms;
  readonly next: NextStep;
  readonly republishInMs: number;
}
/** T13. */
export interface Replay extends ToNotice {
  readonly type: "replay";
  readonly generation: number;
  readonly expiresAt: Instant | null;
}
/** T14. */
export interface Cancel extends ToNotice {
  readonly type: "cancel";
  readonly reason: string;
}
/** T16. */
export interface Expire extends ToNotice {
  readonly type: "expire";
}

/** Anything that may be asked of the ledger about one notice. */
export type Command =
  | Route
  | Hold
  | Unhold
  | Suppress
  | Published
  | Claim
  | Renew
  | Lapse
  | Release
  | Unpreparable
  | BeginSend
  | StepBack
  | Accept
  | DefiniteNo
  | Doubt
  | Overdue
  | Resend
  | Resolve
  | Replay
  | Cancel
  | Expire;

/** The names of the commands, one for each transition of the table. */
export type CommandType = Command["type"];
/** The command of that type. */
export type CommandOf<T extends CommandType> = Extract<Command, { readonly type: T }>;
