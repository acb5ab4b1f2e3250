/**
 * Poison records in Postgres: who is still to be told of them. Nothing here harms when it is done twice, so a lost answer is simply
 * asked for again.
 */
import type pg from "pg";
import { RETOLD_AFTER_MS } from "../../domain/ports/letters.ts";
import type { PoisonLetters, PoisonName, UntoldPoison } from "../../domain/ports/poison-letters.ts";
import { attempted } from "./attempted.ts";
import { DEFAULT_RETRY, settled, type RetryOptions } from "./batch.ts";
import type { Pool } from "./pool.ts";
import { instantOf, type Bigint } from "./rows.ts";
import { arrayLiteral } from "./sql/given.ts";
import * as sql from "./sql/untold-poison.ts";
import { inTransaction } from "./transaction.ts";

/** By which pool. */
export interface PostgresPoisonLettersOptions {
  readonly pool: Pool;
  readonly retry?: RetryOptions;
}

interface PoisonRow extends Pick<UntoldPoison, "topic" | "partition" | "reason" | "stage" | "attempts"> {
  readonly record: string;
  readonly sha256: string;
  readonly bytes: Bigint;
  readonly first_seen_at: Bigint;
  readonly payload: Uint8Array | null;
}

const poisonOf = (row: PoisonRow): UntoldPoison => ({
  topic: row.topic,
  partition: row.partition,
  offset: row.record,
  reason: row.reason,
  stage: row.stage,
  attempts: row.attempts,
  payload: row.payload,
  digest: { sha256: row.sha256, bytes: Number(row.bytes) },
  firstSeenAt: instantOf(row.first_seen_at),
});

const namesOf = (batch: readonly PoisonName[]): readonly string[] => [
  arrayLiteral(batch, ({ topic }) => topic),
  arrayLiteral(batch, ({ partition }) => partition),
  arrayLiteral(batch, ({ offset }) => offset),
];

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";

/** The poison records of the Postgres ledger. */
export const postgresPoisonLetters = ({
  pool,
  retry = DEFAULT_RETRY,
}: PostgresPoisonLettersOptions): PoisonLetters => {
  const done = <A>(what: string, work: (client: pg.ClientBase) => Promise<A>) =>
    attempted(() => settled(what, retry, () => inTransaction(pool, BEGIN, work)));

  return {
    untold: (limit, payloadBytes) =>
      done("taking poison records to be told", async (client) => {
        const values = [limit, RETOLD_AFTER_MS, payloadBytes];
        const { rows } = await client.query<PoisonRow>({ ...sql.takeUntoldPoison, values });
        return rows.map(poisonOf);
      }),

    untoldCount: done("counting poison records that are not told", async (client) => {
      const { rows } = await client.query<{ n: string }>({ ...sql.countUntoldPoison });
      return Number(rows[0]?.n);
    }),

    told: (batch) =>
      done(`noting that ${batch.length} poison records were told`, async (client) => {
        const values = [...namesOf(batch)];
        await client.query({ ...sql.lockToldPoison, values });
        await client.query({ ...sql.markToldPoison, values });
      }),
  };
};
