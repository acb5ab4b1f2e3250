/**
 * T9: sending → queued, failed or cancelled: the holder's own definite answer, while a single copy exists.
 *
 * Locks the notices; the attempts are read after that. Against T8 and T11 the first one counts: the attempt is then no
 * longer `intent`. Its own repeat finds the attempt closed as it would have closed it.
 */
import { afterNoAcceptance, lettersAfterNoAcceptance, nextStep } from "./no-acceptance.ts";
import { attemptId, ATTEMPT_NAMED, NAMED_IS_LIVE, owner } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const definiteNo = transitionStatement({
  type: "definite-no",
  given: [owner, attemptId, { name: "c_outcome", type: "text", of: ({ outcome }) => outcome }, ...nextStep],
  reads: ATTEMPT_NAMED,
  alreadyMine: "a_state = c_outcome::millrace.attempt_state",
  guards: {
    owner: "owner = c_owner",
    attempt: `${NAMED_IS_LIVE} AND a_state = 'intent'`,
    copies: "a_copies = 1",
  },
  becomes: afterNoAcceptance,
  alarm: "exact",
  because: { of: ({ reason }) => reason },
  attempt: "w.c_attempt_id",
  writes: {
    closed: `UPDATE millrace.attempt a SET state = w.c_outcome::millrace.attempt_state, evidence = w.c_because
    FROM won w WHERE a.ctid = w.a_place`,
    ...lettersAfterNoAcceptance("w.c_attempt_id", "w.c_because"),
  },
});
