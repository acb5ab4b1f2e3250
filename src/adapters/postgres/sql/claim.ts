/**
 * T3: queued → claimed, and what is needed to prepare the notice comes with it.
 *
 * Locks the notices. Two workers race: the second one finds another epoch, or the notice claimed, and has lost; the first
 * one's own repeat is recognised by owner and epoch. The contents are written once and need no lock.
 */
import { epoch, EPOCH_IS_SEEN, IS_DUE, NO_CONTRADICTION, NOT_EXPIRED, NOW, owner } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

export const claim = transitionStatement({
  type: "claim",
  given: [epoch, owner, { name: "c_lease_ms", type: "bigint", of: ({ leaseMs }) => leaseMs }],
  alreadyMine: "status = 'claimed' AND owner = c_owner AND epoch = c_epoch + 1",
  guards: {
    epoch: EPOCH_IS_SEEN,
    contradiction: NO_CONTRADICTION,
    due: IS_DUE,
    expired: NOT_EXPIRED,
  },
  becomes: {
    status: "'claimed'",
    epoch: "epoch + 1",
    owner: "c_owner",
    lease_until: `${NOW} + c_lease_ms`,
    republish_at: "NULL::bigint",
    publishes: "0",
  },
  alarm: "early",
  returns: {
    columns: [
      `CASE WHEN j.no IS NULL THEN ${NOW} + j.c_lease_ms ELSE j.lease_until END AS lease_until`,
      ...["generation", "attempt_no", "channel", "policy_version", "lapses", "due_at", "hold_reason"].map(
        (name) => `j.${name}`,
      ),
      ...["expires_at", "run_id", "cancel_requested"].map((name) => `j.${name}`),
      "j.user_id",
      ...["bill_id", "purpose", "contacts", "routing", "content"].map((name) => `c.${name}`),
    ],
    joins: `LEFT JOIN LATERAL (
  SELECT x.bill_id, x.purpose, x.contacts, x.routing, x.content FROM millrace.contents x
  WHERE x.notice_id = j.notice_id AND (j.no IS NULL OR j.no = 'already-mine T3.already-mine')
  OFFSET 0) c ON true`,
  },
});
