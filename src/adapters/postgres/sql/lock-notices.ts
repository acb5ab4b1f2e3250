/**
 * Locks the notices of a batch, in key order, and tells where they lie.
 *
 * Whoever waits here is waited for by nobody who comes before: two batches over the same notices, in whatever order they
 * were put together and by whatever plan, take the common ones in the same order. (The sort is below the locking, and a
 * key never changes.) After waiting, the place is that of the row's newest version.
 */
export const lockNotices = {
  name: "millrace lock-notices",
  text: `
SELECT count(*)::integer AS found,
  array_agg(place ORDER BY n)::text AS places,
  CASE WHEN count(*) < cardinality($2) THEN coalesce(array_agg(n::integer ORDER BY n), '{}') END AS known
FROM (
  SELECT i.ctid AS place, g.n
  FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS g(period, notice_id, n)
  JOIN millrace.notice i ON i.period = g.period AND i.notice_id = g.notice_id
  ORDER BY i.period, i.notice_id
  FOR UPDATE OF i
) AS locked`,
} as const;
