/**
 * Runs. Whoever writes one locks its row, last of all: a page has then locked its notices, and waits only for another page's
 * commit, or for a closing. Nobody who holds a run's row waits for a notice, so no circle can close.
 */
export const RUN_COLUMNS = `run_id, key, state, cap, opened_by, opened_at, closed_at, policy_version, pages, candidates, admitted,
  published, publish_failed, held_by, put_off, suppressed, expired, page_ms, publish_ms`;

/**
 * $1 run id, $2 key, $3 cap, $4 actor. Answers nothing where the key is known, or a run is open: of two that open at the
 * same time the second one waits for the first one's commit.
 */
export const openRun = {
  name: "millrace run-open",
  text: `INSERT INTO millrace.run (run_id, key, state, cap, opened_by, opened_at, policy_version)
VALUES ($1, $2, 'open', $3, $4, (SELECT millrace.now()), (SELECT version FROM millrace.active_policy))
ON CONFLICT DO NOTHING RETURNING ${RUN_COLUMNS}`,
} as const;

/** $1 run id, $2 key, $3 cap, $4 actor: the line of a trigger that came while a run was open. */
export const skipRun = {
  name: "millrace run-skip",
  text: `INSERT INTO millrace.run (run_id, key, state, cap, opened_by, opened_at, closed_at, policy_version)
SELECT $1, $2, 'skipped', $3, $4, now, now, (SELECT version FROM millrace.active_policy)
FROM (SELECT millrace.now() AS now OFFSET 0) clock
ON CONFLICT DO NOTHING`,
} as const;

/** $1 key */
export const runByKey = {
  name: "millrace run-by-key",
  text: `SELECT ${RUN_COLUMNS} FROM millrace.run WHERE key = $1`,
} as const;

/** $1 run id */
export const runById = {
  name: "millrace run-by-id",
  text: `SELECT ${RUN_COLUMNS} FROM millrace.run WHERE run_id = $1`,
} as const;

export const currentRun = {
  name: "millrace run-current",
  text: `SELECT ${RUN_COLUMNS} FROM millrace.run WHERE state = 'open'`,
} as const;

/** $1 at most */
export const recentRuns = {
  name: "millrace run-recent",
  text: `SELECT ${RUN_COLUMNS} FROM millrace.run ORDER BY opened_at DESC, run_id DESC LIMIT $1`,
} as const;

/** $1 run id. How many it may still admit: none where it is not open. */
const REST =
  "SELECT CASE WHEN state = 'open' THEN cap - admitted ELSE 0 END AS rest FROM millrace.run WHERE run_id = $1";
export const restOfRun = { name: "millrace run-rest", text: REST } as const;
/** The same, and nobody else admits before this transaction has ended. */
export const restOfRunAlone = { name: "millrace run-rest-alone", text: `${REST} FOR UPDATE` } as const;

/**
 * $1 run id, $2 candidates, $3 admitted, $4 held by reason, $5 put off, $6 suppressed, $7 expired. At the end of a page; of two
 * pages the second one waits here for the first one's commit and sees what it has left. Answers nothing where the
 * run has been closed, or would pass its cap: the page must then be given up.
 */
export const countPage = {
  name: "millrace run-count-page",
  text: `UPDATE millrace.run r SET pages = pages + 1, candidates = candidates + $2::bigint, admitted = admitted + $3::bigint,
  put_off = put_off + $5::bigint, suppressed = suppressed + $6::bigint, expired = expired + $7::bigint,
  held_by = (
    SELECT coalesce(jsonb_object_agg(reason, n), '{}') FROM (
      SELECT key AS reason, sum(value::bigint) AS n
      FROM (SELECT * FROM jsonb_each_text(r.held_by) UNION ALL SELECT * FROM jsonb_each_text($4::jsonb)) each
      GROUP BY key) sums)
WHERE run_id = $1 AND state = 'open' AND admitted + $3::bigint <= cap
RETURNING admitted = cap AS full`,
} as const;

/** $1 run id, $2 published, $3 publish failed, $4 page ms, $5 publish ms */
export const countMore = {
  name: "millrace run-count-more",
  text: `UPDATE millrace.run SET published = published + $2::bigint, publish_failed = publish_failed + $3::bigint,
  page_ms = page_ms + $4::bigint, publish_ms = publish_ms + $5::bigint
WHERE run_id = $1`,
} as const;

/**
 * $1 run id. Looks for candidates without waiting for those who hold them: what another dispatcher has in hand is still one,
 * until its page has committed. Answers whether the run is closed now.
 */
export const closeRun = {
  name: "millrace run-close",
  text: `UPDATE millrace.run SET state = 'closed', closed_at = (SELECT millrace.now())
WHERE run_id = $1 AND state = 'open' AND (admitted >= cap OR (
  SELECT true FROM millrace.notice i
  WHERE i.found_in = 'FRESH' AND i.due_at <= (SELECT millrace.now())
  ORDER BY i.due_at LIMIT 1) IS NULL)`,
} as const;
