/**
 * Who is at work, in two statements and a farewell. Locks the member's own row, and rows of members long gone that nobody
 * else is sweeping (SKIP LOCKED: two processes that wake from a long sleep must not wait for each other in a circle).
 */

/** A member that was last seen longer ago leaves no row. */
export const KEPT_MS = 3_600_000;

/** $1 worker id, $2 role, $3 host, $4 pid, $5 trouble */
export const BEAT = `WITH clock AS MATERIALIZED (SELECT millrace.now() AS now),
swept AS (
  DELETE FROM millrace.member WHERE worker_id IN (
    SELECT worker_id FROM millrace.member
    WHERE seen_at < (SELECT now FROM clock) - ${KEPT_MS} AND worker_id <> $1 LIMIT 1000 FOR UPDATE SKIP LOCKED))
INSERT INTO millrace.member (worker_id, role, host, pid, trouble, started_at, seen_at)
VALUES ($1, $2, $3, $4, $5, (SELECT now FROM clock), (SELECT now FROM clock))
ON CONFLICT (worker_id) DO UPDATE SET role = EXCLUDED.role, host = EXCLUDED.host, pid = EXCLUDED.pid,
  trouble = EXCLUDED.trouble, seen_at = EXCLUDED.seen_at`;

/** $1 milliseconds */
export const ALIVE = `SELECT worker_id, role, host, pid, trouble, started_at, seen_at FROM millrace.member
WHERE seen_at >= (SELECT millrace.now()) - $1::bigint
ORDER BY started_at, worker_id LIMIT 10000`;

/** $1 worker id */
export const LEAVE = "DELETE FROM millrace.member WHERE worker_id = $1";
