/**
 * All that the ledger holds of one notice, in one statement and so in one snapshot. Locks nothing.
 */
export const readNotice = {
  name: "millrace read",
  text: `SELECT to_json(i) AS notice,
  (SELECT json_agg(a ORDER BY a.seq) FROM millrace.attempt a
    WHERE a.period = i.period AND a.notice_id = i.notice_id AND a.live) AS live,
  (SELECT json_agg(a ORDER BY a.seq) FROM millrace.attempt a
    WHERE a.period = i.period AND a.notice_id = i.notice_id AND NOT a.live) AS closed,
  (SELECT json_agg(d ORDER BY d.epoch, d.kind) FROM millrace.dead_letter d
    WHERE d.period = i.period AND d.notice_id = i.notice_id) AS letters,
  (SELECT json_agg(h ORDER BY h.seq) FROM millrace.history h
    WHERE h.notice_id = i.notice_id AND h.period = i.period) AS history
FROM millrace.notice i WHERE i.period = $1 AND i.notice_id = $2`,
} as const;
