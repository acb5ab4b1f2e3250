/**
 * The ports through which things go out: records to a log, dead letters to wherever they are kept.
 *
 * To their implementer: answer for every item singly and in order. What is answered as success is durable. A failed
 * call as a whole means that nothing may be concluded about any of its items.
 */
import type { Effect, Result } from "effect";
import type { Failure } from "../../failure.ts";
import type { DivertedTag } from "./rail.ts";

/** A record to be published. */
export interface OutgoingRecord<Body> {
  readonly key: string;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string>>;
}

/** Sends records out to a log. */
export interface Publisher<Body> {
  readonly publish: (
    records: readonly OutgoingRecord<Body>[],
  ) => Effect.Effect<readonly Result.Result<void, Failure>[], Failure>;
}

/** An item that this pipeline could not bring to its end, with all that is needed to try again after a repair. */
export interface DeadRecord {
  readonly pipeline: string;
  /** Where it came from: `partition@offset`, or the queue's token. */
  readonly record: string;
  readonly key: string;
  /** As it came in. */
  readonly body: unknown;
  readonly attempts: number;
  readonly stage: string;
  readonly failure: DivertedTag;
  readonly reason: string;
  /** For a bug: where it was thrown. */
  readonly stack: string | null;
  readonly atMs: number;
}

/** Where a pipeline leaves what it could not bring to its end. */
export interface DeadLetterSink {
  /** Durable when it succeeds; the records count as unfinished until then. */
  readonly write: (records: readonly DeadRecord[]) => Effect.Effect<void, Failure>;
}
