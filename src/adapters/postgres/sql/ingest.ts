/**
 * T1: new notices. Two statements of one transaction, the second only where the first did not take every item.
 *
 * Locks nothing that is there; two runners that bring the same notice, or the same bill's month and purpose, race for a
 * unique key: the second one waits for the first one's commit and skips the item. Keys are taken in order, so that two
 * batches with the same items do not wait for each other in a circle. Who holds the key is asked in a second statement,
 * because the first one's snapshot is older than what it waited for.
 */
import type { NewNotice } from "../../../domain/ports/notice-ledger.ts";
import { unnested, type Given } from "./given.ts";
import { NOW } from "./phrases.ts";

export const ingested: readonly Given<NewNotice>[] = [
  { name: "c_period", type: "integer", of: ({ period }) => period },
  { name: "c_notice_id", type: "text", of: ({ noticeId }) => noticeId },
  { name: "c_bill_id", type: "text", of: ({ billId }) => billId },
  { name: "c_purpose", type: "text", of: ({ purpose }) => purpose },
  { name: "c_user_id", type: "text", of: ({ userId }) => userId },
  { name: "c_kind", type: "text", of: ({ kind }) => kind },
  { name: "c_priority", type: "integer", of: ({ priority }) => priority },
  { name: "c_due_at", type: "bigint", of: ({ dueAt }) => dueAt },
  { name: "c_expires_at", type: "bigint", of: ({ expiresAt }) => expiresAt },
  { name: "c_contacts", type: "json", of: ({ contacts }) => JSON.stringify(contacts) },
  { name: "c_routing", type: "json", of: ({ routing }) => JSON.stringify(routing) },
  { name: "c_content", type: "json", of: ({ content }) => JSON.stringify(content) },
  { name: "c_actor", type: "text", of: ({ actor }) => actor },
];

export const ingest = {
  name: "millrace ingest",
  text: `WITH clock AS MATERIALIZED (SELECT millrace.now() AS now),
  kept AS (
    INSERT INTO millrace.contents (period, notice_id, user_id, bill_id, purpose, kind, priority, contacts, routing,
      content, due_at, expires_at, ingested_at, ingested_by)
    SELECT c_period, c_notice_id, c_user_id, c_bill_id, c_purpose, c_kind, c_priority, c_contacts, c_routing, c_content,
      c_due_at, c_expires_at, ${NOW}, c_actor
    FROM ${unnested(ingested, 1)}
    ORDER BY c_period, c_bill_id COLLATE "C", c_purpose COLLATE "C", n
    ON CONFLICT DO NOTHING
    RETURNING period, notice_id, user_id, due_at, expires_at
  ),
  made AS (
    INSERT INTO millrace.notice (period, notice_id, user_id, status, epoch, generation, attempt_no, lapses, due_at,
      publishes, expires_at, cancel_requested, wake_at)
    SELECT period, notice_id, user_id, 'ready', 0, 1, 0, 0, due_at, 0, expires_at, false, expires_at FROM kept
  )
SELECT count(*)::integer AS kept, CASE WHEN count(*) < cardinality($1) THEN array_agg(notice_id) END AS "keptIds" FROM kept`,
} as const;

/** For the items that were not taken: who holds the business key, if anybody does. */
export const holders = {
  name: "millrace ingest-holders",
  text: `SELECT c.notice_id AS holder
FROM unnest($1::integer[], $2::text[], $3::text[]) WITH ORDINALITY AS g(period, bill_id, purpose, n)
LEFT JOIN LATERAL (
  SELECT x.notice_id FROM millrace.contents x
  WHERE x.period = g.period AND x.bill_id = g.bill_id AND x.purpose = g.purpose
  OFFSET 0) c ON true
ORDER BY g.n`,
} as const;
