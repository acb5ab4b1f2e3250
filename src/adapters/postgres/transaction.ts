/**
 * One transaction, and what is known of it when it fails: it did not commit, or nobody can say.
 *
 * COMMIT is sent only after every statement before it was answered. So a connection that is cut earlier has committed
 * nothing, whatever still lies in its buffers; and one that is cut later holds its locks until the server has decided,
 * which is what a repeat of the same batch waits for.
 */
import type pg from "pg";
import { isFailure } from "../../failure.ts";
import type { Pool } from "./pool.ts";
import { commitWasRefused, remedyFor, type Remedy } from "./sqlstates.ts";

/** A transaction that failed for a reason of the database's. Anything else that is thrown is a bug. */
export class TransactionFailed extends Error {
  readonly remedy: Remedy;
  /** False: nothing was committed. True: it may have been. */
  readonly mayHaveCommitted: boolean;
  readonly sqlState: string | undefined;

  constructor(cause: unknown, mayHaveCommitted: boolean) {
    const sqlState = sqlStateOf(cause);
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "TransactionFailed";
    this.sqlState = sqlState;
    this.remedy = sqlState === undefined ? "retry" : remedyFor(sqlState);
    this.mayHaveCommitted = mayHaveCommitted;
  }
}

const sqlStateOf = (error: unknown): string | undefined =>
  error instanceof Error &&
  "code" in error &&
  typeof error.code === "string" &&
  /^[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : undefined;

/** The driver gives its own errors neither a type nor, mostly, a code. */
const CONNECTION_TROUBLE =
  /^(connection terminated|client has encountered a connection error|client was closed|timeout exceeded|query read timeout|server closed|the server does not support|socket|read |write |connect |getaddrinfo)/i;

const isTrouble = (error: unknown): boolean =>
  sqlStateOf(error) !== undefined ||
  (error instanceof Error &&
    (("code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code)) ||
      CONNECTION_TROUBLE.test(error.message)));

/** What a statement threw, as a failed transaction where the database is the cause. */
export const failed = (error: unknown, mayHaveCommitted: boolean): unknown =>
  error instanceof TransactionFailed || isFailure(error) || !isTrouble(error)
    ? error
    : new TransactionFailed(error, mayHaveCommitted);

/** @param begin what opens it, in one round trip: `BEGIN`, and a lock to take before everything else */
export const inTransaction = async <A>(
  pool: Pool,
  begin: string,
  work: (client: pg.ClientBase) => Promise<A>,
): Promise<A> => {
  try {
    return await pool.use(async (loan) => {
      const { client } = loan;
      let result: A;
      try {
        await client.query(begin);
        result = await work(client);
      } catch (error) {
        // Only a server that has answered can be told to roll back; the others do so when the connection closes.
        if (sqlStateOf(error) !== undefined || !isTrouble(error)) {
          await client.query("ROLLBACK");
          loan.stillGood = true;
        }
        throw error;
      }
      await commit(client);
      return result;
    });
  } catch (error) {
    throw failed(error, false);
  }
};

const commit = async (client: pg.ClientBase): Promise<void> => {
  let answer: pg.QueryResult;
  try {
    answer = await client.query("COMMIT");
  } catch (error) {
    const sqlState = sqlStateOf(error);
    throw new TransactionFailed(error, sqlState === undefined || !commitWasRefused(sqlState));
  }
  // A transaction that had failed before answers COMMIT with ROLLBACK, and no error.
  if (answer.command !== "COMMIT")
    throw new TransactionFailed(new Error(`COMMIT was answered ${answer.command}`), false);
};
