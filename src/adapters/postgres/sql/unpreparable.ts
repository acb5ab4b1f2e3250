/**
 * T5f: claimed → queued on the next channel, or failed: preparing failed for good on this one.
 *
 * Locks the notices. Against T4 and T5 the first one counts: the other finds another epoch.
 */
import { afterNoAcceptance, lettersAfterNoAcceptance, nextStep } from "./no-acceptance.ts";
import { epoch, EPOCH_IS_SEEN } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const unpreparable = transitionStatement({
  type: "unpreparable",
  given: [epoch, ...nextStep],
  alreadyMine: `epoch = c_epoch + 1 AND CASE
        WHEN c_next_channel IS NULL THEN status = 'failed'
        ELSE status = 'queued' AND channel = c_next_channel AND attempt_no = c_next_attempt_no END`,
  guards: {
    epoch: EPOCH_IS_SEEN,
    "other-channel": "c_next_channel IS NULL OR c_next_channel IS DISTINCT FROM channel",
  },
  becomes: afterNoAcceptance,
  alarm: "exact",
  because: { of: ({ reason }) => reason },
  writes: lettersAfterNoAcceptance("NULL::text", "w.c_because"),
});
