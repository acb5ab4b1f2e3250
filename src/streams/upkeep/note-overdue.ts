/**
 * T11: a right to send of which nobody has heard within the answer window becomes a doubt. Its holder may be dead or only slow: what
 * it still learns counts (T8), so this decides nothing but that somebody should ask. It waits for at least as long as the sender of
 * that channel does: what a sender says itself costs nobody a look-up.
 */
import { Effect } from "effect";
import { changedCount } from "./changed-count.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import { dueWalk } from "./page-walk.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

export const noteOverdue = (
  { ledger, worker, providers }: Pick<UpkeepPorts, "ledger" | "worker" | "providers">,
  { pageCount, answerWindowMs }: UpkeepLimits,
): Duty => {
  const walk = dueWalk(ledger, "overdue", pageCount);
  const windows = new Map(providers.map(({ channel, sender }) => [channel, sender.limits.answerWindowMs]));
  return {
    name: "note-overdue",
    once: Effect.gen(function* () {
      const { rows, more } = yield* walk;
      if (rows.length === 0) return NOTHING_FOUND;
      const now = yield* ledger.now;
      const commands = rows
        .map(({ noticeId, period, channel, at }) => {
          const its = channel === null ? undefined : windows.get(channel);
          const windowMs = Math.max(its ?? 0, answerWindowMs);
          const command = { type: "overdue" as const, noticeId, period, answerWindowMs: windowMs };
          return { at, command: { ...command, actor: worker } };
        })
        // the others are on their way, thousands of them at times: their rows are left alone
        .filter(({ at, command }) => at + command.answerWindowMs < now)
        .map(({ command }) => command);
      const answers = commands.length === 0 ? [] : yield* ledger.apply("overdue", commands);
      return { found: rows.length, changed: changedCount(answers), more };
    }),
  };
};
