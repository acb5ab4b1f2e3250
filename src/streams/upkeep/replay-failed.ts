/**
 * T13 by the policy in force: what failed long enough ago begins a new generation, if the policy asks for that and there is one left.
 * Two processes that find the same letter: the second finds another generation.
 */
import { Effect } from "effect";
import { changedCount } from "./changed-count.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";
import type { UpkeepPorts } from "./upkeep-ports.ts";

export const replayFailed = (
  { ledger, letters, policies, worker }: Pick<UpkeepPorts, "ledger" | "letters" | "policies" | "worker">,
  { pageCount }: UpkeepLimits,
): Duty => ({
  name: "replay-failed",
  once: Effect.gen(function* () {
    const resend = policies.active()?.resend ?? null;
    if (resend === null) return NOTHING_FOUND;
    const due = yield* letters.dueForResend(resend, pageCount);
    const commands = due.map(({ noticeId, period, generation }) => ({
      type: "replay" as const,
      ...{ noticeId, period, generation },
      expiresAt: null,
      actor: worker,
    }));
    const answers = due.length === 0 ? [] : yield* ledger.apply("replay", commands);
    const changed = changedCount(answers);
    // what is won is found no more; a page of which nothing is won would be found again and again
    return { found: due.length, changed, more: due.length >= pageCount && changed > 0 };
  }),
});
