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
import { commitWasRefused, connectionIsSpent, remedyFor, type Remedy } from "./sqlstates.ts";

/** A transaction that failed for a reason of the database's. Anything else that is thrown is a bug. */
export class TransactionFailed extends Error {
  readonly remedy: Remedy;
  /** False: nothing was committed. True: it may have been. */
  readonly mayHaveCommitted: boolean;
  readonly sqlState: string | undefined;

  constructor(cause: unknown, mayHaveCommitted: boolean) {
    const sqlState = sqlStateOf(cause);
    const { message, cause: told } = withoutData(cause, sqlState);
    super(message, { cause: told });
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
  /^(connection terminated|client has encountered a connection error|client was closed|timeout exceeded|query read timeout|server closed|the server does not support|socket)/i;

/** The system's (`ECONNRESET`), the resolver's, and those of a certificate that does not fit. */
const TROUBLE_CODES =
  /^(E[A-Z]+|EAI_[A-Z]+|ERR_(TLS|SSL)_\w+|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|HOSTNAME_MISMATCH)$/;

const isTrouble = (error: unknown): boolean =>
  sqlStateOf(error) !== undefined ||
  (error instanceof Error &&
    (("code" in error && typeof error.code === "string" && TROUBLE_CODES.test(error.code)) ||
      CONNECTION_TROUBLE.test(error.message)));

/**
 * An error about data (classes 22 and 23) quotes it, in its message, detail or context: a row has contacts in it. What is
 * kept says which rule was broken, and nothing of what broke it.
 */
const withoutData = (
  cause: unknown,
  sqlState: string | undefined,
): { readonly message: string; readonly cause: unknown } => {
  if (sqlState === undefined || !(cause instanceof Error)) {
    return { message: cause instanceof Error ? cause.message : String(cause), cause };
  }
  const told = cause as Error & Partial<Record<"constraint" | "table" | "routine", string>>; // as the driver fills them
  const where = [told.constraint, told.table, told.routine].filter((name) => name !== undefined).join(", ");
  const isAboutData = /^2[23]/.test(sqlState);
  const message = isAboutData ? `SQLSTATE ${sqlState}${where === "" ? "" : ` (${where})`}` : cause.message;
  return { message, cause: { sqlState, where, stack: isAboutData ? undefined : cause.stack } };
};

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
        const sqlState = sqlStateOf(error);
        if (sqlState !== undefined || !isTrouble(error)) {
          await client.query("ROLLBACK");
          loan.stillGood = sqlState === undefined || !connectionIsSpent(sqlState);
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
