/**
 * Poison records that somebody is still to be told of. Taking puts one off for as long as the taker is given; what another relay is
 * taking at the same moment is skipped. Whoever keeps a record only ever adds one.
 */
const NOW = "(SELECT millrace.now())";

/** $1 at most, $2 milliseconds until they are owed again, $3 bytes of payload at most */
export const takeUntoldPoison = {
  name: "millrace untold-poison",
  text: `WITH owed AS (
  SELECT p.ctid AS place FROM millrace.poison p
  WHERE p.tell_at <= ${NOW}
  ORDER BY p.tell_at, p.topic, p.partition, p.record LIMIT $1
  FOR UPDATE SKIP LOCKED
),
taken AS (
  UPDATE millrace.poison p SET tell_at = ${NOW} + $2::bigint FROM owed WHERE p.ctid = owed.place RETURNING p.*
)
SELECT topic, partition, record, reason, stage, attempts, sha256, bytes, first_seen_at,
  CASE WHEN octet_length(payload) <= $3::integer THEN payload END AS payload
FROM taken ORDER BY first_seen_at, topic, partition, record`,
} as const;

/** Locks nothing: what is told or made at the same moment may or may not be counted. */
export const countUntoldPoison = {
  name: "millrace count-untold-poison",
  text: "SELECT count(*) AS n FROM millrace.poison WHERE tell_at IS NOT NULL",
} as const;

const GIVEN = `unnest($1::text[], $2::integer[], $3::text[]) AS g(topic, partition, record)`;
const OF_GIVEN = `x.topic = g.topic AND x.partition = g.partition AND x.record = g.record`;

/** $1 topics, $2 partitions, $3 records. It waits for a relay that is just taking one of them, which waits for nobody. */
export const lockToldPoison = {
  name: "millrace lock-told-poison",
  text: `SELECT l.place FROM (SELECT * FROM ${GIVEN} ORDER BY 1, 2, 3) g CROSS JOIN LATERAL (
    SELECT x.ctid AS place FROM millrace.poison x WHERE ${OF_GIVEN} FOR UPDATE) l`,
} as const;

/** The same ones, once they are locked: found anew, because whoever held them has moved them. */
export const markToldPoison = {
  name: "millrace poison-told",
  text: `UPDATE millrace.poison p SET tell_at = NULL FROM (
  SELECT l.place FROM ${GIVEN} CROSS JOIN LATERAL (
    SELECT x.ctid AS place FROM millrace.poison x WHERE ${OF_GIVEN} OFFSET 0) l) told
WHERE p.ctid = told.place`,
} as const;
