/**
 * Open failures that a policy replays by itself, from the front of the index of the open letters. Locks nothing: T13 judges for
 * itself.
 */
import { LETTER_COLUMNS, LETTER_JOINS } from "./letter-row.ts";

const NOW = "(SELECT millrace.now())";

/** $1 after milliseconds, $2 generations at most, $3 and $4 the cursor, $5 at most */
export const resendDue = {
  name: "millrace resend-due",
  text: `SELECT ${LETTER_COLUMNS}
FROM millrace.dead_letter d ${LETTER_JOINS}
WHERE d.state = 'open' AND d.kind = 'failed' AND d.opened_at <= ${NOW} - $1::bigint
  AND (d.opened_at, d.notice_id) > ($3::bigint, $4::text) AND d.generation < $2::integer
  AND i.status = 'failed' AND i.generation = d.generation AND ${NOW} < i.expires_at
  AND i.hold_reason IS DISTINCT FROM 'contradiction'
ORDER BY d.opened_at, d.notice_id
LIMIT $5`,
} as const;
