/**
 * T2h: lifts exactly one reason.
 *
 * Locks the notices. Two that lift race: the second one finds nothing held and answers `already-mine`.
 */
import { transitionStatement } from "./statement.ts";

export const unhold = transitionStatement({
  type: "unhold",
  given: [{ name: "c_reason", type: "text", of: ({ reason }) => reason }],
  alreadyMine: "hold_reason IS NULL",
  guards: { reason: "hold_reason = c_reason" },
  becomes: { hold_reason: "NULL::text" },
  alarm: "exact",
  because: { of: ({ reason }) => reason },
});
