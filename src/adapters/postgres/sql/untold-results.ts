/**
 * Outcomes that somebody is still to be told of, a parcel a row. Taking puts a parcel off for as long as the taker is given; one that
 * another relay is just looking at is skipped. Only this table is locked, and a transition only ever adds to it: neither waits for
 * the other.
 */
const NOW = "(SELECT millrace.now())";

/** Parcels that one call looks at. A parcel has up to 1,000 outcomes, so most calls need few of them. */
const MOST_PARCELS = 100;

/** Whole parcels from the front while they fit, the first one in any case. $1 outcomes at most, $2 milliseconds until they are owed again */
export const takeUntoldResults = {
  name: "millrace untold-results",
  text: `WITH front AS (
  SELECT u.ctid AS place, u.tell_at, u.parcel, u.count FROM millrace.untold_results u
  WHERE u.tell_at <= ${NOW}
  ORDER BY u.tell_at, u.parcel LIMIT ${MOST_PARCELS}
  FOR UPDATE SKIP LOCKED
),
page AS (
  SELECT place, count, sum(count) OVER (ORDER BY tell_at, parcel) AS up_to FROM front
),
taken AS (
  UPDATE millrace.untold_results u SET tell_at = ${NOW} + $2::bigint
  FROM page WHERE u.ctid = page.place AND (page.up_to <= $1 OR page.up_to = page.count)
  RETURNING u.parcel, u.count, u.ended_at, u.outcomes
)
SELECT t.parcel, t.count, t.ended_at, o.period, o.notice_id, o.generation, o.epoch, o.status, o.reason, o.channel,
  o.policy_version, o.run_id, c.bill_id, c.user_id, a.attempts, a.provider, a.provider_message_id
FROM taken t CROSS JOIN LATERAL unnest(t.outcomes) o
CROSS JOIN LATERAL (
  SELECT x.bill_id, x.user_id FROM millrace.contents x WHERE x.notice_id = o.notice_id OFFSET 0) c
CROSS JOIN LATERAL (
  SELECT count(*)::integer AS attempts,
    min(b.provider) FILTER (WHERE b.state = 'accepted') AS provider,
    min(b.provider_message_id) FILTER (WHERE b.state = 'accepted') AS provider_message_id
  FROM (
    SELECT x.provider, x.provider_message_id, x.state FROM millrace.attempt x
    WHERE x.period = o.period AND x.notice_id = o.notice_id AND x.live AND x.generation = o.generation
    UNION ALL
    SELECT x.provider, x.provider_message_id, x.state FROM millrace.attempt x
    WHERE x.period = o.period AND x.notice_id = o.notice_id AND NOT x.live AND x.generation = o.generation) b) a
ORDER BY t.ended_at, t.parcel`,
} as const;

/** Locks nothing: what is told or made at the same moment may or may not be counted. */
export const countUntoldResults = {
  name: "millrace count-untold-results",
  text: "SELECT coalesce(sum(u.count), 0) AS n FROM millrace.untold_results u",
} as const;

/**
 * $1 parcels. It waits for a relay that is just looking at one of them, which waits for nobody; in the order of their keys two tellers
 * do not wait for each other in a circle either.
 */
export const lockParcels = {
  name: "millrace lock-parcels",
  text: `SELECT l.place FROM (SELECT * FROM unnest($1::bigint[]) AS p(parcel) ORDER BY 1) g CROSS JOIN LATERAL (
    SELECT x.ctid AS place FROM millrace.untold_results x WHERE x.parcel = g.parcel FOR UPDATE) l`,
} as const;

/** $1 parcels of which everything was told; found anew, because whoever held them has moved them. */
export const dropParcels = {
  name: "millrace parcels-told",
  text: `DELETE FROM millrace.untold_results u USING (
  SELECT l.place FROM unnest($1::bigint[]) AS g(parcel) CROSS JOIN LATERAL (
    SELECT x.ctid AS place FROM millrace.untold_results x WHERE x.parcel = g.parcel OFFSET 0) l) told
WHERE u.ctid = told.place`,
} as const;

/** $1 a parcel, $2 the notices of it that were told: a parcel names a notice once. The others stay. */
export const openParcel = {
  name: "millrace part-of-parcel-told",
  text: `UPDATE millrace.untold_results u SET outcomes = left_over.outcomes, count = cardinality(left_over.outcomes)
FROM (
  SELECT x.ctid AS place,
    ARRAY(SELECT o FROM unnest(x.outcomes) o WHERE o.notice_id <> ALL ($2::text[])) AS outcomes
  FROM millrace.untold_results x WHERE x.parcel = $1 OFFSET 0) left_over
WHERE u.ctid = left_over.place`,
} as const;

/** $1 a parcel, which others may have told the rest of. */
export const dropIfEmpty = {
  name: "millrace empty-parcel",
  text: "DELETE FROM millrace.untold_results u WHERE u.parcel = $1 AND u.count = 0",
} as const;
