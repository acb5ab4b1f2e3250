/**
 * Poison records as entries of the dead-letter table (T15), and who is told of them. Whoever implements it promises:
 *
 * - **Each entry is owed.** A record is untold from the transaction that kept it until `told`; keeping it again owes nothing new. Who
 *   relays it tells first and marks it then: a crash in between repeats the entry, and loses none.
 * - **Any number of relays.** What `untold` hands over it hands over to nobody else for `RETOLD_AFTER_MS`.
 * - **It is owed whether or not anybody asks**, as the results are.
 */
import type { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import type { Instant } from "../ids.ts";
import type { PoisonRecord } from "./notice-ledger.ts";

/** A poison record that somebody is to be told of. */
export interface UntoldPoison extends Omit<PoisonRecord, "payload"> {
  /** Empty where it is larger than was asked for; the entry keeps it. */
  readonly payload: Uint8Array | null;
  readonly firstSeenAt: Instant;
}

/** What tells one poison record from every other. */
export type PoisonName = Pick<PoisonRecord, "topic" | "partition" | "offset">;

/** Poison records, and who is told of them. */
export interface PoisonLetters {
  /** At most `limit`, oldest first, with payloads of at most so many bytes: so memory is bounded by their product. */
  readonly untold: (limit: number, payloadBytes: number) => Effect.Effect<readonly UntoldPoison[], Failure>;
  /** Who is still to be told, those included that a relay has taken. */
  readonly untoldCount: Effect.Effect<number, Failure>;
  readonly told: (batch: readonly PoisonName[]) => Effect.Effect<void, Failure>;
}
