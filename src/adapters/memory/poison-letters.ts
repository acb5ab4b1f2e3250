/**
 * The memory ledger's poison records. Which have been told is known here alone: one `PoisonLetters` a ledger.
 */
import { Effect } from "effect";
import type { Instant } from "../../domain/ids.ts";
import { RETOLD_AFTER_MS } from "../../domain/ports/letters.ts";
import type { PoisonLetters, PoisonName } from "../../domain/ports/poison-letters.ts";
import type { MemoryLedger } from "./notice-ledger.ts";

const nameOf = ({ topic, partition, offset }: PoisonName): string =>
  JSON.stringify([topic, partition, offset]);

/** The poison records of that ledger. */
export const memoryPoisonLetters = (ledger: Pick<MemoryLedger, "poisoned" | "now">): PoisonLetters => {
  /** When it is owed again; empty: it has been told. What is not here has not been looked at yet. */
  const tellAt = new Map<string, Instant | null>();

  return {
    untold: (limit, payloadBytes) =>
      Effect.map(ledger.now, (now) => {
        const owed = ledger
          .poisoned()
          .filter((record) => {
            const at = tellAt.get(nameOf(record));
            return at === undefined || (at !== null && at <= now);
          })
          .slice(0, limit);
        for (const record of owed) tellAt.set(nameOf(record), (now + RETOLD_AFTER_MS) as Instant); // a sum of an instant
        return owed.map(({ payload, ...record }) => ({
          ...record,
          payload: payload.length <= payloadBytes ? payload : null,
        }));
      }),
    untoldCount: Effect.sync(
      () => ledger.poisoned().filter((record) => tellAt.get(nameOf(record)) !== null).length,
    ),
    told: (batch) =>
      Effect.sync(() => {
        for (const name of batch) tellAt.set(nameOf(name), null);
      }),
  };
};
