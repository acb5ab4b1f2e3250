/**
 * T12: in_doubt → queued, failed or cancelled, by evidence that nothing was accepted and nothing can still be (E2).
 *
 * Locks the notices; the attempts are read after that. Against T8 the first one counts: an acceptance that comes second is
 * written as a contradiction. Against T11r the first one counts too: evidence about fewer copies than there are is refused.
 */
import { afterNoAcceptance, lettersAfterNoAcceptance, nextStep } from "./no-acceptance.ts";
import { closeDoubt } from "./letters.ts";
import { attemptId, ATTEMPT_NAMED, NAMED_IS_LIVE, NOW } from "./phrases.ts";
import { providerTerms } from "./provider-terms.ts";
import { transitionStatement } from "./statement.ts";

export const resolve = transitionStatement({
  type: "resolve",
  given: [
    attemptId,
    { name: "c_outcome", type: "text", of: ({ outcome }) => outcome },
    { name: "c_by", type: "text", of: ({ evidence }) => evidence.by },
    { name: "c_words", type: "text", of: ({ evidence }) => evidence.words },
    { name: "c_copies", type: "integer", of: ({ evidence }) => evidence.copies },
    {
      name: "c_owner",
      type: "text",
      of: ({ evidence }) => (evidence.by === "owner" ? evidence.owner : null),
    },
    {
      name: "c_asked_at",
      type: "bigint",
      of: ({ evidence }) => (evidence.by === "look-up" ? evidence.askedAt : null),
    },
    ...providerTerms,
    ...nextStep,
  ],
  reads: ATTEMPT_NAMED,
  alreadyMine: "a_state = c_outcome::millrace.attempt_state",
  guards: {
    attempt: `${NAMED_IS_LIVE} AND a_state = 'in_doubt'`,
    copies: "a_copies = c_copies",
    owner: "c_by <> 'owner' OR (c_owner = owner AND a_copies = 1)",
    class: "CASE c_by WHEN 'rejection' THEN c_class = 'A' WHEN 'look-up' THEN c_class = 'B' ELSE true END",
    delta: "c_by NOT IN ('rejection', 'look-up') OR c_delta_ms IS NOT NULL",
    "asked-late": `c_by <> 'look-up' OR (a_send_by + c_delta_ms < c_asked_at AND c_asked_at <= ${NOW})`,
    "asked-early": `CASE
        WHEN c_by = 'look-up' THEN c_class = 'B' AND ${NOW} < a_intent_at + c_findable_ms
        WHEN c_by <> 'rejection' OR a_copies = 1 THEN true
        ELSE c_class = 'A' AND ${NOW} < a_intent_at + c_window_ms END`,
    operator: `c_by <> 'operator' OR a_send_by + coalesce(c_delta_ms, 0) < ${NOW}`,
  },
  becomes: afterNoAcceptance,
  alarm: "exact",
  because: { of: ({ evidence }) => `${evidence.by}: ${evidence.words}` },
  attempt: "w.c_attempt_id",
  writes: {
    closed: `UPDATE millrace.attempt a SET state = w.c_outcome::millrace.attempt_state, evidence = w.c_words
    FROM won w WHERE a.ctid = w.a_place`,
    doubt_closed: closeDoubt(),
    ...lettersAfterNoAcceptance("w.c_attempt_id", "w.c_words"),
  },
});
