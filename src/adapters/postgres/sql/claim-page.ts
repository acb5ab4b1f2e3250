/**
 * A page of what T3 would win, locked until its transaction ends, and how long there is nothing to take.
 *
 * Found by channel and due time, whatever the log was told and when (`republish_at`). Rows that another claimer holds are
 * skipped, not waited for: two claimers never take the same row, nor wait for each other. What is in flight stands in
 * the same index, before what is still to be taken; a walk passes it once, because each page begins behind the one before.
 * With several channels each brings a whole page, of which only the oldest rows are taken; the others are free again at
 * the commit, and are found by the next walk if somebody skipped them meanwhile.
 */
const NOW = "(SELECT millrace.now())";

/** $1 channels, $2 and $3 the cursor, $4 rows at most */
export const claimPage = {
  name: "millrace claim-page",
  text: `SELECT l.place, l.period, l.notice_id, l.epoch, l.lapses, l.due_at
FROM unnest($1::text[]) AS u(channel) CROSS JOIN LATERAL (
  SELECT i.ctid::text AS place, i.period, i.notice_id, i.epoch, i.lapses, i.due_at
  FROM millrace.notice i
  WHERE i.found_in = u.channel AND i.due_at <= ${NOW} AND (i.due_at, i.notice_id) > ($2::bigint, $3::text)
    AND i.status = 'queued' AND ${NOW} < i.expires_at AND i.hold_reason IS DISTINCT FROM 'contradiction'
  ORDER BY i.due_at, i.notice_id
  LIMIT $4
  FOR UPDATE OF i SKIP LOCKED) l
ORDER BY l.due_at, l.notice_id
LIMIT $4`,
} as const;

/** $1 channels */
export const nextDue = {
  name: "millrace next-due",
  text: `SELECT min(l.due_at) - ${NOW} AS "inMs"
FROM unnest($1::text[]) AS u(channel) CROSS JOIN LATERAL (
  SELECT i.due_at FROM millrace.notice i
  WHERE i.found_in = u.channel AND i.due_at > ${NOW} AND i.status = 'queued'
  ORDER BY i.due_at, i.notice_id
  LIMIT 1) l`,
} as const;
