/**
 * Notices in doubt, each with the attempt that nobody knows the outcome of and with its contents, in one statement and so in one
 * snapshot. Locks nothing. Each look-up is by key: the fences (OFFSET 0) keep the planner from joining whole tables.
 */

/** $1 periods, $2 notice ids */
export const readDoubts = {
  name: "millrace read-doubts",
  text: `SELECT k.n, to_json(i) AS notice, to_json(a) AS attempt, i.user_id, c.bill_id, c.purpose,
  c.contacts, c.routing, c.content
FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS k(period, notice_id, n)
CROSS JOIN LATERAL (
  SELECT * FROM millrace.notice x
  WHERE x.period = k.period AND x.notice_id = k.notice_id AND x.status = 'in_doubt' OFFSET 0) i
CROSS JOIN LATERAL (
  SELECT * FROM millrace.attempt x
  WHERE x.period = i.period AND x.notice_id = i.notice_id AND x.generation = i.generation AND x.live
    AND x.state = 'in_doubt' OFFSET 0) a
CROSS JOIN LATERAL (
  SELECT x.bill_id, x.purpose, x.contacts, x.routing, x.content FROM millrace.contents x
  WHERE x.notice_id = i.notice_id OFFSET 0) c`,
} as const;
