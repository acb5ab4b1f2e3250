/**
 * Doubts, and what a copy of each is made from: one statement a page, over the ledger's own pool.
 */
import type { DoubtfulNotice, Doubts } from "../../domain/ports/doubts.ts";
import type { Contents } from "../../domain/ports/notice-ledger.ts";
import { attempted } from "./attempted.ts";
import { DEFAULT_RETRY, settled, type RetryOptions } from "./batch.ts";
import type { Pool } from "./pool.ts";
import { attemptOf, noticeOf, type AttemptRow, type Bigint, type NoticeRow } from "./rows.ts";
import { arrayLiteral } from "./sql/given.ts";
import { readDoubts } from "./sql/read-doubts.ts";
import { inTransaction } from "./transaction.ts";

/** By which pool. */
export interface PostgresDoubtsOptions {
  readonly pool: Pool;
  readonly retry?: RetryOptions;
}

interface DoubtRow {
  /** Which key it is of, counted from 1. */
  readonly n: Bigint;
  readonly notice: NoticeRow;
  readonly attempt: AttemptRow;
  readonly user_id: string;
  readonly bill_id: string;
  readonly purpose: string;
  readonly contacts: Contents["contacts"];
  readonly routing: Contents["routing"];
  readonly content: Contents["content"];
}

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";

/** The doubts of the Postgres ledger. */
export const postgresDoubts = ({ pool, retry = DEFAULT_RETRY }: PostgresDoubtsOptions): Doubts => ({
  read: (keys) =>
    attempted(() =>
      settled(`reading ${keys.length} doubts`, retry, () =>
        inTransaction(pool, BEGIN, async (client) => {
          const { rows } = await client.query<DoubtRow>({
            ...readDoubts,
            values: [
              arrayLiteral(keys, ({ period }) => period),
              arrayLiteral(keys, ({ noticeId }) => noticeId),
            ],
          });
          const doubts: (DoubtfulNotice | null)[] = keys.map(() => null);
          for (const row of rows) {
            const { user_id: userId, bill_id: billId, purpose, contacts, routing, content } = row;
            doubts[Number(row.n) - 1] = {
              notice: noticeOf(row.notice),
              attempt: attemptOf(row.attempt),
              contents: { userId, billId, purpose, contacts, routing, content },
            };
          }
          return doubts;
        }),
      ),
    ),
});
