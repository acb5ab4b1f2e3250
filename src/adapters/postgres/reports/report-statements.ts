/**
 * The statements of the reports. None locks anything; those that count read the table of notices once.
 */
import { LETTER_ATTEMPTS, LETTER_COLUMNS } from "../sql/letter-row.ts";
import { noticeColumns } from "../sql/notice-row.ts";

const NOW = "(SELECT millrace.now())";

/** What is ahead is told apart by the time of the count. */
export const countsOf = (where: string): string => `
SELECT i.status, i.hold_reason, i.due_at > ${NOW} AS is_ahead, count(*) AS count, min(i.due_at) AS earliest_due_at
FROM millrace.notice i ${where}
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

/** $1 run id, or empty. By the index of the open letters. */
export const LETTER_TOTALS = `
SELECT count(*) FILTER (WHERE d.kind = 'failed') AS failed, count(*) FILTER (WHERE d.kind = 'doubt') AS doubt,
  min(d.opened_at) FILTER (WHERE d.kind = 'doubt') AS oldest, ${NOW} AS at
FROM millrace.dead_letter d
WHERE d.state = 'open' AND ($1::text IS NULL OR EXISTS (
  SELECT FROM millrace.notice i WHERE i.period = d.period AND i.notice_id = d.notice_id AND i.run_id = $1))`;

export const noticesWhere = (where: string, limit: string): string => `
SELECT ${noticeColumns("i")}, c.user_id, c.bill_id, c.purpose
FROM millrace.notice i JOIN millrace.contents c ON c.notice_id = i.notice_id AND c.period = i.period
${where} ORDER BY i.period, i.notice_id LIMIT ${limit}`;

/** $1 notice id */
export const CONTENTS_OF = `
SELECT c.period, c.user_id, c.bill_id, c.purpose, c.kind, c.priority, c.routing, c.ingested_at, c.ingested_by,
  coalesce((SELECT json_agg(k ORDER BY k) FROM json_object_keys(c.contacts) AS k), '[]') AS channels,
  (SELECT to_json(s) FROM millrace.suppression s WHERE s.user_id = c.user_id) AS suppressed,
  ${NOW} AS at
FROM millrace.contents c WHERE c.notice_id = $1`;

const LETTERS = `
FROM millrace.dead_letter d JOIN millrace.notice i ON i.period = d.period AND i.notice_id = d.notice_id`;
const IN_ORDER = "ORDER BY d.opened_at, d.notice_id, d.epoch";

/** What stands around a letter is looked up for those that are listed, not for those that were passed. */
export const lettersWhere = (where: string, limit: string): string => `
SELECT ${LETTER_COLUMNS}, d.status, d.channel, d.now_generation
FROM (
  SELECT d.*, i.status, i.channel, i.run_id, i.generation AS now_generation
  ${LETTERS} ${where} ${IN_ORDER} LIMIT ${limit}) d
CROSS JOIN LATERAL (SELECT d.channel, d.run_id) i
${LETTER_ATTEMPTS}
${IN_ORDER}`;

export const letterCountWhere = (where: string): string => `SELECT count(*) AS count ${LETTERS} ${where}`;

const POISON_IN_ORDER = "ORDER BY topic, partition, record";

export const poisonWhere = (where: string, limit: string): string => `
SELECT topic, partition, record, reason, stage, attempts, sha256, bytes, first_seen_at, tell_at IS NULL AS is_told
FROM millrace.poison ${where} ${POISON_IN_ORDER} LIMIT ${limit}`;

export const POISON_COUNT = "SELECT count(*) AS count FROM millrace.poison";

export const doubtsWhere = (where: string, limit: string): string => `
SELECT to_json(d) AS letter, to_json(a) AS attempt, i.hold_reason, i.cancel_requested ${LETTERS}
JOIN millrace.attempt a ON a.period = d.period AND a.notice_id = d.notice_id AND a.attempt_id = d.attempt_id
${where} ${IN_ORDER} LIMIT ${limit}`;

export const suppressionsWhere = (where: string, limit: string): string =>
  `SELECT user_id, reason, actor, since FROM millrace.suppression ${where} ORDER BY user_id LIMIT ${limit}`;

export const GATES = `
SELECT (SELECT json_agg(p ORDER BY p.scope) FROM millrace.pause p) AS pauses,
  a.version, a.activated_by, a.activated_at
FROM (SELECT 1) AS one LEFT JOIN millrace.active_policy a ON true`;
