/**
 * T10: sending → in_doubt: the holder does not know the outcome.
 *
 * Locks the notices; the attempts are read after that. Against T8 and T11 the first one counts: the attempt is then no
 * longer `intent`. Its own repeat, and that of T11, find the attempt in doubt.
 */
import { openLetter } from "./letters.ts";
import { attemptId, ATTEMPT_NAMED, NAMED_IS_LIVE, owner } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const doubt = transitionStatement({
  type: "doubt",
  given: [owner, attemptId],
  reads: ATTEMPT_NAMED,
  alreadyMine: "a_state = 'in_doubt'",
  guards: { owner: "owner = c_owner", attempt: `${NAMED_IS_LIVE} AND a_state = 'intent'` },
  becomes: { status: "'in_doubt'", lease_until: "NULL::bigint" },
  alarm: "exact",
  because: { of: ({ reason }) => reason },
  attempt: "w.c_attempt_id",
  writes: {
    doubted: `UPDATE millrace.attempt a SET state = 'in_doubt' FROM won w WHERE a.ctid = w.a_place`,
    ...openLetter({
      kind: "doubt",
      epoch: "w.epoch",
      attempt: "w.c_attempt_id",
      reason: "w.c_because",
      when: "true",
    }),
  },
});
