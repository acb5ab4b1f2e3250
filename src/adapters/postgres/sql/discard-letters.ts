/**
 * An operator gives failures up. Runs after `lock-notices.ts` in its transaction, because letters are written under the lock
 * on their notice only: against T13 the first one counts, and the second one finds the letter in another state.
 *
 * $1 periods, $2 notice ids, $3 kinds, $4 epochs, $5 actor, $6 reason. One row an item, in order.
 */
export const discardLetters = {
  name: "millrace discard-letters",
  text: `WITH seen AS MATERIALIZED (
  SELECT g.*, d.place, CASE
    WHEN d.place IS NULL THEN 'gone unknown letter'
    WHEN d.state = 'discarded' THEN 'already-mine letter.already-mine'
    WHEN g.kind = 'doubt' THEN 'lost letter.kind'
    WHEN d.state <> 'open' THEN 'lost letter.state' END AS no
  FROM unnest($1::integer[], $2::text[], $3::millrace.letter_kind[], $4::integer[]) WITH ORDINALITY
    AS g(period, notice_id, kind, epoch, n)
  LEFT JOIN LATERAL (
    SELECT x.ctid AS place, x.state::text AS state FROM millrace.dead_letter x
    WHERE x.period = g.period AND x.notice_id = g.notice_id AND x.kind = g.kind AND x.epoch = g.epoch OFFSET 0) d ON true
),
discarded AS (
  UPDATE millrace.dead_letter d SET state = 'discarded' FROM seen s WHERE s.no IS NULL AND d.ctid = s.place
),
noted AS (
  INSERT INTO millrace.gate_history (at, action, subject, reason, actor)
  SELECT (SELECT millrace.now()), 'discard-letter', concat_ws(' ', s.period, s.notice_id, s.kind, s.epoch), $6, $5
  FROM seen s WHERE s.no IS NULL
)
SELECT s.no FROM seen s ORDER BY s.n`,
} as const;
