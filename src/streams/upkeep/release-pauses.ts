/**
 * T2h: holds whose reason was a pause are lifted when nothing pauses them any more. A pause that comes at the same moment costs
 * nothing: T2 and T6 look again.
 */
import { Effect } from "effect";
import { changedCount } from "./changed-count.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import { heldWalk } from "./page-walk.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

export const releasePauses = (
  { ledger, policies, worker }: Pick<UpkeepPorts, "ledger" | "policies" | "worker">,
  { pageCount }: UpkeepLimits,
): Duty => {
  const walk = heldWalk(ledger, "paused", pageCount);
  return {
    name: "release-pauses",
    once: Effect.gen(function* () {
      const { rows, more } = yield* walk;
      const active = policies.active();
      if (rows.length === 0 || active === null || active.paused)
        return { ...NOTHING_FOUND, found: rows.length };
      const paused = yield* ledger.pauses;
      if (paused.includes("*")) return { ...NOTHING_FOUND, found: rows.length };
      const commands = rows
        .filter(({ channel }) => channel === null || !paused.includes(channel))
        .map(({ noticeId, period }) => ({
          type: "unhold" as const,
          ...{ noticeId, period },
          reason: "paused" as const,
          actor: worker,
        }));
      const answers = commands.length === 0 ? [] : yield* ledger.apply("unhold", commands);
      return { found: rows.length, changed: changedCount(answers), more };
    }),
  };
};
