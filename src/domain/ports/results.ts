/**
 * Results, and who is told of them. Whoever implements it promises:
 *
 * - **Each final outcome is owed.** A generation that ends is untold from the transaction that ended it until `told`. Who relays it
 *   tells first and marks it then: a crash in between repeats the result, and loses none.
 * - **As it was.** What is handed over is how that generation ended, each time the same, whatever has become of the notice since: a
 *   replay neither takes it back nor mixes it with the next one. Nothing is handed over of a generation that has not ended.
 * - **Any number of relays.** What `untold` hands over it hands over to nobody else for `RETOLD_AFTER_MS`.
 * - **It is owed whether or not anybody asks.** So a log that is added later is told of what ended before.
 *
 * Not its job: to keep the order in which notices ended. Of two results of one notice the larger `epoch` is the later.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { ResultRecord } from "../records/result-record.ts";

/** A result that somebody is to be told of. */
export interface UntoldResult extends ResultRecord {
  /** By which its keeper finds it again: to be given back as it is, and of no meaning to anybody else. */
  readonly mark: string;
}

/** Results, and who is told of them. */
export interface Results {
  /**
   * Oldest first: at most `limit`, or what ended in one call of the ledger where that is more; perhaps fewer than there are. Empty only
   * where none is owed, or another relay is taking them at this moment.
   */
  readonly untold: (limit: number) => Effect.Effect<readonly UntoldResult[], Failure>;
  /** Who is still to be told, those included that a relay has taken. */
  readonly untoldCount: Effect.Effect<number, Failure>;
  /** Those of them that were told: as `untold` handed them over, any part of it. */
  readonly told: (batch: readonly UntoldResult[]) => Effect.Effect<void, Failure>;
}
