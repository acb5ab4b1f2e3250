/**
 * The memory ledger's doubts, with what a copy is made from.
 */
import { Effect } from "effect";
import type { DoubtfulNotice, DoubtKey, Doubts } from "../../domain/ports/doubts.ts";
import type { MemoryLedger } from "./notice-ledger.ts";

/** The doubts of that ledger. */
export const memoryDoubts = (ledger: MemoryLedger): Doubts => {
  const readOne = ({ noticeId, period }: DoubtKey) =>
    Effect.map(ledger.read(noticeId, period), (record): DoubtfulNotice | null => {
      if (record === null || record.notice.status !== "in_doubt") return null;
      const { notice, attempts } = record;
      const attempt = attempts.find(
        ({ generation, state }) => generation === notice.generation && state === "in_doubt",
      );
      const contents = ledger.contentsOf(noticeId);
      return attempt === undefined || contents === null ? null : { notice, attempt, contents };
    });
  return { read: (keys) => Effect.forEach(keys, readOne) };
};
