/**
 * A letter with what stands around it: its attempts are those of its own generation that were begun before it.
 */
export const LETTER_COLUMNS = `d.period, d.notice_id, d.kind, d.epoch, d.generation, d.attempt_id, d.reason, d.state, d.opened_at,
  coalesce(a.channel, i.channel) AS letter_channel, i.run_id, a.attempts, a.first_at, a.last_at`;

const attemptsThat = (live: string): string => `
    SELECT x.attempt_id, x.channel, x.intent_at FROM millrace.attempt x
    WHERE x.period = d.period AND x.notice_id = d.notice_id AND ${live}
      AND x.generation = d.generation AND x.intent_at <= d.opened_at`;

/** The attempts of a letter `d` in one row, found through the two indexes that divide them. */
export const LETTER_ATTEMPTS = `CROSS JOIN LATERAL (
  SELECT count(*)::integer AS attempts, min(b.intent_at) AS first_at, max(b.intent_at) AS last_at,
    min(b.channel) FILTER (WHERE b.attempt_id = d.attempt_id) AS channel
  FROM (${attemptsThat("x.live")}
    UNION ALL${attemptsThat("NOT x.live")}) b) a`;

/** For a letter `d`: its notice `i`, and its attempts `a`. */
export const LETTER_JOINS = `CROSS JOIN LATERAL (
  SELECT * FROM millrace.notice x WHERE x.period = d.period AND x.notice_id = d.notice_id OFFSET 0) i
${LETTER_ATTEMPTS}`;
