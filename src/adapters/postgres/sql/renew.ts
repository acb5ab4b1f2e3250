/**
 * T3r: the holder's lease runs on. Leaves no line in the history.
 *
 * Locks the notices. Against T4 (lapse) the first one counts: after a lapse the epoch is another one.
 */
import { epoch, EPOCH_IS_SEEN, NOW } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const renew = transitionStatement({
  type: "renew",
  given: [epoch, { name: "c_lease_ms", type: "bigint", of: ({ leaseMs }) => leaseMs }],
  guards: { epoch: EPOCH_IS_SEEN },
  becomes: { lease_until: `${NOW} + c_lease_ms` },
  alarm: "early",
});
