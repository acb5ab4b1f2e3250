/**
 * A page of candidates for T2, locked until its transaction ends.
 *
 * Rows that another router holds are skipped, not waited for, so routers never take the same row, nor wait for each other
 * in a circle although a page comes in the order of due times. What is found is judged again after it was locked.
 */
import { noticeColumns } from "./notice-row.ts";
import { thereIs } from "./phrases.ts";

export const routePage = {
  name: "millrace route-page",
  text: `SELECT (SELECT millrace.now()) AS at, i.ctid::text AS place, c.contacts, c.routing, i.user_id,
  ${thereIs("millrace.suppression s WHERE s.user_id = i.user_id")} AS suppressed, ${noticeColumns("i")}
FROM millrace.notice i CROSS JOIN LATERAL (
  SELECT x.contacts, x.routing FROM millrace.contents x WHERE x.notice_id = i.notice_id OFFSET 0) c
WHERE i.found_in = $1::text AND i.due_at <= (SELECT millrace.now())
  AND (i.due_at, i.notice_id) > ($2::bigint, $3::text)
ORDER BY i.due_at, i.notice_id
LIMIT $4
FOR UPDATE OF i SKIP LOCKED`,
} as const;
