/**
 * T14: ready, queued, claimed → cancelled; where a right to send is out the wish is noted, and honoured by T9 and T12.
 *
 * Locks the notices. Against T6 the first one counts: before it the notice is cancelled, after it the wish is noted.
 */
import { closeReplays } from "./letters.ts";
import { LET_GO } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

const IS_OUT = "status IN ('sending', 'in_doubt')";

export const cancel = transitionStatement({
  type: "cancel",
  given: [],
  alreadyMine: `status = 'cancelled' OR (cancel_requested AND ${IS_OUT})`,
  guards: {},
  becomes: {
    hold_reason: `CASE WHEN ${IS_OUT} THEN hold_reason ELSE ${LET_GO} END`,
    status: `CASE WHEN ${IS_OUT} THEN status ELSE 'cancelled' END`,
    epoch: `CASE WHEN ${IS_OUT} THEN epoch ELSE epoch + 1 END`,
    owner: `CASE WHEN ${IS_OUT} THEN owner END`,
    lease_until: `CASE WHEN ${IS_OUT} THEN lease_until END`,
    republish_at: `CASE WHEN ${IS_OUT} THEN republish_at END`,
    publishes: `CASE WHEN ${IS_OUT} THEN publishes ELSE 0 END`,
    cancel_requested: `${IS_OUT} OR cancel_requested`,
  },
  alarm: "exact",
  because: { of: ({ reason }) => reason },
  writes: { replays_closed: closeReplays("w.to_status = 'cancelled'") },
});
