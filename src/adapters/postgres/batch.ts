/**
 * A batch through the database, whatever happens on the way: what may work is tried again, what fails for one item's data
 * is split until that item is alone, and an answer that was lost is asked for again with the same batch.
 *
 * Worst case: `TRIES` times a statement's time limit, and a few seconds of waiting between them; then it fails as
 * `Transient` if nothing can have been written, else as `Unconfirmed`.
 */
import { Result } from "effect";
import { isFailure, Permanent, Transient, Unconfirmed, type Failure } from "../../failure.ts";
import type { ItemAnswer } from "../../domain/ports/notice-ledger.ts";
import { NOT_A_NUMBER } from "./sql/given.ts";
import { TransactionFailed } from "./transaction.ts";

/** How often a batch is asked for again. */
export interface RetryOptions {
  /** The first one included. */
  readonly tries: number;
  readonly firstWaitMs: number;
  /** Each wait is twice the one before, up to this. */
  readonly capMs: number;
  /** Whether what may have been committed is asked for again by doing it again. Default true. */
  readonly repeatUnknown?: boolean;
}

/** Enough to outlast a restart of the server; a longer outage is the caller's to wait out. */
export const DEFAULT_RETRY: RetryOptions = { tries: 6, firstWaitMs: 25, capMs: 2_000 };

/** Items of one statement; more are taken in several. */
export const MAX_BATCH = 1_000;

const wait = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Half of it, and up to half more at random, so that those who failed together do not come back together. */
const waitMs = ({ firstWaitMs, capMs }: RetryOptions, failures: number): number =>
  Math.min(capMs, firstWaitMs * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);

const failureOf = (what: string, reason: TransactionFailed, mayBeWritten: boolean): Failure => {
  const fields = {
    message: `${what}: ${reason.message}`,
    code: reason.sqlState === undefined ? "connection" : `sqlstate:${reason.sqlState}`,
    cause: reason,
  };
  if (mayBeWritten) return new Unconfirmed(fields);
  return reason.remedy === "split" ? new Permanent(fields) : new Transient(fields);
};

/** What came in between does not matter: an earlier try may have been committed, and nobody has asked again. */
const unconfirmed = (what: string, error: unknown): unknown =>
  isFailure(error)
    ? new Unconfirmed({ message: `${what}: may be written, then: ${error.message}`, cause: error })
    : error;

/** Runs a transaction until it is known what became of it, or the tries are used up. */
export const settled = async <A>(
  what: string,
  retry: RetryOptions,
  transaction: () => Promise<A>,
): Promise<A> => {
  let mayBeWritten = false;
  for (let tries = 1; ; tries++) {
    try {
      return await transaction();
    } catch (error) {
      if (!(error instanceof TransactionFailed)) throw mayBeWritten ? unconfirmed(what, error) : error;
      mayBeWritten ||= error.mayHaveCommitted;
      const again = error.mayHaveCommitted ? retry.repeatUnknown !== false : error.remedy === "retry";
      if (!again || tries >= retry.tries) throw failureOf(what, error, mayBeWritten);
    }
    await wait(waitMs(retry, tries));
  }
};

const isItemsOwn = (error: unknown): error is Permanent =>
  error instanceof Permanent &&
  (error.code === NOT_A_NUMBER ||
    (error.cause instanceof TransactionFailed && error.cause.remedy === "split"));

/** Of items that come after one whose transaction could not be settled. */
const notTried = (what: string, before: Failure): Transient =>
  new Transient({
    message: `${what}: not tried, because of the items before: ${before.message}`,
    code: "not-tried",
  });

/**
 * What is answered stays answered: where one part of the batch cannot be settled its items fail, each in its place, and
 * those behind it are not tried. Only where nothing was answered does the call fail as a whole.
 *
 * @param transaction takes some of the items, in one transaction, and answers each in its place
 */
export const batched = async <I, A>(
  what: string,
  retry: RetryOptions,
  items: readonly I[],
  transaction: (items: readonly I[]) => Promise<readonly A[]>,
): Promise<readonly ItemAnswer<A>[]> => {
  const answers: ItemAnswer<A>[] = [];

  const run = async (some: readonly I[]): Promise<void> => {
    try {
      const answered = await settled(`${what}, ${some.length} items`, retry, () => transaction(some));
      for (const answer of answered) answers.push(Result.succeed(answer));
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (isItemsOwn(error) && some.length > 1) {
        const half = some.length >> 1;
        await run(some.slice(0, half));
        await run(some.slice(half));
        return;
      }
      for (const _ of some) answers.push(Result.fail(error));
      if (!isItemsOwn(error)) throw error;
    }
  };

  try {
    for (let at = 0; at < items.length; at += MAX_BATCH) await run(items.slice(at, at + MAX_BATCH));
  } catch (error) {
    const anyAnswered = answers.some((answer) => Result.isSuccess(answer) || isItemsOwn(answer.failure));
    if (!isFailure(error) || !anyAnswered) throw error;
    while (answers.length < items.length) answers.push(Result.fail(notTried(what, error)));
  }
  return answers;
};
