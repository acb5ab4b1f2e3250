/**
 * T16: what is past its time without having left never leaves.
 */
import { Effect } from "effect";
import { changedCount } from "./changed-count.ts";
import type { Duty } from "./duty.ts";
import { dueWalk } from "./page-walk.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

export const expireNotices = (
  { ledger, worker }: Pick<UpkeepPorts, "ledger" | "worker">,
  { pageCount }: UpkeepLimits,
): Duty => {
  const walk = dueWalk(ledger, "expire", pageCount);
  return {
    name: "expire-notices",
    once: Effect.gen(function* () {
      const { rows, more } = yield* walk;
      const commands = rows.map(({ noticeId, period }) => ({
        type: "expire" as const,
        ...{ noticeId, period },
        actor: worker,
      }));
      const answers = rows.length === 0 ? [] : yield* ledger.apply("expire", commands);
      return { found: rows.length, changed: changedCount(answers), more };
    }),
  };
};
