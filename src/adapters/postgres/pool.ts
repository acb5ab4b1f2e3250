/**
 * Connections for the ledger: a bounded number, a bounded line in front, and settings that keep plans and waits in check.
 *
 * Each session is told to look rows up by key only: plans made while tables are small, or while their statistics are
 * stale, would otherwise read whole tables. Whoever waits in line longer than the line allows is refused as `Transient`.
 */
import pg from "pg";
import { Transient } from "../../failure.ts";
import { withSettings } from "./connect.ts";
import { WaitingLine } from "./waiting-line.ts";

/** Where the pool connects, and how many connections it keeps. */
export interface PoolOptions {
  readonly connection: pg.ClientConfig;
  /** Connections at once. Default 10. */
  readonly maxConnections?: number;
  /** Callers in line for one. Default 10,000. */
  readonly maxWaiting?: number;
  /** Until a new connection is there. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** For one statement, waiting for locks included. Default 30,000. */
  readonly statementTimeoutMs?: number;
  /**
   * After this the server ends a transaction whose program says nothing, so that a cut connection's locks are not held
   * for ever. Shorter than the statement timeout: who asks again has to outwait it. Default 10,000.
   */
  readonly idleInTransactionMs?: number;
  /** More settings of each session; they go over our own. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly watch?: PoolWatch;
}

/** Hears how the server does, from whoever uses it. Neither may throw. */
export interface PoolWatch {
  /** No connection is to be had, or the server is out of something: disk, memory, files. */
  readonly trouble: (error: unknown) => void;
  readonly well: () => void;
}

/** Connections, lent out one at a time. */
export interface Pool {
  /** Lends a connection for as long as `work` takes. */
  readonly use: <A>(work: (loan: Loan) => Promise<A>) => Promise<A>;
  readonly waiting: () => number;
  readonly inUse: () => number;
  readonly close: () => Promise<void>;
}

/** A connection on loan. Where its work throws it is thrown away, unless the work has said that it is still good. */
export interface Loan {
  readonly client: pg.ClientBase;
  stillGood: boolean;
}

/**
 * The statements are written so that only look-ups by key are left to plan; this keeps a plan that was made while the
 * tables were empty from reading one whole. Sorting, hashing for an aggregate and the like stay as they are.
 */
const SESSION = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  jit: "off",
  search_path: "pg_catalog",
  client_min_messages: "error",
};

/** Classes 53 and 58: the server's own machine. */
const isOutOfSomething = (error: unknown): boolean => {
  const code =
    error instanceof Error && "sqlState" in error
      ? error.sqlState
      : error instanceof Error && "code" in error
        ? error.code
        : undefined;
  return typeof code === "string" && /^5[38][0-9A-Z]{3}$/.test(code);
};

/** Opens a pool of connections; nothing connects before the first use. */
export const openPool = (options: PoolOptions): Pool => {
  const {
    connection,
    maxConnections = 10,
    maxWaiting = 10_000,
    connectTimeoutMs = 5_000,
    statementTimeoutMs = 30_000,
    idleInTransactionMs = 10_000,
  } = options;
  const settings = {
    ...SESSION,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    ...options.settings,
  };
  const pool = new pg.Pool({
    ...withSettings(connection, settings),
    max: maxConnections,
    min: 0,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: false,
    // The server's own limit comes first; this one is for a server that does not answer at all.
    query_timeout: statementTimeoutMs + 5_000,
    keepAlive: true,
    application_name: connection.application_name ?? "millrace",
  });
  // An idle connection that breaks is removed by the pool, which says so here; nobody is waiting for it.
  pool.on("error", () => {});

  const line = new WaitingLine<() => void>();
  let inUse = 0;

  const enter = async (): Promise<void> => {
    if (inUse < maxConnections) {
      inUse += 1;
      return;
    }
    if (line.length >= maxWaiting) {
      throw new Transient({
        message: `waiting for a database connection: ${maxWaiting} callers are in line already`,
        code: "line-full",
      });
    }
    await new Promise<void>((resolve) => line.join(resolve));
  };

  const leave = (): void => {
    const next = line.call();
    if (next === undefined) inUse -= 1;
    else next();
  };

  return {
    use: async (work) => {
      await enter();
      try {
        const client = await pool.connect().catch((error: unknown) => {
          options.watch?.trouble(error);
          throw error;
        });
        // Without a listener a connection that breaks between two statements would end the program; the next one fails.
        const broke = (): void => {};
        client.on("error", broke);
        const loan: Loan = { client, stillGood: false };
        try {
          const result = await work(loan);
          loan.stillGood = true;
          options.watch?.well();
          return result;
        } catch (error) {
          if (isOutOfSomething(error)) options.watch?.trouble(error);
          throw error;
        } finally {
          client.off("error", broke);
          client.release(!loan.stillGood);
        }
      } finally {
        leave();
      }
    },
    waiting: () => line.length,
    inUse: () => inUse,
    close: () => pool.end(),
  };
};
