/**
 * T4: a claimed notice whose lease has passed goes back to the queue; at the cap it is held, because it keeps losing its workers. Two
 * processes that find the same one: the second finds another epoch.
 */
import { Effect } from "effect";
import { changedCount } from "./changed-count.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import type { LedgerLink } from "./ledger-link.ts";
import { dueWalk } from "./page-walk.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

export const lapseLeases = (
  { worker }: Pick<UpkeepPorts, "worker">,
  { ledger, since }: LedgerLink,
  { pageCount, leaseMs, maxLapses }: UpkeepLimits,
): Duty => {
  const walk = dueWalk(ledger, "lapse", pageCount);
  return {
    name: "lapse-leases",
    once: Effect.gen(function* () {
      const now = yield* ledger.now; // first: it tells whether there was a break
      const connectedAt = yield* since;
      if (connectedAt + leaseMs > now) return NOTHING_FOUND;
      const { rows, more } = yield* walk;
      const commands = rows.map(({ noticeId, period, epoch }) => ({
        type: "lapse" as const,
        ...{ noticeId, period, epoch, connectedAt, leaseMs, maxLapses },
        actor: worker,
      }));
      const answers = rows.length === 0 ? [] : yield* ledger.apply("lapse", commands);
      return { found: rows.length, changed: changedCount(answers), more };
    }),
  };
};
