/**
 * T8: the provider accepted. From anyone, at any time; the only way to `sent`. An attempt that was closed as not accepted
 * stays closed: the contradiction is written down and the notice held.
 *
 * Locks the notices; the attempts and letters are read after that. Two that accept race: the second one finds the
 * attempt accepted, or the contradiction noted, and answers `already-mine`. Against T9, T10 and T11 the first one counts,
 * and an acceptance that comes second is still written, as the end of a doubt or as a contradiction.
 */
import { closeDoubt, closeReplays } from "./letters.ts";
import { attemptId, ATTEMPT_NAMED } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

const IS_OPEN = "a_state IN ('intent', 'in_doubt')";

export const accept = transitionStatement({
  type: "accept",
  given: [
    attemptId,
    { name: "c_provider_message_id", type: "text", of: ({ providerMessageId }) => providerMessageId },
    { name: "c_evidence", type: "text", of: ({ evidence }) => evidence },
  ],
  // The rest of the attempt is looked at only where it is settled already.
  reads: ATTEMPT_NAMED,
  alreadyMine: `NOT (${IS_OPEN}) AND (
        SELECT x.contradiction IS NOT NULL OR (x.state = 'accepted' AND x.provider_message_id = c_provider_message_id)
        FROM millrace.attempt x WHERE x.ctid = a_place)`,
  guards: { attempt: "a_state IS NOT NULL" },
  becomes: {
    status: `CASE WHEN ${IS_OPEN} THEN 'sent' ELSE status END`,
    owner: `CASE WHEN ${IS_OPEN} THEN NULL ELSE owner END`,
    lease_until: `CASE WHEN ${IS_OPEN} THEN NULL ELSE lease_until END`,
    hold_reason: `CASE WHEN ${IS_OPEN} THEN hold_reason ELSE 'contradiction' END`,
  },
  computes: { is_open: `(${IS_OPEN})` },
  alarm: "exact",
  because: { words: `CASE WHEN ${IS_OPEN} THEN NULL ELSE 'contradiction' END` },
  attempt: "w.c_attempt_id",
  writes: {
    settled: `UPDATE millrace.attempt a SET state = 'accepted', evidence = w.c_evidence,
      provider_message_id = w.c_provider_message_id
    FROM won w WHERE w.is_open AND a.ctid = w.a_place`,
    contradicted: `UPDATE millrace.attempt a SET contradiction = w.c_provider_message_id || ': ' || w.c_evidence,
      provider_message_id = coalesce(a.provider_message_id, w.c_provider_message_id)
    FROM won w WHERE NOT w.is_open AND a.ctid = w.a_place`,
    doubt_closed: closeDoubt(),
    replays_closed: closeReplays("w.is_open"),
  },
});
