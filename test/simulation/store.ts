/**
 * Postgres, simulated: the memory ledger and what hangs on it, one for the whole world, which outlives every process. Each change of a
 * notice is told to whoever watches, at the moment at which it is committed.
 */
import { Effect, Result } from "effect";
import { memoryDoubts } from "../../src/adapters/memory/doubts.ts";
import { memoryLetters } from "../../src/adapters/memory/letters.ts";
import { type MemoryLedger, memoryLedger } from "../../src/adapters/memory/notice-ledger.ts";
import { memoryPoisonLetters } from "../../src/adapters/memory/poison-letters.ts";
import { memoryQueuedNotices } from "../../src/adapters/memory/queued-notices.ts";
import { memoryResults } from "../../src/adapters/memory/results.ts";
import { memoryRuns } from "../../src/adapters/memory/runs.ts";
import { memoryUnheardNotices } from "../../src/adapters/memory/unheard-notices.ts";
import type { Instant } from "../../src/domain/ids.ts";
import type { Command } from "../../src/domain/lifecycle/commands.ts";
import type { Table } from "../../src/domain/lifecycle/rule.ts";
import type { Answer } from "../../src/domain/ports/notice-ledger.ts";
import type { QueuedDetails } from "../../src/domain/ports/queued-details.ts";

export interface StoreOptions {
  readonly now: () => Instant;
  /** Told of every command that was carried out, with its answer. */
  readonly watch: (command: Command, answer: Answer) => void;
  /** Only to show what a missing guard does. */
  readonly table?: Table;
}

export const openStore = ({ now, watch, table }: StoreOptions) => {
  const kept = memoryLedger({ now, ...(table === undefined ? {} : { table }) });
  const ledger: MemoryLedger = {
    ...kept,
    apply: (type, batch) =>
      Effect.tap(kept.apply(type, batch), (answers) =>
        Effect.sync(() => {
          answers.forEach((answer, at) => {
            const command = batch[at];
            if (command !== undefined && Result.isSuccess(answer)) watch(command, answer.success);
          });
        }),
      ),
  };
  return {
    ledger,
    runs: memoryRuns(ledger),
    doubts: memoryDoubts(ledger),
    letters: memoryLetters(ledger),
    results: memoryResults(ledger),
    poison: memoryPoisonLetters(ledger),
    unheard: memoryUnheardNotices(ledger),
    details: details(ledger),
    queued: () => memoryQueuedNotices(ledger),
  };
};

export type Store = ReturnType<typeof openStore>;

const details = (ledger: MemoryLedger): QueuedDetails => ({
  read: (keys) =>
    Effect.sync(() => {
      const rows = new Map(ledger.notices().map(({ notice }) => [notice.noticeId, notice]));
      return keys.map(({ noticeId, period }) => {
        const notice = rows.get(noticeId);
        const contents = ledger.contentsOf(noticeId);
        if (notice?.period !== period || contents === null) return null;
        const { epoch, status, channel, generation, attemptNo, policyVersion, runId } = notice;
        return {
          ...{ epoch, status, channel, generation, attemptNo, policyVersion, runId },
          ...{ userId: contents.userId, billId: contents.billId, priority: 0, place: null },
          contact: channel === null ? null : (contents.contacts[channel] ?? null),
        };
      });
    }),
});
