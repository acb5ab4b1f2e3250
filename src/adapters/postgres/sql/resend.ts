/**
 * T11r: in_doubt → in_doubt: one copy more, under the provider's promise not to accept twice. Committed before it leaves.
 *
 * Takes the gate's lock shared, then locks the notices; the attempts are read after that. Two that resend race: the second
 * one finds another count of copies and has lost, and so does T12 with evidence of the count before.
 */
import { attemptId, ATTEMPT_NAMED, GATE, gated, NAMED_IS_LIVE, NO_CONTRADICTION, NOW } from "./phrases.ts";
import { providerTerms } from "./provider-terms.ts";
import { transitionStatement } from "./statement.ts";

export const resend = transitionStatement({
  type: "resend",
  gated: true,
  given: [
    attemptId,
    { name: "c_copies", type: "integer", of: ({ copies }) => copies },
    { name: "c_content_digest", type: "text", of: ({ contentDigest }) => contentDigest },
    ...providerTerms,
    ...gated,
  ],
  reads: ATTEMPT_NAMED,
  guards: {
    attempt: `${NAMED_IS_LIVE} AND a_state = 'in_doubt'`,
    class: "c_class = 'A'",
    copies: "a_copies = c_copies",
    digest: "a_content_digest = c_content_digest",
    spaced: `a_send_by + c_delta_ms < ${NOW}`,
    window: `${NOW} + c_send_window_ms + c_delta_ms < a_intent_at + c_window_ms`,
    contradiction: NO_CONTRADICTION,
    ...GATE,
  },
  becomes: {},
  computes: { new_send_by: `${NOW} + c_send_window_ms` },
  alarm: "exact",
  attempt: "w.c_attempt_id",
  writes: {
    copied: `UPDATE millrace.attempt a SET copies = a.copies + 1, send_by = w.new_send_by
    FROM won w WHERE a.ctid = w.a_place`,
  },
});
