/**
 * T2x: ready → suppressed.
 *
 * Locks the notices. The list is read in the statement's own snapshot: a recipient taken off it at the same moment may
 * still be suppressed once, which is where the two would have met in the other order as well.
 */
import { closeReplays } from "./letters.ts";
import { IS_SUPPRESSED, LET_GO } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const suppress = transitionStatement({
  type: "suppress",
  given: [],
  guards: { suppressed: IS_SUPPRESSED },
  becomes: { status: "'suppressed'", hold_reason: LET_GO, republish_at: "NULL::bigint", publishes: "0" },
  alarm: "exact",
  writes: { replays_closed: closeReplays("true") },
});
