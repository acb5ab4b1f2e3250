/**
 * What is said of queued notices to readers of the log, and which of them no log was ever told of. Locks nothing.
 */
const NOW = "(SELECT millrace.now())";

/** $1 periods, $2 notice ids */
export const queuedDetails = {
  name: "millrace queued-details",
  text: `SELECT i.epoch, i.status, i.channel, i.generation, i.attempt_no, i.policy_version, i.run_id, c.user_id, c.bill_id,
  c.priority, c.contacts ->> i.channel AS contact, c.content #>> '{ref,place}' AS place
FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS g(c_period, c_notice_id, n)
LEFT JOIN LATERAL (
  SELECT * FROM millrace.notice x WHERE x.period = g.c_period AND x.notice_id = g.c_notice_id OFFSET 0) i ON true
LEFT JOIN LATERAL (
  SELECT * FROM millrace.contents x WHERE x.notice_id = g.c_notice_id OFFSET 0) c ON true
ORDER BY g.n`,
} as const;

/**
 * $1 to $3 the cursor, $4 milliseconds, $5 rows at most. Channels are in small letters, and so lie behind the two pages of
 * candidates in the index.
 */
export const unheardPage = {
  name: "millrace unheard-page",
  text: `SELECT i.notice_id, i.period, i.epoch, i.channel, i.due_at
FROM millrace.notice i
WHERE i.found_in IS NOT NULL AND (i.found_in, i.due_at, i.notice_id) > ($1::text, $2::bigint, $3::text)
  AND i.status = 'queued' AND i.due_at <= ${NOW} AND i.republish_at > ${NOW} + $4::bigint
ORDER BY i.found_in, i.due_at, i.notice_id
LIMIT $5`,
} as const;
