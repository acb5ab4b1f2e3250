/**
 * T6n: claimed → ready, or suppressed, expired, cancelled: the gate said no, or never.
 *
 * Locks the notices. The gate is looked at again to say where the notice goes, and its lock is taken first: a resume that
 * came between the look and the commit would lift all holds but this one, which nobody would lift then.
 */
import { closeReplays } from "./letters.ts";
import { epoch, EPOCH_IS_SEEN, IS_SUPPRESSED, isPaused, NOW } from "./phrases.ts";
import { transitionStatement } from "./statement.ts";

const EXPIRES = `expires_at <= ${NOW} + c_send_window_ms`;
const STAYS = `NOT cancel_requested AND NOT ${IS_SUPPRESSED} AND NOT ${EXPIRES}`;

export const stepBack = transitionStatement({
  type: "step-back",
  gated: true,
  given: [
    epoch,
    { name: "c_send_window_ms", type: "bigint", of: ({ sendWindowMs }) => sendWindowMs },
    { name: "c_reopens_at", type: "bigint", of: ({ reopensAt }) => reopensAt },
  ],
  guards: { epoch: EPOCH_IS_SEEN },
  becomes: {
    status: `CASE WHEN cancel_requested THEN 'cancelled' WHEN ${IS_SUPPRESSED} THEN 'suppressed'
        WHEN ${EXPIRES} THEN 'expired' ELSE 'ready' END`,
    epoch: "epoch + 1",
    owner: "NULL::text",
    lease_until: "NULL::bigint",
    hold_reason: `CASE WHEN ${STAYS} AND ${isPaused("channel")} THEN coalesce(hold_reason, 'paused') ELSE hold_reason END`,
    due_at: `CASE WHEN ${STAYS} AND NOT ${isPaused("channel")}
        THEN GREATEST(${NOW}, c_reopens_at) ELSE due_at END`,
  },
  alarm: "exact",
  writes: { replays_closed: closeReplays("w.to_status <> 'ready'") },
});
