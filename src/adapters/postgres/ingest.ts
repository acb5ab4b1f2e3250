/**
 * T1 in one transaction: keep what is new, and for the rest say who holds the key.
 */
import type { NoticeId } from "../../domain/ids.ts";
import type { Ingested, NewNotice } from "../../domain/ports/notice-ledger.ts";
import type { Pool } from "./pool.ts";
import { arrayLiteral } from "./sql/given.ts";
import { holders, ingest, ingested } from "./sql/ingest.ts";
import { inTransaction } from "./transaction.ts";

const WON = { verdict: "won", because: null } as const;

export const ingestBatch = async (pool: Pool, items: readonly NewNotice[]): Promise<readonly Ingested[]> =>
  inTransaction(pool, "BEGIN ISOLATION LEVEL READ COMMITTED", async (client) => {
    const { rows } = await client.query<{ kept: number; keptIds: NoticeId[] | null }>({
      ...ingest,
      values: ingested.map(({ of }) => arrayLiteral(items, of)),
    });
    const [answer] = rows;
    if (answer === undefined) throw new Error(`${ingest.name} answered nothing`);
    if (answer.kept === items.length) return items.map(({ noticeId }) => ({ ...WON, noticeId }));
    const kept = new Set(answer.keptIds);
    const rest = items.filter(({ noticeId }) => !kept.has(noticeId));
    const asked = await client.query<{ holder: NoticeId | null }>({
      ...holders,
      values: [
        arrayLiteral(rest, ({ period }) => period),
        arrayLiteral(rest, ({ billId }) => billId),
        arrayLiteral(rest, ({ purpose }) => purpose),
      ],
    });
    const holderOf = new Map(rest.map(({ noticeId }, at) => [noticeId, asked.rows[at]?.holder ?? null]));
    return items.map(({ noticeId }) =>
      kept.has(noticeId) ? { ...WON, noticeId } : refused(noticeId, holderOf.get(noticeId) ?? null),
    );
  });

const refused = (noticeId: NoticeId, holder: NoticeId | null): Ingested => {
  if (holder === noticeId) return { verdict: "already-mine", because: "T1.already-mine", noticeId };
  return holder === null
    ? { verdict: "lost", because: "T1.notice-id", noticeId }
    : { verdict: "lost", because: "T1.business-key", noticeId: holder };
};
