/**
 * The port through which records come in. The runtime asks, the source answers; nothing is pushed.
 *
 * To its implementer. Promise: a `pull` waits until there is something, or the source has ended, and hands over at most
 * what was asked (one record may exceed the bytes if it is the first); records of one partition come in ascending
 * offset; an interrupted `pull` has handed over nothing (what its client had fetched is kept for the next one: a
 * gap in the offsets counts as finished); a log that begins anew is assigned anew. Fail with a `Failure` when the outside is in trouble: the
 * pipeline starts again from its watermark. Not your job: retries of work, order by key, counting what is unfinished,
 * recognising a repeat.
 *
 * Two kinds. An **offset source** (a log) is told only how far the contiguous finished work reaches. A **queue source** is
 * told of every record singly. The runtime adapts to what `can` says and invents nothing.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";

/** What a source can do; the runtime invents nothing beyond it. */
export interface SourceCapabilities {
  readonly individualAck: boolean;
  readonly partitions: boolean;
  /** `retry-later` may be given to the source, which brings the record again no sooner than asked. */
  readonly delayedRetry: boolean;
  readonly priority: boolean;
  /** The client waits for `revoked` to finish before the partition goes to another member. */
  readonly awaitedRevocation: boolean;
}

/** The most that one pull may hand over. */
export interface PullLimit {
  readonly records: number;
  readonly bytes: number;
}

interface RecordFields<Body> {
  readonly body: Body;
  readonly key: string;
  /** What it weighs in the window; 0 where the source does not know. */
  readonly bytes?: number;
  /** Tries before this one, where the source counts them. */
  readonly attempt?: number;
  readonly trace?: string | null;
}

/** A record of a log: known by its partition and offset. */
export interface OffsetRecord<Body> extends RecordFields<Body> {
  readonly partition: string;
  readonly offset: number;
  /**
   * What tells this record from another at the same offset (a time stamp, say). Offsets are reused when a log is
   * deleted and made again; where identities differ the record is new, not a repeat.
   */
  readonly identity?: string;
}

/** A record of a queue: known by its token. */
export interface QueueRecord<Body> extends RecordFields<Body> {
  /** What the source knows the record by; it must print as something an operator can look up. */
  readonly token: string;
}

/** What one pull brought. */
export interface Pulled<R> {
  readonly records: readonly R[];
  /** No more will ever come. */
  readonly ended: boolean;
}

/** "Everything below `next` is finished", said by the assignment `epoch`. */
export interface CommitMark {
  readonly partition: string;
  readonly epoch: number;
  readonly next: number;
}

/** `stale`: the assignment is over. Harmless: whoever has the partition now decides. */
export type CommitAnswer = "committed" | "stale";

/** How an offset source tells of its partitions. */
export interface AssignmentListener {
  readonly assigned: (partition: string, epoch: number, position: number) => void;
  /** No record of it may be handed over any more; ends when its work is finished and committed, or the deadline passed. */
  readonly revoked: (partition: string, deadlineMs: number) => Effect.Effect<void>;
  /** It belongs to somebody else already: nothing of it is committed. */
  readonly lost: (partition: string) => void;
}

interface SourceFields {
  readonly name: string;
  readonly can: SourceCapabilities;
  readonly close: Effect.Effect<void, Failure>;
}

/** A log: it is told how far the contiguous finished work of each partition reaches. */
export interface OffsetSource<Body> extends SourceFields {
  readonly kind: "offsets";
  readonly open: (listener: AssignmentListener) => Effect.Effect<void, Failure>;
  readonly pull: (limit: PullLimit) => Effect.Effect<Pulled<OffsetRecord<Body>>, Failure>;
  readonly commit: (marks: readonly CommitMark[]) => Effect.Effect<readonly CommitAnswer[], Failure>;
  /** Records between the position and the end of the partition, where the source knows. */
  readonly lag?: (partition: string, position: number) => number | null;
}

/** `hand-back`: not our doing; somebody else may have it at once, and it was no attempt. */
export type QueueDisposition =
  | { readonly kind: "done" }
  /** `isNoAttempt`: it was not the time for it, so this try is not to be counted. */
  | { readonly kind: "retry-later"; readonly afterMs: number; readonly isNoAttempt?: true }
  | { readonly kind: "hand-back" };

/** What became of one of a queue's records. */
export interface QueueSettlement {
  readonly token: string;
  readonly disposition: QueueDisposition;
}

/** A queue: it is told of every record singly. */
export interface QueueSource<Body> extends SourceFields {
  readonly kind: "queue";
  readonly open: () => Effect.Effect<void, Failure>;
  readonly pull: (limit: PullLimit) => Effect.Effect<Pulled<QueueRecord<Body>>, Failure>;
  readonly settle: (settlements: readonly QueueSettlement[]) => Effect.Effect<void, Failure>;
}

/** Where records come from: it is asked, and never pushes. */
export type PullSource<Body> = OffsetSource<Body> | QueueSource<Body>;
