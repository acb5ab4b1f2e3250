/**
 * Dead letters in Postgres: the lines that are owed for them, and what is done about them.
 *
 * Nothing here harms when it is done twice, so a lost answer is simply asked for again: a letter is then told or discarded
 * already, and one that was taken to be told is owed again a little later.
 */
import type pg from "pg";
import {
  RETOLD_AFTER_MS,
  type LetterAnswer,
  type LetterName,
  type Letters,
} from "../../domain/ports/letters.ts";
import { attempted } from "./attempted.ts";
import { DEFAULT_RETRY, settled, type RetryOptions } from "./batch.ts";
import { eachOnce } from "./each-once.ts";
import { fullLetterOf, type FullLetterRow } from "./full-letter.ts";
import type { Pool } from "./pool.ts";
import { discardLetters } from "./sql/discard-letters.ts";
import { arrayLiteral } from "./sql/given.ts";
import { lockNotices } from "./sql/lock-notices.ts";
import { resendDue } from "./sql/resend-due.ts";
import { countUntold, lockTold, markTold, takeUntold } from "./sql/untold-letters.ts";
import { inTransaction } from "./transaction.ts";

/** By which pool. */
export interface PostgresLettersOptions {
  readonly pool: Pool;
  readonly retry?: RetryOptions;
}

const namesOf = (batch: readonly LetterName[]): string[] => [
  arrayLiteral(batch, ({ period }) => period),
  arrayLiteral(batch, ({ noticeId }) => noticeId),
  arrayLiteral(batch, ({ kind }) => kind),
  arrayLiteral(batch, ({ epoch }) => epoch),
];

const ANSWER = /^(already-mine|lost|gone) (.*)$/;

const answerOf = (no: string | null): LetterAnswer => {
  if (no === null) return { verdict: "won", because: null };
  const [, verdict, because] = ANSWER.exec(no) ?? [];
  if (verdict === undefined || because === undefined)
    throw new Error(`${discardLetters.name} answered ${no}`);
  return { verdict: verdict as LetterAnswer["verdict"], because }; // one of those in the pattern
};

/** Below every cursor. */
const FIRST = { openedAt: "-9223372036854775808", noticeId: "" };

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";

/** The dead letters of the Postgres ledger. */
export const postgresLetters = ({ pool, retry = DEFAULT_RETRY }: PostgresLettersOptions): Letters => {
  const done = <A>(what: string, work: (client: pg.ClientBase) => Promise<A>) =>
    attempted(() => settled(what, retry, () => inTransaction(pool, BEGIN, work)));

  return {
    untold: (limit) =>
      done("taking letters to be told", async (client) => {
        const values = [limit, RETOLD_AFTER_MS];
        const { rows } = await client.query<FullLetterRow>({ ...takeUntold, values });
        return rows.map(fullLetterOf);
      }),

    untoldCount: done("counting letters that are not told", async (client) => {
      const { rows } = await client.query<{ n: string }>({ ...countUntold });
      return Number(rows[0]?.n);
    }),

    told: (batch) =>
      done(`noting that ${batch.length} letters were told`, async (client) => {
        const values = namesOf(batch);
        await client.query({ ...lockTold, values });
        await client.query({ ...markTold, values });
      }),

    dueForResend: ({ afterMs, maxGenerations }, limit, after) =>
      done("looking for failures to be sent again", async (client) => {
        const { openedAt, noticeId } = after ?? FIRST;
        const values = [afterMs, maxGenerations, openedAt, noticeId, limit];
        const { rows } = await client.query<FullLetterRow>({ ...resendDue, values });
        return rows.map(fullLetterOf);
      }),

    discard: (batch, actor, reason) =>
      attempted(() =>
        eachOnce(batch, () =>
          settled(`discarding ${batch.length} letters`, retry, () =>
            inTransaction(pool, BEGIN, async (client) => {
              const [periods, noticeIds, ...names] = namesOf(batch);
              await client.query({ ...lockNotices, values: [periods, noticeIds] });
              const { rows } = await client.query<{ no: string | null }>({
                ...discardLetters,
                values: [periods, noticeIds, ...names, actor, reason],
              });
              return rows.map(({ no }) => answerOf(no));
            }),
          ),
        ),
      ),
  };
};
