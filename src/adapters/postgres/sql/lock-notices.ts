/**
 * Locks the notices of a batch, in key order, and tells where they lie.
 *
 * Whoever waits here is waited for by nobody who comes before: two batches over the same notices, in whatever order they
 * were put together, take the common ones in the same order. The keys are sorted first, and each is then looked up and
 * locked by a sub-select of its own, which the planner can neither flatten nor turn round. After waiting, the place is
 * that of the row's newest version.
 */
export const lockNotices = {
  name: "millrace lock-notices",
  text: `
SELECT count(*)::integer AS found,
  array_agg(place ORDER BY n)::text AS places,
  CASE WHEN count(*) < cardinality($2) THEN coalesce(array_agg(n::integer ORDER BY n), '{}') END AS known
FROM (
  SELECT l.place, g.n
  FROM (
    SELECT * FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS u(period, notice_id, n)
    ORDER BY period, notice_id COLLATE "C"
    OFFSET 0
  ) g,
  LATERAL (
    SELECT i.ctid AS place FROM millrace.notice i
    WHERE i.period = g.period AND i.notice_id = g.notice_id
    FOR UPDATE
  ) l
) AS locked`,
} as const;
