/**
 * Tells the log of what is queued. What it does not take stays queued in the ledger, and is told again; so a log that is away is no
 * failure here.
 */
import { Effect, Result } from "effect";
import type { QueuedNotice, UpkeepPorts } from "./upkeep-ports.ts";

/** @returns those that the log has taken */
export const tellLog = (
  log: UpkeepPorts["log"],
  queued: readonly QueuedNotice[],
): Effect.Effect<readonly QueuedNotice[]> => {
  if (log === null || queued.length === 0) return Effect.succeed([]);
  const records = queued.map((body) => ({ key: body.noticeId, body, headers: {} }));
  return Effect.match(log.publish(records), {
    onSuccess: (answers) =>
      queued.filter((_notice, at) => {
        const answer = answers[at];
        return answer !== undefined && Result.isSuccess(answer);
      }),
    onFailure: () => [],
  });
};
