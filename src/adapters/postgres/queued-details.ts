/**
 * What the records of queued notices say, and which of them nobody was told of, from the Postgres ledger.
 */
import type { ChannelId, NoticeId, Period, RunId } from "../../domain/ids.ts";
import type { Status } from "../../domain/notice.ts";
import type { QueuedDetail, QueuedDetails } from "../../domain/ports/queued-details.ts";
import type { UnheardNotice, UnheardNotices } from "../../domain/ports/unheard-notices.ts";
import { attempted } from "./attempted.ts";
import { DEFAULT_RETRY, settled, type RetryOptions } from "./batch.ts";
import type { Pool } from "./pool.ts";
import { type Bigint, instantOf, maybeVersion } from "./rows.ts";
import { arrayLiteral } from "./sql/given.ts";
import { queuedDetails, unheardPage } from "./sql/queued-details.ts";
import { inTransaction } from "./transaction.ts";

/** By which pool. */
export interface PostgresQueuedDetailsOptions {
  readonly pool: Pool;
  readonly retry?: RetryOptions;
}

interface DetailRow {
  readonly epoch: number | null;
  readonly status: Status;
  readonly channel: ChannelId | null;
  readonly generation: number;
  readonly attempt_no: number;
  readonly policy_version: Bigint | null;
  readonly run_id: RunId | null;
  readonly user_id: string | null;
  readonly bill_id: string;
  readonly priority: number;
  readonly contact: string | null;
  readonly place: string | null;
}

interface UnheardRow {
  readonly notice_id: NoticeId;
  readonly period: Period;
  readonly epoch: number;
  readonly channel: ChannelId;
  readonly due_at: Bigint;
}

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY";

const detailOf = (row: DetailRow): QueuedDetail | null => {
  if (row.epoch === null || row.user_id === null) return null;
  return {
    epoch: row.epoch,
    status: row.status,
    channel: row.channel,
    generation: row.generation,
    attemptNo: row.attempt_no,
    policyVersion: maybeVersion(row.policy_version),
    runId: row.run_id,
    userId: row.user_id,
    billId: row.bill_id,
    priority: row.priority,
    contact: row.contact,
    place: row.place,
  };
};

const unheardOf = (row: UnheardRow): UnheardNotice => ({
  noticeId: row.notice_id,
  period: row.period,
  epoch: row.epoch,
  channel: row.channel,
  dueAt: instantOf(row.due_at),
});

/** What the records of queued notices say, from the Postgres ledger. */
export const postgresQueuedDetails = ({
  pool,
  retry = DEFAULT_RETRY,
}: PostgresQueuedDetailsOptions): QueuedDetails => ({
  read: (keys) =>
    attempted(() =>
      settled(`reading ${keys.length} queued notices`, retry, () =>
        inTransaction(pool, BEGIN, async (client) => {
          const values = [
            arrayLiteral(keys, ({ period }) => period),
            arrayLiteral(keys, ({ noticeId }) => noticeId),
          ];
          const { rows } = await client.query<DetailRow>({ ...queuedDetails, values });
          return rows.map(detailOf);
        }),
      ),
    ),
});

/** Below every cursor, and behind the candidates. */
const FIRST = { channel: "Z", dueAt: "-9223372036854775808", noticeId: "" };

/** What no log was told of, from the Postgres ledger. */
export const postgresUnheardNotices = ({
  pool,
  retry = DEFAULT_RETRY,
}: PostgresQueuedDetailsOptions): UnheardNotices => ({
  page: (beyondMs, limit, after) =>
    attempted(() =>
      settled("looking for what no log was told of", retry, () =>
        inTransaction(pool, BEGIN, async (client) => {
          const { channel, dueAt, noticeId } = after ?? FIRST;
          const values = [channel, dueAt, noticeId, beyondMs, limit];
          const { rows } = await client.query<UnheardRow>({ ...unheardPage, values });
          return rows.map(unheardOf);
        }),
      ),
    ),
});
