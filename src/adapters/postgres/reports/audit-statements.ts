/**
 * The statements of the audit. Its pages look rows up by key, whatever the planner knows of the tables: right after a run it
 * knows nothing. What is asked at the end goes once over whole tables, and joins them by hashing.
 */
import type { AuditScope } from "../../../domain/ports/ledger-audit.ts";
import { conditions, type Conditions } from "./conditions.ts";

const NOW = "(SELECT millrace.now())";
const EVIDENCE = "pg_temp.millrace_evidence";

/** In one round trip; ends with the transaction. */
export const BEGIN_PAGE = `BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY;
SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = on; SET LOCAL jit = off`;

const scoped = (asked: Conditions, { runId, ingestedBy, fromPeriod }: AuditScope): void => {
  asked.when(runId, "i.run_id = ?");
  asked.when(ingestedBy, "c.ingested_by = ?");
  asked.when(fromPeriod, "c.period >= ?");
};

/** Keys by notice id, each with all its rows: one statement, so one snapshot. */
export const auditPage = (
  scope: AuditScope,
  after: string,
  limit: number,
  hasEvidence: boolean,
): { readonly text: string; readonly values: unknown[] } => {
  const asked = conditions();
  asked.always("c.notice_id > ?", after);
  scoped(asked, scope);
  // A key without its notice belongs to no run.
  const ofRun =
    scope.runId === undefined
      ? ""
      : " JOIN millrace.notice i ON i.period = c.period AND i.notice_id = c.notice_id";
  const of = (alias: string): string => `${alias}.period = k.period AND ${alias}.notice_id = k.notice_id`;
  const evidence = hasEvidence
    ? `(SELECT coalesce(json_agg(json_build_array(e.attempt_id, e.generation, e.message_id)), '[]')
       FROM ${EVIDENCE} e WHERE e.notice_id = k.notice_id)`
    : "NULL";
  const text = `SELECT ${NOW} AS at, k.period, k.notice_id, k.own_quiet_hours,
  i.user_id = k.user_id AS is_its_recipient, to_json(i) AS notice, i.wake_at,
  i.found_in IS NOT NULL AS is_found,
  (SELECT json_agg(a ORDER BY a.seq) FROM millrace.attempt a WHERE ${of("a")} AND a.live) AS live,
  (SELECT json_agg(a ORDER BY a.seq) FROM millrace.attempt a WHERE ${of("a")} AND NOT a.live) AS closed,
  (SELECT json_agg(d ORDER BY d.epoch, d.kind) FROM millrace.dead_letter d WHERE ${of("d")}) AS letters,
  (SELECT json_agg(h ORDER BY h.seq) FROM millrace.history h
    WHERE h.notice_id = k.notice_id AND h.period = k.period) AS history,
  ${evidence} AS accepted
FROM (
  SELECT c.period, c.notice_id, c.user_id, c.routing -> 'quietHours' AS own_quiet_hours FROM millrace.contents c${ofRun}
  ${asked.where()} ORDER BY c.notice_id LIMIT ${asked.parameter(limit)}
) k LEFT JOIN millrace.notice i ON ${of("i")}
ORDER BY k.notice_id`;
  return { text, values: asked.values() };
};

/** Rows of notices that were never ingested. $1 first period, $2 limit */
const strayIn = (table: string, rows: string): string => `
SELECT t.notice_id, '${rows}' AS rows FROM millrace.${table} t
WHERE t.period >= $1 AND NOT EXISTS (
  SELECT FROM millrace.contents c WHERE c.notice_id = t.notice_id AND c.period = t.period)`;

export const STRAYS = `WITH stray AS (${[
  strayIn("notice", "notice"),
  strayIn("attempt", "attempt"),
  strayIn("history", "history"),
  strayIn("dead_letter", "dead letter"),
].join(" UNION ")})
SELECT notice_id, rows, count(*) OVER () AS count FROM stray ORDER BY notice_id, rows LIMIT $2`;

/**
 * Rights to send that were given, and copies that were permitted, while a gate was shut. By the ledger's clock: what has the
 * same millisecond as the shutting or the opening is given the benefit of the doubt.
 */
export const breaches = (
  scope: AuditScope,
  limit: number,
): { readonly text: string; readonly values: unknown[] } => {
  const asked = conditions();
  scoped(asked, scope);
  const also = asked.where().replace(/^WHERE/, "AND");
  const text = `WITH told AS (
  SELECT action, subject, at AS since,
    lead(at) OVER (PARTITION BY action IN ('pause', 'resume'), subject ORDER BY seq) AS until
  FROM millrace.gate_history WHERE action IN ('pause', 'resume', 'suppress', 'unsuppress')),
shut AS MATERIALIZED (SELECT * FROM told WHERE action IN ('pause', 'suppress')),
given AS (
  SELECT h.notice_id, h.transition, h.at, h.attempt_id, 'the recipient was suppressed' AS gate
  FROM shut s JOIN millrace.contents c ON s.action = 'suppress' AND c.user_id = s.subject
  JOIN millrace.notice i ON i.period = c.period AND i.notice_id = c.notice_id
  JOIN millrace.history h ON h.notice_id = c.notice_id AND h.period = c.period
  WHERE h.transition IN ('T6', 'T11r') AND h.at > s.since AND (s.until IS NULL OR h.at < s.until) ${also}
  UNION ALL
  SELECT h.notice_id, h.transition, h.at, h.attempt_id, 'a pause was in force: ' || s.subject
  FROM shut s JOIN millrace.history h
    ON s.action = 'pause' AND (s.subject = '*' OR s.subject = h.channel)
  JOIN millrace.contents c ON c.notice_id = h.notice_id AND c.period = h.period
  JOIN millrace.notice i ON i.period = c.period AND i.notice_id = c.notice_id
  WHERE h.transition IN ('T6', 'T11r') AND h.at > s.since AND (s.until IS NULL OR h.at < s.until) ${also})
SELECT notice_id, transition || ' of attempt ' || attempt_id || ' while ' || gate AS words, count(*) OVER () AS count
FROM given ORDER BY notice_id, at LIMIT ${asked.parameter(limit)}`;
  return { text, values: asked.values() };
};

/**
 * What a page admits it counts in the same transaction, so one snapshot never shows them apart. A candidate that was looked at and left
 * alone is in none of the parts. $1 run id, or empty; $2 limit
 */
export const RUN_GAPS = `WITH figures AS (
  SELECT r.*, coalesce(n.count, 0) AS notices,
    (SELECT coalesce(sum(value::bigint), 0) FROM jsonb_each_text(r.held_by)) AS held
  FROM millrace.run r LEFT JOIN (
    SELECT run_id, count(*) AS count FROM millrace.notice WHERE run_id IS NOT NULL GROUP BY run_id) n ON n.run_id = r.run_id
  WHERE $1::text IS NULL OR r.run_id = $1),
gap AS (
  SELECT run_id, opened_at, CASE
    WHEN admitted <> notices THEN 'counts ' || admitted || ' admitted, and ' || notices || ' notices are'
    WHEN admitted + held + put_off + suppressed + expired > candidates THEN 'has done more than it had candidates'
    WHEN published + publish_failed > admitted THEN 'told the log of more than it admitted' END AS words
  FROM figures)
SELECT run_id, words, count(*) OVER () AS count FROM gap WHERE words IS NOT NULL ORDER BY opened_at, run_id LIMIT $2`;

export const ACTIVATIONS = `SELECT at, subject::bigint AS version FROM millrace.gate_history
WHERE action = 'activate-policy' ORDER BY seq DESC LIMIT 10000`;

/** A policy is a few kilobytes, and each version was activated by somebody's hand. */
export const ALL_POLICIES = "SELECT version, policy FROM millrace.policy ORDER BY version DESC LIMIT 10000";

export const DROP_EVIDENCE = `DROP TABLE IF EXISTS ${EVIDENCE}`;
export const MAKE_EVIDENCE = `${DROP_EVIDENCE};
CREATE TEMPORARY TABLE millrace_evidence (
  notice_id text COLLATE "C" NOT NULL, generation integer, attempt_id text NOT NULL, channel text NOT NULL,
  message_id text NOT NULL)`;

/** $1 notice ids, $2 generations, $3 attempt ids, $4 channels, $5 message ids */
export const ADD_EVIDENCE = `INSERT INTO ${EVIDENCE}
SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[])`;

export const FIND_EVIDENCE = `CREATE INDEX ON ${EVIDENCE} (notice_id); ANALYZE ${EVIDENCE}`;

export const EVIDENCE_TOTALS = `
SELECT coalesce(sum(n), 0) AS accepted,
  coalesce(sum(n) FILTER (WHERE is_stranger), 0) AS strangers,
  coalesce(sum(n - 1) FILTER (WHERE is_stranger), 0) AS strangers_twice,
  (SELECT coalesce(json_agg(DISTINCT e.channel), '[]') FROM ${EVIDENCE} e) AS channels
FROM (
  SELECT count(*) AS n, NOT EXISTS (SELECT FROM millrace.contents c WHERE c.notice_id = e.notice_id) AS is_stranger
  FROM ${EVIDENCE} e GROUP BY e.notice_id, e.generation) AS reference`;
