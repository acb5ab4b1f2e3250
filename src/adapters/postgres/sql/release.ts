/**
 * T5: claimed → queued, given back by its holder.
 *
 * Locks the notices. Against T4 the first one counts: the other finds another epoch.
 */
import { epoch, EPOCH_IS_SEEN, NOW } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const release = transitionStatement({
  type: "release",
  given: [epoch, { name: "c_due_in_ms", type: "bigint", of: ({ dueInMs }) => dueInMs }],
  alreadyMine: "status = 'queued' AND epoch = c_epoch + 1",
  guards: { epoch: EPOCH_IS_SEEN },
  becomes: {
    status: "'queued'",
    epoch: "epoch + 1",
    owner: "NULL::text",
    lease_until: "NULL::bigint",
    due_at: `${NOW} + c_due_in_ms`,
    republish_at: `${NOW} + c_due_in_ms`,
    publishes: "0",
  },
  alarm: "exact",
});
