/**
 * What is queued and has not been claimed is told to the log again, each time after a longer wait: a record that the log lost costs
 * time, never a notice. There is no last time, because consumers that are down for a day must not fail anybody's bill.
 */
import { Effect } from "effect";
import type { DueNotice } from "../../domain/ports/notice-ledger.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import { dueWalk } from "./page-walk.ts";
import { type Retold, tellAgain } from "./tell-again.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

export const republishQueued = (
  ports: Pick<UpkeepPorts, "ledger" | "worker" | "log">,
  limits: UpkeepLimits,
): Duty => {
  const walk = dueWalk(ports.ledger, "republish", limits.pageCount);
  return {
    name: "republish-queued",
    once: Effect.gen(function* () {
      if (ports.log === null) return NOTHING_FOUND;
      const { rows, more } = yield* walk;
      const { told, noted } = yield* tellAgain(ports, limits, rows.flatMap(retoldOf));
      return { found: rows.length, changed: noted, more: more && told > 0 };
    }),
  };
};

const retoldOf = ({ noticeId, period, epoch, channel, publishes }: DueNotice): readonly Retold[] =>
  channel === null ? [] : [{ noticeId, period, epoch, channel, publishes }];
