/**
 * Puts notices into a database as they are described, rows and all, without asking the ledger.
 */
import type { NoticeView } from "../../src/domain/lifecycle/rule.ts";
import type { TestDatabase } from "./postgres.ts";

export interface PlacedView {
  readonly view: NoticeView;
  readonly userId: string;
}

const INTO_NOTICE = `
  INSERT INTO millrace.notice (period, notice_id, user_id, status, epoch, generation, attempt_no, channel,
    policy_version, owner, lease_until, lapses, due_at, hold_reason, republish_at, publishes, expires_at, run_id,
    cancel_requested, wake_at)
  SELECT (n->>'period')::integer, n->>'noticeId', n->>'userId', (n->>'status')::millrace.status,
    (n->>'epoch')::integer, (n->>'generation')::integer, (n->>'attemptNo')::integer, n->>'channel',
    (n->>'policyVersion')::bigint, n->>'owner', (n->>'leaseUntil')::bigint, (n->>'lapses')::integer,
    (n->>'dueAt')::bigint, n->>'holdReason', (n->>'republishAt')::bigint, (n->>'publishes')::integer,
    (n->>'expiresAt')::bigint, n->>'runId', (n->>'cancelRequested')::boolean, (n->>'dueAt')::bigint
  FROM jsonb_array_elements($1::jsonb) n`;

const INTO_CONTENTS = `
  INSERT INTO millrace.contents (period, notice_id, user_id, bill_id, purpose, kind, priority, contacts, routing,
    content, due_at, expires_at, ingested_at, ingested_by)
  SELECT (n->>'period')::integer, n->>'noticeId', n->>'userId', n->>'noticeId', 'bill', 'bill', 0, '{}', '{}', '{}',
    (n->>'dueAt')::bigint, (n->>'expiresAt')::bigint, 0, 'test'
  FROM jsonb_array_elements($1::jsonb) n`;

const INTO_ATTEMPT = `
  INSERT INTO millrace.attempt (period, notice_id, attempt_id, generation, attempt_no, epoch, channel, provider,
    provider_key, content_digest, intent_at, send_by, copies, state, provider_message_id, evidence, contradiction)
  SELECT (a->>'period')::integer, a->>'noticeId', a->>'attemptId', (a->>'generation')::integer,
    (a->>'attemptNo')::integer, (a->>'epoch')::integer, a->>'channel', a->>'provider', a->>'providerKey',
    a->>'contentDigest', (a->>'intentAt')::bigint, (a->>'sendBy')::bigint, (a->>'copies')::integer,
    (a->>'state')::millrace.attempt_state, a->>'providerMessageId', a->>'evidence', a->>'contradiction'
  FROM jsonb_array_elements($1::jsonb) a`;

const INTO_DEAD_LETTER = `
  INSERT INTO millrace.dead_letter (period, notice_id, kind, epoch, generation, attempt_id, reason, state, opened_at)
  SELECT (d->>'period')::integer, d->>'noticeId', (d->>'kind')::millrace.letter_kind, (d->>'epoch')::integer,
    (d->>'generation')::integer, d->>'attemptId', d->>'reason', (d->>'state')::millrace.letter_state,
    (d->>'openedAt')::bigint
  FROM jsonb_array_elements($1::jsonb) d`;

export const placeViews = async (
  { query }: Pick<TestDatabase, "query">,
  placed: readonly PlacedView[],
): Promise<void> => {
  const notices = placed.map(({ view, userId }) => ({ ...view.notice, userId }));
  await query(INTO_NOTICE, [JSON.stringify(notices)]);
  await query(INTO_CONTENTS, [JSON.stringify(notices)]);
  await query(INTO_ATTEMPT, [JSON.stringify(placed.flatMap(({ view }) => view.attempts))]);
  await query(INTO_DEAD_LETTER, [JSON.stringify(placed.flatMap(({ view }) => view.deadLetters))]);
};

/** Each table is read once: asked for each notice by itself, the server would look through all of them again and again. */
const ROWS = `
  SELECT n.notice_id, to_json(n) AS notice, coalesce(a.rows, '[]') AS attempts, coalesce(d.rows, '[]') AS letters,
    coalesce(h.rows, '[]') AS history
  FROM millrace.notice n
    LEFT JOIN (SELECT period, notice_id, json_agg(x ORDER BY x.attempt_id) AS rows
      FROM millrace.attempt x GROUP BY period, notice_id) a USING (period, notice_id)
    LEFT JOIN (SELECT period, notice_id, json_agg(x ORDER BY x.kind, x.epoch) AS rows
      FROM millrace.dead_letter x GROUP BY period, notice_id) d USING (period, notice_id)
    LEFT JOIN (SELECT period, notice_id, json_agg(x ORDER BY x.seq) AS rows
      FROM millrace.history x GROUP BY period, notice_id) h USING (period, notice_id)`;

type Row = Readonly<Record<string, unknown>>;

export interface RowsOfNotice {
  readonly notice: Row;
  readonly attempts: readonly Row[];
  readonly letters: readonly Row[];
  readonly history: readonly Row[];
}

/** Every notice's rows, column by column, by notice id. */
export const rowsOfAll = async ({
  query,
}: Pick<TestDatabase, "query">): Promise<ReadonlyMap<string, RowsOfNotice>> => {
  const rows = await query<RowsOfNotice & { notice_id: string }>(ROWS);
  return new Map(rows.map((row) => [row.notice_id, row]));
};

const columns = new Map<string, string>();

/** Asked for some tens of thousands of rows, of which all have the same columns. */
const snake = (name: string): string => {
  const known = columns.get(name);
  if (known !== undefined) return known;
  const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  columns.set(name, column);
  return column;
};

/** A row of the domain with the columns' names. */
export const asColumns = (row: object): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [snake(name), value as unknown]));
