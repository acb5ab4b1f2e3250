/**
 * Results in Postgres: who is still to be told how a notice ended.
 *
 * Nothing here harms when it is done twice, so a lost answer is simply asked for again: a result is then told already, and one that
 * was taken to be told is owed again a little later.
 */
import type pg from "pg";
import type { ChannelId, NoticeId, Period, RunId } from "../../domain/ids.ts";
import type { FinalStatus } from "../../domain/notice.ts";
import { RETOLD_AFTER_MS } from "../../domain/ports/letters.ts";
import type { Results, UntoldResult } from "../../domain/ports/results.ts";
import { attempted } from "./attempted.ts";
import { DEFAULT_RETRY, settled, type RetryOptions } from "./batch.ts";
import type { Pool } from "./pool.ts";
import { instantOf, maybeVersion, type Bigint } from "./rows.ts";
import { arrayLiteral } from "./sql/given.ts";
import * as sql from "./sql/untold-results.ts";
import { inTransaction } from "./transaction.ts";

/** By which pool. */
export interface PostgresResultsOptions {
  readonly pool: Pool;
  readonly retry?: RetryOptions;
}

interface ResultRow {
  readonly parcel: Bigint;
  readonly count: number;
  readonly ended_at: Bigint;
  readonly period: Period;
  readonly notice_id: NoticeId;
  readonly generation: number;
  readonly epoch: number;
  readonly status: FinalStatus;
  readonly reason: string | null;
  readonly channel: ChannelId | null;
  readonly policy_version: Bigint | null;
  readonly run_id: RunId | null;
  readonly bill_id: string;
  readonly user_id: string;
  readonly attempts: number;
  readonly provider: string | null;
  readonly provider_message_id: string | null;
}

const resultOf = (row: ResultRow): UntoldResult => ({
  noticeId: row.notice_id,
  period: row.period,
  generation: row.generation,
  epoch: row.epoch,
  status: row.status,
  reason: row.reason,
  channel: row.channel,
  attempts: row.attempts,
  billId: row.bill_id,
  memberId: row.user_id,
  policyVersion: maybeVersion(row.policy_version),
  runId: row.run_id,
  provider: row.provider,
  providerMessageId: row.provider_message_id,
  endedAt: instantOf(row.ended_at),
  traceparent: null,
  mark: `${row.parcel}/${row.count}`,
});

interface Parcel {
  readonly parcel: string;
  /** How many it had when it was taken; nothing is ever added to it. */
  readonly count: number;
  readonly noticeIds: Set<NoticeId>;
}

const MARK = /^([0-9]+)\/([0-9]+)$/;

const parcelsOf = (batch: readonly UntoldResult[]): readonly Parcel[] => {
  const parcels = new Map<string, Parcel>();
  for (const { mark, noticeId } of batch) {
    const [, parcel, count] = MARK.exec(mark) ?? [];
    if (parcel === undefined)
      throw new Error(`a result has the mark ${JSON.stringify(mark)}, which is none of ours`);
    const found = parcels.get(parcel) ?? { parcel, count: Number(count), noticeIds: new Set() };
    found.noticeIds.add(noticeId);
    parcels.set(parcel, found);
  }
  return [...parcels.values()];
};

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";

const markTold = async (client: pg.ClientBase, parcels: readonly Parcel[]): Promise<void> => {
  await client.query({ ...sql.lockParcels, values: [arrayLiteral(parcels, ({ parcel }) => parcel)] });
  const whole = parcels.filter(({ count, noticeIds }) => noticeIds.size >= count);
  if (whole.length > 0)
    await client.query({ ...sql.dropParcels, values: [arrayLiteral(whole, ({ parcel }) => parcel)] });
  for (const { parcel, count, noticeIds } of parcels) {
    if (noticeIds.size >= count) continue;
    await client.query({ ...sql.openParcel, values: [parcel, arrayLiteral([...noticeIds], (id) => id)] });
    await client.query({ ...sql.dropIfEmpty, values: [parcel] });
  }
};

/** The results of the Postgres ledger. */
export const postgresResults = ({ pool, retry = DEFAULT_RETRY }: PostgresResultsOptions): Results => {
  const done = <A>(what: string, work: (client: pg.ClientBase) => Promise<A>) =>
    attempted(() => settled(what, retry, () => inTransaction(pool, BEGIN, work)));

  return {
    untold: (limit) =>
      done("taking results to be told", async (client) => {
        const { rows } = await client.query<ResultRow>({
          ...sql.takeUntoldResults,
          values: [limit, RETOLD_AFTER_MS],
        });
        return rows.map(resultOf);
      }),

    untoldCount: done("counting results that are not told", async (client) => {
      const { rows } = await client.query<{ n: string }>({ ...sql.countUntoldResults });
      return Number(rows[0]?.n);
    }),

    told: (batch) =>
      done(`noting that ${batch.length} results were told`, (client) => markTold(client, parcelsOf(batch))),
  };
};
