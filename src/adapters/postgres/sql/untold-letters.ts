/**
 * Letters whose line is owed. Taking puts the line off for as long as the taker is given; what another relay is taking at the
 * same moment is skipped. Only the table of what is owed is locked: no transition ever waits for a relay, nor it for one.
 */
import { LETTER_COLUMNS, LETTER_JOINS } from "./letter-row.ts";

const NOW = "(SELECT millrace.now())";

/** $1 at most, $2 milliseconds until they are owed again */
export const takeUntold = {
  name: "millrace untold-letters",
  text: `WITH owed AS (
  SELECT u.ctid AS place FROM millrace.untold_letter u
  WHERE u.tell_at <= ${NOW}
  ORDER BY u.tell_at, u.notice_id LIMIT $1
  FOR UPDATE SKIP LOCKED
),
taken AS (
  UPDATE millrace.untold_letter u SET tell_at = ${NOW} + $2::bigint FROM owed WHERE u.ctid = owed.place
  RETURNING u.period, u.notice_id, u.kind, u.epoch
)
SELECT ${LETTER_COLUMNS}
FROM taken t CROSS JOIN LATERAL (
  SELECT * FROM millrace.dead_letter x
  WHERE x.period = t.period AND x.notice_id = t.notice_id AND x.kind = t.kind AND x.epoch = t.epoch OFFSET 0) d
${LETTER_JOINS}
ORDER BY d.opened_at, d.notice_id, d.epoch`,
} as const;

/** Locks nothing: what is told or made at the same moment may or may not be counted. */
export const countUntold = {
  name: "millrace count-untold-letters",
  text: "SELECT count(*) AS n FROM millrace.untold_letter",
} as const;

const GIVEN = `unnest($1::integer[], $2::text[], $3::millrace.letter_kind[], $4::integer[]) AS g(period, notice_id, kind, epoch)`;
const OF_GIVEN = `x.period = g.period AND x.notice_id = g.notice_id AND x.kind = g.kind AND x.epoch = g.epoch`;

/**
 * $1 periods, $2 notice ids, $3 kinds, $4 epochs. It waits for a relay that is just looking at one of them: that one has locked the
 * row although it will not take it, and a row that was passed over here would be told twice. Takers never wait, so nobody waits in
 * a circle; in the order of their keys two tellers do not either.
 */
export const lockTold = {
  name: "millrace lock-told-letters",
  text: `SELECT l.place FROM (SELECT * FROM ${GIVEN} ORDER BY 1, 2, 3, 4) g CROSS JOIN LATERAL (
    SELECT x.ctid AS place FROM millrace.untold_letter x WHERE ${OF_GIVEN} FOR UPDATE) l`,
} as const;

/** The same ones, once they are locked: found anew, because whoever held them has moved them. */
export const markTold = {
  name: "millrace letters-told",
  text: `DELETE FROM millrace.untold_letter u USING (
  SELECT l.place FROM ${GIVEN} CROSS JOIN LATERAL (
    SELECT x.ctid AS place FROM millrace.untold_letter x WHERE ${OF_GIVEN} OFFSET 0) l) told
WHERE u.ctid = told.place`,
} as const;
