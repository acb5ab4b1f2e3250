/**
 * The policies at hand: the active one, and those that generations have pinned. Whoever implements it promises:
 *
 * - **At once** from memory; `refresh` and `fetch` are what read the ledger. What is a little old costs time, never a wrong send:
 *   the ledger compares the version in the statement that grants the right.
 * - **`now` is the ledger's time**, as it was last read plus what has elapsed since. For proposals only: the ledger decides by its
 *   own.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { Instant, PolicyVersion } from "../ids.ts";
import type { Policy } from "../policy.ts";

/** The policies at hand: the active one, and those that generations have pinned. */
export interface Policies {
  /** Empty where none was ever activated. */
  readonly active: () => Policy | null;
  /** Empty where it was not fetched, or there is none of that number. */
  readonly pinned: (version: PolicyVersion) => Policy | null;
  readonly now: () => Instant;
  readonly refresh: Effect.Effect<void, Failure>;
  /** Reads those that are not at hand. */
  readonly fetch: (versions: readonly PolicyVersion[]) => Effect.Effect<void, Failure>;
}
