/**
 * The simulated provider's journal in Postgres: shared by all processes of a database, and there after a crash of any of
 * them. Its table is made on first use, in a schema of its own.
 *
 * Times are the processes' wall clocks, and late arrivals are refused by the server's: on one machine they agree. Where
 * the server is elsewhere its clock must not differ by more than a second or two, or requests are refused as too late.
 */
import { Effect } from "effect";
import type pg from "pg";
import { isFailure, Transient, Unconfirmed, type Failure } from "../../failure.ts";
import type { AttemptId } from "../../domain/ids.ts";
import type {
  Acceptance,
  Arrival,
  ArrivingRequest,
  DoubleAcceptance,
  ProviderJournal,
} from "../../domain/ports/provider-journal.ts";
import { SERVICE_ROLE } from "./grants.ts";
import type { Pool } from "./pool.ts";
import { arrayLiteral } from "./sql/given.ts";
import * as sql from "./sql/provider-journal.ts";
import { failed, inTransaction, TransactionFailed } from "./transaction.ts";

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";
/** The pool's sessions look rows up by key only; a report over everything reads the table as it lies. */
const BEGIN_REPORT = `${BEGIN} READ ONLY; SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = on`;

/** How often a copy may find that another process has just added the one it wanted to add. */
const MAX_RETRIES = 20;

/** Below every attempt. */
const FIRST = { attemptId: "", copy: 0 };

/**
 * The simulated providers' journal in Postgres, shared by all processes.
 *
 * @param pool sessions that may create a schema, if the table is not there yet
 */
export const postgresProviderJournal = (pool: Pool): ProviderJournal => {
  let made: Promise<void> | null = null;
  /** Made once; after a failure it is tried again by the next one who needs it. */
  const isMade = (): Promise<void> =>
    (made ??= make(pool).catch((error: unknown) => {
      made = null;
      throw error;
    }));

  const reading = <A>(what: string, begin: string, work: (client: pg.ClientBase) => Promise<A>) =>
    asked(async () => {
      try {
        await isMade();
        return await inTransaction(pool, begin, work);
      } catch (error) {
        // A read that failed has changed nothing, wherever it was cut.
        throw error instanceof TransactionFailed ? transient(what, error) : error;
      }
    });

  return {
    arrived: (batch) =>
      asked(async () => {
        try {
          await isMade();
        } catch (error) {
          throw error instanceof TransactionFailed
            ? transient("making the provider's journal", error)
            : error;
        }
        return arriveAll(pool, batch);
      }),

    lookUp: (attemptId) =>
      reading(`looking attempt ${attemptId} up at the provider`, BEGIN, async (client) => {
        const { rows } = await client.query<Acceptance>({ ...sql.LOOK_UP, values: [attemptId] });
        return rows[0] ?? null;
      }),

    acceptedMoreThanOnce: (limit) =>
      reading("looking for double acceptances", BEGIN_REPORT, async (client) => {
        const { rows } = await client.query<DoubleAcceptance>(sql.MORE_THAN_ONCE, [limit]);
        return rows;
      }),

    accepted: (references) =>
      reading("reading acceptances", BEGIN, async (client) => {
        const { rows } = await client.query<Acceptance>(sql.ACCEPTED, [
          arrayLiteral(references, (one) => one),
        ]);
        return rows;
      }),

    acceptances: (limit, after) =>
      reading("reading the provider's journal", BEGIN, async (client) => {
        const { attemptId, copy } = after ?? FIRST;
        const { rows } = await client.query<Acceptance & { readonly copy: number }>(sql.ACCEPTANCES, [
          attemptId,
          copy,
          limit,
        ]);
        const last = rows.at(-1);
        return {
          acceptances: rows.map(({ copy: _copy, ...acceptance }) => acceptance),
          next:
            last === undefined || rows.length < limit ? null : { attemptId: last.attemptId, copy: last.copy },
        };
      }),
  };
};

/** Runs to its end whatever its caller does: what it may write must not depend on who still listens. */
const asked = <A>(work: () => Promise<A>): Effect.Effect<A, Failure> =>
  Effect.uninterruptible(
    Effect.callback<A, Failure>((resume) => {
      work().then(
        (value) => resume(Effect.succeed(value)),
        (error: unknown) => resume(isFailure(error) ? Effect.fail(error) : Effect.die(error)),
      );
    }),
  );

const make = (pool: Pool): Promise<void> =>
  inTransaction(pool, BEGIN, async (client) => {
    // Asked without the lock first: whoever may not make it can still use one that is there.
    const isThere = async (): Promise<boolean> => {
      const { rows } = await client.query<{ there: boolean }>(sql.IS_THERE);
      return rows[0]?.there === true;
    };
    if (await isThere()) return;
    await client.query(sql.MAKE_ALONE);
    if (await isThere()) return;
    await client.query(sql.MAKE);
    await client.query(sql.GRANT(SERVICE_ROLE));
  });

type AnswerAgain = Arrival | { readonly kind: "retry" };

const arriveAll = async (pool: Pool, batch: readonly ArrivingRequest[]): Promise<readonly Arrival[]> => {
  const answers = new Map<number, Arrival>();
  const fresh = await written(pool, batch, async (client) => {
    const values = sql.arriving.map(({ of }) => arrayLiteral(batch, of));
    return (await client.query<{ attemptId: AttemptId }>({ ...sql.ARRIVED, values })).rows;
  });
  const recorded = new Set(fresh.map(({ attemptId }) => attemptId));
  batch.forEach((request, place) => {
    // Of two in one batch the first one was written, and takes the answer.
    if (!recorded.delete(request.attemptId)) return;
    const { judgement, providerMessageId } = request;
    answers.set(place, { kind: "recorded", judgement, providerMessageId });
  });
  for (let tries = 0; answers.size < batch.length && tries < MAX_RETRIES; tries += 1) {
    const places = [...batch.keys()].filter((place) => !answers.has(place));
    const again = oncePerAttempt(batch, places);
    const rows = await written(
      pool,
      batch,
      async (client) => {
        const values = sql.arriving.map(({ of }) => arrayLiteral(again.requests, of));
        return (await client.query<AnswerAgain>({ ...sql.ARRIVED_AGAIN, values })).rows;
      },
      answers.size > 0,
    );
    rows.forEach((answer, index) => {
      const place = again.places[index];
      if (place === undefined || answer.kind === "retry") return;
      answers.set(place, answer);
    });
  }
  return batch.map((_request, place) => answers.get(place) ?? { kind: "too-late" });
};

/** Two of one attempt go one after the other, so that each sees the one before. */
const oncePerAttempt = (
  batch: readonly ArrivingRequest[],
  places: readonly number[],
): { readonly places: readonly number[]; readonly requests: readonly ArrivingRequest[] } => {
  const seen = new Set<AttemptId>();
  const chosen: { readonly place: number; readonly request: ArrivingRequest }[] = [];
  for (const place of places) {
    const request = batch[place];
    if (request === undefined || seen.has(request.attemptId)) continue;
    seen.add(request.attemptId);
    chosen.push({ place, request });
  }
  return { places: chosen.map(({ place }) => place), requests: chosen.map(({ request }) => request) };
};

/**
 * One statement that commits by itself. Whether it did cannot be told once it was sent and not answered.
 *
 * @param isPartWritten a statement before it has written some of the batch
 */
const written = async <A>(
  pool: Pool,
  batch: readonly ArrivingRequest[],
  statement: (client: pg.ClientBase) => Promise<A>,
  isPartWritten = false,
): Promise<A> => {
  let isSent = false;
  try {
    return await pool.use(async ({ client }) => {
      isSent = true;
      return await statement(client);
    });
  } catch (error) {
    const reason = failed(error, isSent);
    if (!(reason instanceof TransactionFailed)) throw error;
    const what = `writing ${batch.length} requests into the provider's journal`;
    const isUnwritten = !isPartWritten && (!isSent || wasRefused(reason.sqlState));
    throw isUnwritten ? transient(what, reason) : unconfirmed(what, reason);
  }
};

/** The server says itself that the statement failed: it has written nothing. Not so while it goes down. */
const wasRefused = (sqlState: string | undefined): boolean =>
  sqlState !== undefined && !/^(08|57P|40003)/.test(sqlState);

const fields = (what: string, reason: TransactionFailed) => ({
  message: `${what}: ${reason.message}`,
  code: reason.sqlState === undefined ? "connection" : `sqlstate:${reason.sqlState}`,
  cause: reason,
});
const transient = (what: string, reason: TransactionFailed): Transient => new Transient(fields(what, reason));
const unconfirmed = (what: string, reason: TransactionFailed): Unconfirmed =>
  new Unconfirmed(fields(what, reason));
