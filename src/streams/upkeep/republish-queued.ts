/**
 * What is queued and has not been claimed is told to the log again, each time after a longer wait: a record that the log lost costs
 * time, never a notice. There is no last time, because consumers that are down for a day must not fail anybody's bill.
 */
import { Effect } from "effect";
import type { DueNotice } from "../../domain/ports/notice-ledger.ts";
import { changedCount } from "./changed-count.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import { dueWalk } from "./page-walk.ts";
import { tellLog } from "./tell-log.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { QueuedNotice, UpkeepPorts } from "./upkeep-ports.ts";

export const republishQueued = (
  { ledger, worker, log }: Pick<UpkeepPorts, "ledger" | "worker" | "log">,
  { pageCount, republishMs, republishCapMs }: UpkeepLimits,
): Duty => {
  const walk = dueWalk(ledger, "republish", pageCount);
  return {
    name: "republish-queued",
    once: Effect.gen(function* () {
      if (log === null) return NOTHING_FOUND;
      const { rows, more } = yield* walk;
      const publishes = new Map(rows.map((row) => [row.noticeId, row.publishes]));
      const told = yield* tellLog(log, rows.flatMap(recordOf));
      const commands = told.map(({ noticeId, period, epoch }) => ({
        type: "published" as const,
        ...{ noticeId, period, epoch },
        republishInMs: Math.min(republishCapMs, republishMs * 2 ** (publishes.get(noticeId) ?? 0)),
        actor: worker,
      }));
      const answers = commands.length === 0 ? [] : yield* ledger.apply("published", commands);
      return { found: rows.length, changed: changedCount(answers), more: more && told.length > 0 };
    }),
  };
};

const recordOf = ({ noticeId, period, epoch, channel }: DueNotice): readonly QueuedNotice[] =>
  channel === null ? [] : [{ noticeId, period, epoch, channel }];
