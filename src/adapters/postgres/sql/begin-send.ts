/**
 * T6: claimed → sending. The right to send is consumed: the one statement that a second message could come from.
 *
 * Takes the gate's lock shared, then locks the notices. Two that begin race: the second one finds the notice `sending`
 * and has lost, or is answered `already-mine` where the attempt is its own and still has time. Attempts are read after
 * the notice was locked, so `new-attempt` and `index` see every right that was ever given out; were they wrong, the
 * unique index would fail the statement and nothing would be written.
 */
import {
  attemptId,
  epoch,
  EPOCH_IS_SEEN,
  GATE,
  gated,
  NO_CONTRADICTION,
  NOW,
  ATTEMPT_NAMED,
  thereIs,
} from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const beginSend = transitionStatement({
  type: "begin-send",
  gated: true,
  given: [
    epoch,
    attemptId,
    { name: "c_provider", type: "text", of: ({ provider }) => provider },
    { name: "c_provider_key", type: "text", of: ({ providerKey }) => providerKey },
    { name: "c_content_digest", type: "text", of: ({ contentDigest }) => contentDigest },
    ...gated,
  ],
  reads: ATTEMPT_NAMED,
  alreadyMine: `a_state = 'intent' AND a_epoch = c_epoch AND status = 'sending' AND epoch = c_epoch AND ${NOW} < a_send_by`,
  guards: {
    epoch: EPOCH_IS_SEEN,
    "new-attempt": "a_state IS NULL",
    cancel: "NOT cancel_requested",
    contradiction: NO_CONTRADICTION,
    ...GATE,
    index: `NOT (${thereIs(`millrace.attempt x
        WHERE x.period = j.period AND x.notice_id = j.notice_id AND x.generation = j.generation AND x.live`)})`,
  },
  becomes: { status: "'sending'", lease_until: "NULL::bigint", lapses: "0" },
  computes: { send_by: `${NOW} + c_send_window_ms` },
  alarm: "kept",
  attempt: "w.c_attempt_id",
  writes: {
    intended: `INSERT INTO millrace.attempt (period, notice_id, attempt_id, generation, attempt_no, epoch, channel, provider,
      provider_key, content_digest, intent_at, send_by, copies, state)
    SELECT w.period, w.notice_id, w.c_attempt_id, w.generation, w.attempt_no, w.epoch, w.channel, w.c_provider,
      w.c_provider_key, w.c_content_digest, ${NOW}, w.send_by, 1, 'intent'
    FROM won w`,
  },
});
