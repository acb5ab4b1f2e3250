/**
 * The whole ledger, notice by notice, for somebody who wants to see whether it keeps its promise. Whoever implements it
 * promises:
 *
 * - **Every key once.** Each ingested key comes in exactly one page, with its rows as one snapshot shows them, and the pages take
 *   no more memory however many there are. The service may go on working meanwhile.
 * - **From the rows**, and from nothing that the service counted: a key without its notice comes without one.
 * - **Figures of runs** are held against the notices that say they were admitted, by one snapshot.
 * - **What belongs to no notice** (rows, and a provider's acceptances) is told at the end.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { AttemptId, Instant, NoticeId, Period, PolicyVersion, RunId } from "../ids.ts";
import type { NoticeRecord, StoredPolicy } from "./notice-ledger.ts";
import type { ProviderEvidence } from "./provider-evidence.ts";

/** All of it, or a part. */
export interface AuditScope {
  /** What this run admitted. */
  readonly runId?: RunId;
  /** What was ingested by this actor. */
  readonly ingestedBy?: string;
  /** No earlier month: what was taken away for good is not missed. */
  readonly fromPeriod?: Period;
}

export interface Acceptance {
  readonly attemptId: AttemptId;
  readonly generation: number;
  readonly id: string;
}

/** One ingested key, and all that is known of it. */
export interface Examined {
  readonly noticeId: NoticeId;
  readonly period: Period;
  /** Empty: the key was ingested, and there is no notice. */
  readonly record: NoticeRecord | null;
  /** When the sweeper looks at it; empty: never. */
  readonly wakeAt: Instant | null;
  /** Whether some page of routers or workers finds it. */
  readonly isFound: boolean;
  /** Whether its row names the recipient for whom it was ingested. */
  readonly isItsRecipient: boolean;
  /** As they were written down beside the notice. */
  readonly ownQuietHours: unknown;
  /** Copies by the provider's record; empty where no record was given. */
  readonly accepted: readonly Acceptance[] | null;
}

/** Rows that name a notice which was never ingested. */
export interface Stray {
  readonly noticeId: NoticeId;
  readonly rows: "notice" | "attempt" | "history" | "dead letter";
}

/** A run whose figures do not agree with the notices that it admitted, or with each other. */
export interface RunGap {
  readonly runId: RunId;
  readonly words: string;
}

/** Which policy came into force when. */
export interface Activation {
  readonly at: Instant;
  readonly version: PolicyVersion;
}

/** A right to send that was given while a gate was shut. */
export interface GateBreach {
  readonly noticeId: NoticeId;
  readonly words: string;
}

export interface EvidenceTotals {
  readonly accepted: number;
  /** The channels that it knows of: on others it proves nothing. */
  readonly channels: readonly string[];
  /** Acceptances for notices that this ledger does not know, and how many of them came more than once. */
  readonly strangers: number;
  readonly strangersTwice: number;
}

/** What is asked for before the first page: whatever happens after it may be missing from the evidence. */
export interface AuditStart {
  readonly at: Instant;
  readonly evidence: EvidenceTotals | null;
  /** Every version that was ever stored. */
  readonly policies: readonly StoredPolicy[];
  /** In their order. */
  readonly activations: readonly Activation[];
}

export interface AuditEnd {
  /** At most `limit`, of so many. */
  readonly strays: readonly Stray[];
  readonly strayCount: number;
  readonly breaches: readonly GateBreach[];
  readonly breachCount: number;
  /** None where the scope is a part that no run is counted by. */
  readonly runGaps: readonly RunGap[];
  readonly runGapCount: number;
}

export interface Audit {
  readonly scope: AuditScope;
  readonly evidence: ProviderEvidence | null;
  /** Notices a page. Default 1,000. */
  readonly pageSize?: number;
  /** Of each kind of what is told at the end. */
  readonly limit: number;
  readonly begin: (start: AuditStart) => void;
  /** `at` is the ledger's time of this page's snapshot. */
  readonly page: (page: readonly Examined[], at: Instant) => void;
}

export interface LedgerAudit {
  readonly examine: (audit: Audit) => Effect.Effect<AuditEnd, Failure>;
}
