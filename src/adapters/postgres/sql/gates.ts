/**
 * What shuts and opens the gate. Each runs after `GATE_ALONE` in its transaction (see `gate-lock.ts`), and tells the
 * gates' own history. Repeats change nothing and are not told: after a lost answer the same is simply done again.
 */
const told = (action: string, from: string, reason: string): string =>
  `INSERT INTO millrace.gate_history (at, action, subject, reason, actor)
SELECT (SELECT millrace.now()), '${action}', subject, ${reason}, $2 FROM ${from}`;

/** $1 scope, $2 actor, $3 reason */
export const PAUSE = `WITH shut AS (
  INSERT INTO millrace.pause (scope, actor, reason, since) VALUES ($1, $2, $3, (SELECT millrace.now()))
  ON CONFLICT DO NOTHING RETURNING scope AS subject)
${told("pause", "shut", "$3")}`;

/** $1 scope, $2 actor, $3 reason, or empty */
export const RESUME = `WITH opened AS (DELETE FROM millrace.pause WHERE scope = $1 RETURNING scope AS subject)
${told("resume", "opened", "$3::text")}`;

/** $1 user id, $2 actor, $3 reason */
export const SUPPRESS_USER = `WITH shut AS (
  INSERT INTO millrace.suppression (user_id, actor, reason, since) VALUES ($1, $2, $3, (SELECT millrace.now()))
  ON CONFLICT DO NOTHING RETURNING user_id AS subject)
${told("suppress", "shut", "$3")}`;

/** $1 user id, $2 actor, $3 reason, or empty */
export const UNSUPPRESS_USER = `WITH opened AS (DELETE FROM millrace.suppression WHERE user_id = $1 RETURNING user_id AS subject)
${told("unsuppress", "opened", "$3::text")}`;

/** $1 version, $2 policy, $3 actor. Answers whether the version stands for this very policy. */
export const STORE_POLICY = `WITH stored AS (
  INSERT INTO millrace.policy (version, policy, stored_by, stored_at) VALUES ($1, $2::json, $3, (SELECT millrace.now()))
  ON CONFLICT DO NOTHING RETURNING 1)
SELECT EXISTS (SELECT FROM stored) OR EXISTS (
  SELECT FROM millrace.policy WHERE version = $1 AND policy::text = ($2::json)::text) AS same`;

/** $1 version, $2 actor */
export const ACTIVATE_POLICY = `WITH activated AS (
  INSERT INTO millrace.active_policy (version, activated_by, activated_at) VALUES ($1::bigint, $2, (SELECT millrace.now()))
  ON CONFLICT (one) DO UPDATE SET version = EXCLUDED.version, activated_by = EXCLUDED.activated_by,
    activated_at = EXCLUDED.activated_at WHERE active_policy.version <> EXCLUDED.version
  RETURNING version::text AS subject)
${told("activate-policy", "activated", "NULL")}`;

export const ALL_PAUSES = `SELECT scope FROM millrace.pause ORDER BY scope`;

/** $1 version, or empty for the active one */
export const POLICY = `SELECT version, policy FROM millrace.policy
WHERE version = coalesce($1::bigint, (SELECT version FROM millrace.active_policy))`;

/** T15: one line a record, however often it is delivered. */
export const POISON = `INSERT INTO millrace.poison (topic, partition, record, reason, stage, attempts, payload, sha256, bytes,
  first_seen_at, tell_at)
SELECT topic, partition, record, reason, stage, attempts, decode(payload, 'base64'), sha256, bytes, now, now
FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::bigint[])
  AS g(topic, partition, record, reason, stage, attempts, payload, sha256, bytes), (SELECT millrace.now() AS now) clock
ORDER BY topic COLLATE "C", partition, record COLLATE "C"
ON CONFLICT DO NOTHING`;
