/**
 * T11: sending → in_doubt: no answer came in time. Anyone may say so.
 *
 * Locks the notices; the attempts are read after that. Against the holder's T8, T9 and T10 the first one counts.
 */
import { openLetter } from "./letters.ts";
import { ATTEMPT_LIVE, NOW } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const overdue = transitionStatement({
  type: "overdue",
  given: [{ name: "c_answer_window_ms", type: "bigint", of: ({ answerWindowMs }) => answerWindowMs }],
  reads: ATTEMPT_LIVE,
  guards: { window: `a_send_by + c_answer_window_ms < ${NOW}` },
  becomes: { status: "'in_doubt'", lease_until: "NULL::bigint" },
  alarm: "exact",
  because: { of: () => "no answer within the answer window" },
  attempt: "w.a_attempt_id",
  writes: {
    doubted: `UPDATE millrace.attempt a SET state = 'in_doubt' FROM won w WHERE a.ctid = w.a_place`,
    ...openLetter({
      kind: "doubt",
      epoch: "w.epoch",
      attempt: "w.a_attempt_id",
      reason: "w.c_because",
      when: "true",
    }),
  },
});
