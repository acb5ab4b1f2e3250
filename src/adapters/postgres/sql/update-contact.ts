/**
 * A new contact for one channel of one notice.
 *
 * Locks the notice first, as every transition does: a claim that comes at the same time either sees the new contact, or has
 * the notice already, and then this changes nothing.
 */

/** $1 notice id */
export const LOCK_OF_CONTACT = `SELECT i.status FROM millrace.contents c
CROSS JOIN LATERAL (
  SELECT x.status FROM millrace.notice x WHERE x.period = c.period AND x.notice_id = c.notice_id FOR UPDATE) i
WHERE c.notice_id = $1`;

/** $1 notice id, $2 channel, $3 sealed contact, $4 reason, $5 actor */
export const UPDATE_CONTACT = `WITH changed AS (
  UPDATE millrace.contents SET contacts = (contacts::jsonb || jsonb_build_object($2::text, $3::text))::json
  WHERE notice_id = $1 RETURNING notice_id)
INSERT INTO millrace.gate_history (at, action, subject, reason, actor)
SELECT (SELECT millrace.now()), 'update-contact', notice_id || ' ' || $2, $4, $5 FROM changed`;
