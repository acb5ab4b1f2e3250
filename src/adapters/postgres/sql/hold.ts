/**
 * T2h: ready → ready, put off to a later time or held for a reason.
 *
 * Locks the notices. Two that hold race: both win, one after the other, and the second one's reason stands, but
 * never over one that only an operator may lift; a contradiction refuses.
 */
import { epoch, EPOCH_IS_SEEN, NO_CONTRADICTION } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const hold = transitionStatement({
  type: "hold",
  given: [
    epoch,
    { name: "c_reason", type: "text", of: ({ reason }) => reason },
    { name: "c_due_at", type: "bigint", of: ({ dueAt }) => dueAt },
  ],
  guards: { epoch: EPOCH_IS_SEEN, contradiction: NO_CONTRADICTION },
  becomes: {
    hold_reason:
      "CASE WHEN hold_reason IN ('operator', 'lapses') THEN hold_reason ELSE coalesce(c_reason, hold_reason) END",
    due_at: "coalesce(c_due_at, due_at)",
  },
  alarm: "exact",
  because: { of: ({ reason }) => reason },
});
