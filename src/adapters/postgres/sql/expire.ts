/**
 * T16: ready, queued, claimed → expired.
 *
 * Locks the notices. Against T6 the first one counts: after it the notice is `sending` and has lost its right to expire.
 */
import { closeReplays } from "./letters.ts";
import { LET_GO, NOW } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const expire = transitionStatement({
  type: "expire",
  given: [],
  guards: { expired: `expires_at <= ${NOW}` },
  becomes: {
    hold_reason: LET_GO,
    status: "'expired'",
    epoch: "epoch + 1",
    owner: "NULL::text",
    lease_until: "NULL::bigint",
    republish_at: "NULL::bigint",
    publishes: "0",
  },
  alarm: "exact",
  writes: { replays_closed: closeReplays("true") },
});
