/**
 * The ledger: what is true of every notice. Whoever implements it promises:
 *
 * - **One transition table.** `apply` gives, for every command, the verdict and the rows that `transition` gives for the
 *   same rows and facts, decided and written in one transaction that locks its notices in key order first.
 * - **Whole milliseconds.** A duration, an instant or a count that is not a whole number is one that the store cannot digest.
 *   (A gate's interval and a provider's terms may be any number, but not NaN.)
 * - **One verdict an item**, in the order of the batch. Commands of one batch name different notices; where two name the
 *   same one the ledger refuses the whole call as `Permanent`: it cannot say which came first. One item that the
 *   store cannot digest fails alone, as `Permanent` in its place, and the others go on.
 * - **A lost answer is asked for again** with the same batch, and `already-mine` recognised; what cannot be settled
 *   this way fails as `Unconfirmed`, and nobody may conclude anything from it.
 * - **Work that was begun is finished**, whatever its caller does meanwhile: an interrupted caller must not leave a right to
 *   send behind that nobody knows of. It takes no longer than the store's own limits on a statement allow.
 * - **Time is its own** (`now()`), the same for every process; facts (suppressions, pauses, the policy in force) are read
 *   in the same transaction, and no gate that was shut when `pause`, `suppress` or `activatePolicy` returned lets a
 *   right to send commit afterwards.
 *
 * Not its job: to choose channels, to compute quiet hours, to sleep, to retry on a schedule.
 */
import type { Effect, Result } from "effect";
import type { Failure } from "../../failure.ts";
import type { ChannelId, Instant, NoticeId, Period, PolicyVersion } from "../ids.ts";
import type { CommandOf, CommandType } from "../lifecycle/commands.ts";
import type { HistoryEntry, NoticeView, Verdict } from "../lifecycle/rule.ts";
import type { HoldReason, Notice, Status } from "../notice.ts";

/** T1. The business key (bill, month, purpose) is unique; the month is the period. Times are whole milliseconds. */
export interface NewNotice {
  readonly noticeId: NoticeId;
  readonly period: Period;
  readonly billId: string;
  readonly purpose: string;
  readonly userId: string;
  readonly kind: string;
  readonly priority: number;
  readonly dueAt: Instant;
  readonly expiresAt: Instant;
  /** Encrypted contacts by channel, as stored; the ledger never sees plaintext. */
  readonly contacts: Readonly<Record<ChannelId, string>>;
  /** The recipient's own quiet hours and whatever else routing decides by; not personal data in the clear. */
  readonly routing: Readonly<Record<string, unknown>>;
  /** The bill's contents, or where they lie. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly actor: string;
}

/** What became of a notice that was to be taken in. */
export interface Ingested {
  /**
   * `won` is new; `already-mine` the same notice id with the same business key; `lost` the business key belongs to
   * another notice (`T1.business-key`), or the notice id to another business key (`T1.notice-id`).
   */
  readonly verdict: Extract<Verdict, "won" | "already-mine" | "lost">;
  readonly because: string | null;
  /** The notice that holds the business key; where none does, the one that was handed over. */
  readonly noticeId: NoticeId;
}

/** What preparing needs; comes with the claim, so that it costs no round trip of its own. */
export interface Contents {
  readonly userId: string;
  readonly billId: string;
  /** With bill and month the business key: what the notice is for. */
  readonly purpose: string;
  readonly contacts: Readonly<Record<ChannelId, string>>;
  readonly routing: Readonly<Record<string, unknown>>;
  readonly content: Readonly<Record<string, unknown>>;
}

/** What the ledger answers to one command. */
export interface Answer {
  readonly verdict: Verdict;
  /** The guard that said no, as the table names it; for `won` the reason of the change, if it has one. */
  readonly because: string | null;
  /** The ledger's time of the decision. */
  readonly at: Instant;
}

/** The answer to a claim; where it is won, with what is needed to go on. */
export interface ClaimAnswer extends Answer {
  /** For `won` and `already-mine`: the row after the claim, and what to send. */
  readonly claimed: { readonly notice: Notice; readonly contents: Contents } | null;
}

/** The answer to a command of that type. */
export type AnswerTo<T extends CommandType> = T extends "claim" ? ClaimAnswer : Answer;

/**
 * An item's own answer, or why there is none: `Permanent` where the store cannot take that item; `Unconfirmed` or
 * `Transient` where a part of a large batch could not be settled while others were.
 */
export type ItemAnswer<A> = Result.Result<A, Failure>;

/** A candidate of a page: locked by this transaction, so that no other router sees it. */
export interface RoutingCandidate {
  readonly notice: Notice;
  readonly userId: string;
  readonly suppressed: boolean;
  readonly channels: readonly ChannelId[];
  readonly routing: Readonly<Record<string, unknown>>;
}

/** Keyset cursor: the last candidate of the page before. Candidates come by due time, so that what waits costs nothing. */
export interface RoutingCursor {
  readonly dueAt: Instant;
  readonly noticeId: NoticeId;
}

export interface RoutingPage {
  readonly after: RoutingCursor | null;
  readonly limit: number;
  /** `fresh`: never routed before, for runs · `admitted`: routed before and due again, for upkeep. */
  readonly which: "fresh" | "admitted";
}

export type RoutingCommand = CommandOf<"route" | "hold" | "suppress" | "expire">;

export interface RoutedPage {
  readonly candidates: readonly RoutingCandidate[];
  /** One a candidate, in the same order; empty where `decide` left it alone. */
  readonly answers: readonly (Answer | null)[];
  /** Empty after the last page. */
  readonly next: RoutingCursor | null;
}

/**
 * Why somebody should look at a notice now. The log and the clock only hint: the command's own guard decides. Told as soon
 * as that guard's time has come; only `overdue` may wait for the end of the lease that came before the right to send.
 */
export type DueKind = "republish" | "lapse" | "overdue" | "expire" | "doubt";
export interface DueNotice extends DueCursor {
  readonly period: Period;
  readonly epoch: number;
  readonly status: Status;
  readonly channel: ChannelId | null;
  /** How often the log was told again. */
  readonly publishes: number;
}
/** Keyset cursor: any notice of the answer before, so that those which cannot be helped yet hide nobody. */
export interface DueCursor {
  /** When it asked to be looked at: no later than the time that its command's guard compares; for a doubt, when it began. */
  readonly at: Instant;
  readonly noticeId: NoticeId;
}

/** A notice that is held; `resume` and the activation of a policy lift holds by `unhold`, in batches of these. */
export interface HeldNotice {
  readonly noticeId: NoticeId;
  readonly period: Period;
  readonly status: Status;
  /** What is pinned, if anything is: by these two a sweeper tells a hold whose cause is gone. */
  readonly channel: ChannelId | null;
  readonly policyVersion: PolicyVersion | null;
}

/** A policy as the ledger keeps it: its version, and the JSON that `decodePolicy` reads. */
export interface StoredPolicy {
  readonly version: PolicyVersion;
  /** As it was handed over; the policy's decoder reads it. */
  readonly policy: unknown;
}

/** T15. A record that names no readable notice; written down once, however often it is delivered. */
export interface PoisonRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly reason: string;
  /** Where in the pipeline it left, if that is known. */
  readonly stage: string | null;
  readonly attempts: number;
  /** The raw bytes, encrypted where they may be personal. */
  readonly payload: Uint8Array;
  /** Of the raw bytes, for whoever has no room for them. */
  readonly digest: PoisonDigest;
}

/** What stands for bytes that are kept elsewhere. */
export interface PoisonDigest {
  /** In hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What somebody reads who asks about one notice. */
export interface NoticeRecord extends NoticeView {
  readonly history: readonly HistoryEntry[];
}

type Batched<A> = Effect.Effect<readonly A[], Failure>;

/** The truth of all notices: what holds of them, and the one way to change it. */
export interface NoticeLedger {
  readonly now: Effect.Effect<Instant, Failure>;
  readonly ingest: (batch: readonly NewNotice[]) => Batched<ItemAnswer<Ingested>>;
  readonly apply: <T extends CommandType>(
    type: T,
    batch: readonly CommandOf<T>[],
  ) => Batched<ItemAnswer<AnswerTo<T>>>;
  /** T2 for a page: lock, decide (pure, at the ledger's `now`), update, commit. Publishing comes after. */
  readonly routePage: (
    page: RoutingPage,
    decide: (candidate: RoutingCandidate, now: Instant) => RoutingCommand | null,
  ) => Effect.Effect<RoutedPage, Failure>;
  /** Notices that are due for `kind`, oldest first, at most `limit`. */
  readonly due: (kind: DueKind, limit: number, after?: DueCursor) => Batched<DueNotice>;
  /** Notices held for `reason`, by key, at most `limit`. */
  readonly held: (
    reason: HoldReason,
    limit: number,
    after?: Pick<HeldNotice, "period" | "noticeId">,
  ) => Batched<HeldNotice>;
  readonly poison: (batch: readonly PoisonRecord[]) => Effect.Effect<void, Failure>;
  readonly read: (noticeId: NoticeId, period: Period) => Effect.Effect<NoticeRecord | null, Failure>;

  /** Shuts the gate of T6 and T11r for the scope: after this has returned, no right to send commits. */
  readonly pause: (scope: ChannelId | "*", reason: string, actor: string) => Effect.Effect<void, Failure>;
  readonly resume: (
    scope: ChannelId | "*",
    actor: string,
    reason?: string | null,
  ) => Effect.Effect<void, Failure>;
  readonly suppress: (userId: string, reason: string, actor: string) => Effect.Effect<void, Failure>;
  readonly unsuppress: (
    userId: string,
    actor: string,
    reason?: string | null,
  ) => Effect.Effect<void, Failure>;
  readonly pauses: Batched<ChannelId | "*">;
  /**
   * A version stands for one policy for ever: another one under the same number fails as `Permanent`.
   *
   * @param where with `none-is-active` a ledger that has an active policy keeps it, and nothing is written: of several first starts at once
   *   one activates
   */
  readonly activatePolicy: (
    version: PolicyVersion,
    policy: unknown,
    actor: string,
    where?: "anyway" | "none-is-active",
  ) => Effect.Effect<void, Failure>;
  /** Empty where no policy was ever activated, or none has that number. */
  readonly policy: (version: PolicyVersion | "active") => Effect.Effect<StoredPolicy | null, Failure>;
}
