/**
 * The one union of expected failures, which every room may import.
 *
 * A failure is a value on the rail, never an exception that somebody has to remember. Adapters translate their
 * vendor's errors into one of these five; stages decide by the tag alone:
 *
 * | tag           | means                                                       | who may try again                |
 * | ------------- | ----------------------------------------------------------- | -------------------------------- |
 * | `Transient`   | it did not happen, and may work next time                   | the stage, by its retry schedule |
 * | `Permanent`   | it did not happen, and never will for this item             | nobody                           |
 * | `Unconfirmed` | it may or may not have happened                             | nobody, until there is evidence  |
 * | `Undecodable` | the input cannot be read                                    | nobody                           |
 * | `Postponed`   | it is not the time for it; costs no attempt                 | whoever delays, at `until`       |
 *
 * A message says what was being done, to which id, and what happens next; never an address, a body or a key.
 */
import { Data } from "effect";

interface FailureFields {
  /** What was being done, to which id. */
  readonly message: string;
  /** A short stable code for tables and metrics, such as `"timeout"` or `"sqlstate:40001"`. */
  readonly code?: string;
  /** The vendor's error, for the log's stack only. */
  readonly cause?: unknown;
}

/** It did not happen, and may succeed when tried again: the only one that is retried. */
export class Transient extends Data.TaggedError("Transient")<
  FailureFields & {
    /** The other side asked not to be called again sooner than this. */
    readonly retryAfterMs?: number;
  }
> {}

/** It did not happen, and trying the same again would not change that. */
export class Permanent extends Data.TaggedError("Permanent")<FailureFields> {}

/** It may have happened: nobody does it again unasked. */
export class Unconfirmed extends Data.TaggedError("Unconfirmed")<FailureFields> {}

/** What came in cannot be read. */
export class Undecodable extends Data.TaggedError("Undecodable")<FailureFields> {}

/** It is not the time for it: nothing was tried, and it costs no attempt. */
export class Postponed extends Data.TaggedError("Postponed")<
  FailureFields & {
    /** Wall-clock time in epoch milliseconds from which on it may work. */
    readonly untilMs: number;
  }
> {}

/** The five expected failures. Whatever else is thrown is a bug. */
export type Failure = Transient | Permanent | Unconfirmed | Undecodable | Postponed;
/** By which the five are told apart. */
export type FailureTag = Failure["_tag"];

const FAILURE_TAGS: ReadonlySet<string> = new Set<FailureTag>([
  "Transient",
  "Permanent",
  "Unconfirmed",
  "Undecodable",
  "Postponed",
]);

/** True for the five tagged failures; anything else that is thrown is a bug in the work that threw it. */
export const isFailure = (value: unknown): value is Failure =>
  value instanceof Error && "_tag" in value && FAILURE_TAGS.has(String(value._tag));
