/**
 * T2h: holds whose reason was a pause are lifted when nothing pauses them any more. A pause that comes at the same moment costs
 * nothing: T2 and T6 look again.
 *
 * While a channel stays paused a million may be held on it: after one walk nobody is looked at again before a gate has changed, or
 * the time for another walk has come.
 */
import { Effect } from "effect";
import { changedCount } from "./changed-count.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import { heldWalk } from "./page-walk.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

export const releasePauses = (
  { ledger, policies, worker, system }: Pick<UpkeepPorts, "ledger" | "policies" | "worker" | "system">,
  { pageCount, rewalkMs }: UpkeepLimits,
): Duty => {
  const walk = heldWalk(ledger, "paused", pageCount);
  let walked = { under: "", endedMs: -Infinity };
  let beganUnder: string | null = null;
  return {
    name: "release-pauses",
    once: Effect.gen(function* () {
      const active = policies.active();
      if (active === null || active.paused) return NOTHING_FOUND;
      const paused = yield* ledger.pauses;
      if (paused.includes("*")) return NOTHING_FOUND;
      const gates = [active.version, ...paused].join();
      const nowMs = system.clock.monotonicMs();
      const isSeen = paused.length > 0 && gates === walked.under && nowMs - walked.endedMs < rewalkMs;
      if (isSeen && beganUnder === null) return NOTHING_FOUND;
      beganUnder ??= gates;
      const { rows, more } = yield* walk;
      if (!more) {
        walked = { under: beganUnder, endedMs: nowMs };
        beganUnder = null;
      }
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
