/**
 * The log is told of queued rows, and the ledger of that: the next telling comes after twice as long.
 */
import { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import { changedCount } from "./changed-count.ts";
import { tellLog } from "./tell-log.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { QueuedNotice, UpkeepPorts } from "./upkeep-ports.ts";

/** A queued row, with how often the log was told again. */
export interface Retold extends QueuedNotice {
  readonly publishes: number;
}

/** What became of a page of them. */
export interface ToldAgain {
  /** Which the log has taken. */
  readonly told: number;
  /** Of those, which the ledger has noted: the others have moved on meanwhile. */
  readonly noted: number;
}

export const tellAgain = (
  { ledger, worker, log }: Pick<UpkeepPorts, "ledger" | "worker" | "log">,
  { republishMs, republishCapMs }: UpkeepLimits,
  rows: readonly Retold[],
): Effect.Effect<ToldAgain, Failure> =>
  Effect.gen(function* () {
    const publishes = new Map(rows.map((row) => [row.noticeId, row.publishes]));
    const told = yield* tellLog(log, rows);
    const commands = told.map(({ noticeId, period, epoch }) => ({
      type: "published" as const,
      ...{ noticeId, period, epoch },
      republishInMs: Math.min(republishCapMs, republishMs * 2 ** (publishes.get(noticeId) ?? 0)),
      actor: worker,
    }));
    const answers = commands.length === 0 ? [] : yield* ledger.apply("published", commands);
    return { told: told.length, noted: changedCount(answers) };
  });
