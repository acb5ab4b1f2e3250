/**
 * What an operator reads. It changes nothing, and decides nothing: between a report and what is done about it, the notices go
 * on. Whoever implements it promises:
 *
 * - **Nobody waits for it.** It locks nothing, and what it may take of the store (connections, time) is bounded.
 * - **No personal data.** A contact is named by its channel and never shown, not even encrypted.
 * - **Pages by key.** A list is read on from its last entry, and costs the same on every page.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { Attempt } from "../attempt.ts";
import type { DeadLetter, DeadLetterKind, DeadLetterState } from "../dead-letter.ts";
import type { ChannelId, Instant, NoticeId, Period, PolicyVersion, RunId } from "../ids.ts";
import type { HoldReason, Notice, Status } from "../notice.ts";
import type { Letter } from "./letters.ts";
import type { NoticeRecord, PoisonRecord } from "./notice-ledger.ts";
import type { PoisonName } from "./poison-letters.ts";

/** Notices that stand alike, counted in one. */
export interface NoticeCount {
  readonly status: Status;
  readonly holdReason: HoldReason | null;
  /** Their due time lies ahead. */
  readonly isAhead: boolean;
  readonly count: number;
  /** Of those ahead the next one to be released; of the others how long the oldest has been due. */
  readonly earliestDueAt: Instant;
}

export interface NoticeCounts {
  readonly at: Instant;
  readonly groups: readonly NoticeCount[];
  /** Dead letters that nobody has decided. */
  readonly openLetters: Readonly<Record<DeadLetterKind, number>>;
  readonly oldestDoubtAt: Instant | null;
}

export interface NoticeFilter {
  readonly status?: readonly Status[];
  readonly holdReason?: HoldReason;
  readonly channel?: ChannelId;
  readonly userId?: string;
  readonly billId?: string;
  readonly period?: Period;
  readonly runId?: RunId;
}

export interface NoticeKey {
  readonly period: Period;
  readonly noticeId: NoticeId;
}

export interface ListedNotice {
  readonly notice: Notice;
  readonly userId: string;
  readonly billId: string;
  readonly purpose: string;
}

/** One notice in full. */
export interface NoticeReport {
  readonly record: NoticeRecord;
  readonly userId: string;
  readonly billId: string;
  readonly purpose: string;
  readonly kind: string;
  readonly priority: number;
  /** There is a contact for each of these. */
  readonly channels: readonly ChannelId[];
  /** As ingested: the recipient's own quiet hours and the like. */
  readonly routing: Readonly<Record<string, unknown>>;
  readonly ingestedAt: Instant;
  readonly ingestedBy: string;
  readonly suppressed: Suppression | null;
  readonly at: Instant;
}

export interface LetterFilter {
  readonly kind?: DeadLetterKind;
  readonly state?: DeadLetterState;
  readonly channel?: ChannelId;
  readonly period?: Period;
  readonly runId?: RunId;
  /** A part of the reason, in whatever case. */
  readonly reason?: string;
  readonly openedFrom?: Instant;
  readonly openedUntil?: Instant;
}

export interface LetterKey {
  readonly openedAt: Instant;
  readonly noticeId: NoticeId;
  readonly epoch: number;
}

export interface ListedLetter {
  readonly letter: Letter;
  /** Of its notice, as it stands now. */
  readonly status: Status;
  readonly channel: ChannelId | null;
  /** The generation that the notice is in now, which a replay has to name. */
  readonly generation: number;
}

/** A doubt that is open, with the attempt that nobody knows the outcome of. */
export interface ListedDoubt {
  readonly letter: DeadLetter;
  readonly attempt: Attempt;
  readonly holdReason: HoldReason | null;
  readonly cancelRequested: boolean;
}

/** A record that could not be read (T15); its bytes are the ledger's, sealed, and not shown. */
export interface ListedPoison extends Omit<PoisonRecord, "payload"> {
  readonly firstSeenAt: Instant;
  /** Those who read the topic of the dead letters have been told. */
  readonly isTold: boolean;
}

export interface Suppression {
  readonly userId: string;
  readonly reason: string;
  readonly actor: string;
  readonly since: Instant;
}

export interface Pause {
  readonly scope: ChannelId | "*";
  readonly reason: string;
  readonly actor: string;
  readonly since: Instant;
}

export interface Gates {
  readonly pauses: readonly Pause[];
  readonly activePolicy: {
    readonly version: PolicyVersion;
    readonly activatedBy: string;
    readonly activatedAt: Instant;
  } | null;
}

type Told<A> = Effect.Effect<A, Failure>;

export interface LedgerReports {
  /** Of all notices, or of those that a run admitted. Reads every notice's row: seconds, at millions. */
  readonly counts: (runId?: RunId) => Told<NoticeCounts>;
  readonly notices: (filter: NoticeFilter, limit: number, after?: NoticeKey) => Told<readonly ListedNotice[]>;
  /** By its id alone. */
  readonly notice: (noticeId: NoticeId) => Told<NoticeReport | null>;
  /** Oldest first. */
  readonly letters: (filter: LetterFilter, limit: number, after?: LetterKey) => Told<readonly ListedLetter[]>;
  readonly countLetters: (filter: LetterFilter) => Told<number>;
  /** By topic, partition and place. */
  readonly poison: (limit: number, after?: PoisonName) => Told<readonly ListedPoison[]>;
  readonly countPoison: Told<number>;
  /** Oldest first. */
  readonly doubts: (limit: number, after?: LetterKey) => Told<readonly ListedDoubt[]>;
  /** By user id. */
  readonly suppressions: (limit: number, after?: string) => Told<readonly Suppression[]>;
  readonly gates: Told<Gates>;
}
