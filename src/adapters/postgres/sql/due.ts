/**
 * Who should be looked at now. Alarms may ring early (see `statement.ts`), so what has rung is compared with the time
 * that counts. (A right to send keeps the alarm of the lease before it, and so is told of when both its time and that
 * lease have passed.) Locks nothing, because the command that follows judges for itself.
 */
import type { DueKind } from "../../../domain/ports/notice-ledger.ts";

const rung = (columns: string, condition: string, joins = ""): string => `
SELECT i.notice_id, i.period, i.epoch, i.status, i.channel, i.publishes, ${columns} AS at
FROM millrace.notice i${joins}
WHERE i.wake_at <= (SELECT millrace.now()) AND (i.wake_at, i.notice_id) > ($1::bigint, $2::text) AND ${condition}
ORDER BY i.wake_at, i.notice_id
LIMIT $3`;

const LIVE_ATTEMPT = `
CROSS JOIN LATERAL (
  SELECT x.send_by FROM millrace.attempt x
  WHERE x.period = i.period AND x.notice_id = i.notice_id AND x.generation = i.generation AND x.live
  OFFSET 0) a`;

const now = "(SELECT millrace.now())";

export const DUE: Readonly<Record<DueKind, { readonly name: string; readonly text: string }>> = {
  republish: {
    name: "millrace due-republish",
    text: rung("i.wake_at", `i.status = 'queued' AND i.republish_at <= ${now}`),
  },
  lapse: {
    name: "millrace due-lapse",
    text: rung("i.wake_at", `i.status = 'claimed' AND i.lease_until <= ${now}`),
  },
  overdue: {
    name: "millrace due-overdue",
    text: rung("i.wake_at", `i.status = 'sending' AND a.send_by <= ${now}`, LIVE_ATTEMPT),
  },
  expire: {
    name: "millrace due-expire",
    text: rung("i.wake_at", `i.status IN ('ready', 'queued', 'claimed') AND i.expires_at <= ${now}`),
  },
  doubt: {
    name: "millrace due-doubt",
    text: `
SELECT i.notice_id, i.period, i.epoch, i.status, i.channel, i.publishes, d.opened_at AS at
FROM millrace.dead_letter d CROSS JOIN LATERAL (
  SELECT * FROM millrace.notice x WHERE x.period = d.period AND x.notice_id = d.notice_id OFFSET 0) i
WHERE d.kind = 'doubt' AND d.state = 'open' AND d.opened_at <= ${now}
  AND (d.opened_at, d.notice_id) > ($1::bigint, $2::text)
ORDER BY d.opened_at, d.notice_id
LIMIT $3`,
  },
};

/**
 * Sets alarms that rang too early to the time that counts: only claiming, renewing and the right to send leave such. Rows
 * that somebody holds are skipped: their alarm is being set by whoever holds them, or rings again.
 */
export const resetAlarms = (kind: "lapse" | "overdue"): { readonly name: string; readonly text: string } => {
  const [status, time, joins] =
    kind === "lapse"
      ? ["claimed", "LEAST(i.lease_until, i.expires_at)", ""]
      : ["sending", "a.send_by", LIVE_ATTEMPT];
  return {
    name: `millrace reset-alarms-${kind}`,
    text: `WITH early AS (
  SELECT i.ctid AS place, ${time} AS rings_at
  FROM millrace.notice i${joins}
  WHERE i.wake_at <= ${now} AND i.status = '${status}' AND ${time} > ${now}
  ORDER BY i.wake_at LIMIT 1000
  FOR UPDATE OF i SKIP LOCKED
)
UPDATE millrace.notice n SET wake_at = early.rings_at FROM early WHERE n.ctid = early.place`,
  };
};

export const HELD = {
  name: "millrace held",
  text: `SELECT notice_id, period, status, channel, policy_version FROM millrace.notice
WHERE hold_reason = $1 AND (period, notice_id) > ($2::integer, $3::text)
ORDER BY period, notice_id
LIMIT $4`,
} as const;
