/**
 * T2: ready → queued.
 *
 * Locks the notices. Two routers race: the second one finds another epoch and has lost. Suppressions and pauses are read
 * without the gate's lock: one that commits meanwhile is met again at T6, which is where it counts.
 */
import { epoch, EPOCH_IS_SEEN, IS_DUE, IS_SUPPRESSED, isPaused, NOT_EXPIRED, NOW } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const route = transitionStatement({
  type: "route",
  given: [
    epoch,
    { name: "c_channel", type: "text", of: ({ choice }) => choice?.channel ?? null },
    { name: "c_policy_version", type: "bigint", of: ({ choice }) => choice?.policyVersion ?? null },
    { name: "c_run_id", type: "text", of: ({ runId }) => runId },
    { name: "c_republish_in_ms", type: "bigint", of: ({ republishInMs }) => republishInMs },
  ],
  guards: {
    epoch: EPOCH_IS_SEEN,
    due: IS_DUE,
    held: "hold_reason IS NULL",
    expired: NOT_EXPIRED,
    suppressed: `NOT ${IS_SUPPRESSED}`,
    choice: "channel IS NOT NULL OR c_channel IS NOT NULL",
    paused: `NOT ${isPaused("coalesce(channel, c_channel)")}`,
  },
  becomes: {
    status: "'queued'",
    epoch: "epoch + 1",
    channel: "coalesce(channel, c_channel)",
    policy_version: "CASE WHEN channel IS NULL THEN c_policy_version ELSE policy_version END",
    attempt_no: "GREATEST(attempt_no, 1)",
    run_id: "coalesce(run_id, c_run_id)",
    publishes: "0",
    republish_at: `${NOW} + c_republish_in_ms`,
  },
  alarm: "exact",
});
