/**
 * The database of this process: a server of the operator's, or the embedded one of the folder.
 *
 * What cannot be mended by waiting is refused with the words that say what to do: a wrong password, a database that is not
 * there, a schema that is behind or ahead. A server that does not answer yet is waited for, for as long as the caller says.
 */
import { setTimeout as wait } from "node:timers/promises";
import { reveal } from "../domain/masking-sensitive.ts";
import { connect, type Connection, type DatabaseAddress } from "../adapters/postgres/connect.ts";
import { lastingServer } from "../adapters/postgres/lasting-server.ts";
import { openPool, type Pool } from "../adapters/postgres/pool.ts";
import { demandSafeCommits } from "../adapters/postgres/safe-commits.ts";
import { demandCurrentSchema, migrateUp, schemaStatus } from "../adapters/postgres/schema.ts";
import type { Config } from "./config/config.ts";
import { freeBytesOf, leftInWords, saysFull } from "./disk-room.ts";
import { Outage } from "./outage.ts";
import { Refusal } from "./refusal.ts";

export interface Database {
  readonly pool: Pool;
  readonly connection: DatabaseAddress;
  /** The folder of the embedded server; empty where the server is the operator's. */
  readonly folder: string | null;
  readonly close: () => Promise<void>;
}

export interface Address {
  readonly connection: DatabaseAddress;
  readonly folder: string | null;
  readonly leave: () => Promise<void>;
  /** Starts an embedded server again that was killed; empty where the server is the operator's. */
  readonly revive: (() => Promise<void>) | null;
}

export interface OpenOptions {
  /** What this process is called among the server's connections; its id is added. */
  readonly name: string;
  /** Migrate an embedded database that is behind. Others are the operator's to migrate. */
  readonly migrates?: boolean;
  /** Rights to send are given out here: a database that may forget one is refused. */
  readonly sends?: boolean;
  /** For how long a server that does not answer is waited for. Default 0: not at all. */
  readonly patienceMs?: number;
  /** Stops waiting: `StoppedWaiting` is thrown. */
  readonly signal?: AbortSignal;
  /** Told every few seconds of waiting; and later on, when the database is away while this process works. */
  readonly waiting?: (words: string) => void;
}

/** Somebody wanted to stop before the server answered. */
export class StoppedWaiting extends Error {
  override readonly name = "StoppedWaiting";
}

const SAY_EVERY_MS = 3_000;
const AGAIN_AFTER_MS = 250;

export const addressOf = async (config: Config): Promise<Address> => {
  const { url, folder } = config.database;
  if (url !== null) {
    const leave = (): Promise<void> => Promise.resolve();
    return { connection: { connectionString: reveal(url) }, folder: null, leave, revive: null };
  }
  if (config.production)
    throw new Refusal("refused", "production takes no embedded server: set MILLRACE_DATABASE_URL");
  try {
    const { connection, leave, revive } = await lastingServer(folder);
    return { connection, folder, leave, revive };
  } catch (cause) {
    if (!saysFull(cause))
      throw new Refusal("failed", cause instanceof Error ? cause.message : String(cause), cause);
    const left = leftInWords(await freeBytesOf(folder));
    throw new Refusal(
      "failed",
      `there is too little room under ${folder}${left} for the embedded Postgres, which begins with about ${EMBEDDED_MIB} MiB: make room, or name another folder in MILLRACE_DATABASE_FOLDER. Nothing that was there is lost.`,
      cause,
    );
  }
};

/** An empty one, and its first two files of the log that is written ahead. */
const EMBEDDED_MIB = 80;

/** What the server's answers mean to whoever started this command. */
const WORDS: Readonly<Record<string, string>> = {
  "28P01": "the database does not accept our password: look at MILLRACE_DATABASE_URL",
  "28000":
    "the database does not let this user in: look at MILLRACE_DATABASE_URL and at the server's pg_hba.conf",
  "3D000": "the database named in MILLRACE_DATABASE_URL is not there: create it, or name another",
};

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** Waits as long as the options say, and refuses in words. */
export const firstConnection = async (
  connection: DatabaseAddress,
  options: OpenOptions,
): Promise<Connection> => {
  const fromMs = performance.now();
  let saidMs = fromMs;
  for (;;) {
    if (options.signal?.aborted === true)
      throw new StoppedWaiting("asked to end before the database answered");
    try {
      return await connect(connection);
    } catch (error) {
      const words = WORDS[codeOf(error)];
      if (words !== undefined) throw new Refusal("refused", words, error);
      const elapsedMs = performance.now() - fromMs;
      const trouble = error instanceof Error ? error.message || codeOf(error) : String(error);
      if (elapsedMs >= (options.patienceMs ?? 0))
        throw new Refusal(
          "failed",
          `the database does not answer (${trouble}): is it running, and is the address right?`,
          error,
        );
      if (performance.now() - saidMs >= SAY_EVERY_MS) {
        saidMs = performance.now();
        options.waiting?.(
          `waiting for the database, for ${Math.round(elapsedMs / 1_000)} s now (${trouble})`,
        );
      }
      await wait(AGAIN_AFTER_MS);
    }
  }
};

/** Whoever is refused leaves the embedded server as it was found. */
const demandUsable = async (
  config: Config,
  options: OpenOptions,
  connection: DatabaseAddress,
): Promise<void> => {
  const client = await firstConnection(connection, options);
  try {
    if (options.migrates === true && (await schemaStatus(client)).state === "behind")
      await migrateUp(connection);
    try {
      await demandCurrentSchema(client);
      if (options.sends === true && config.database.unsafeCommits === "refused")
        await demandSafeCommits(client, config.production ? undefined : ["synchronous_commit"]);
    } catch (cause) {
      throw new Refusal("refused", cause instanceof Error ? cause.message : String(cause), cause);
    }
  } finally {
    await client.end();
  }
};

export const openDatabase = async (config: Config, options: OpenOptions): Promise<Database> => {
  const address = await addressOf(config);
  const connection = { ...address.connection, application_name: `millrace ${options.name} ${process.pid}` };
  try {
    await demandUsable(config, options, connection);
  } catch (error) {
    await address.leave();
    throw error;
  }
  const { maxConnections, maxWaiting, connectTimeoutMs, statementTimeoutMs, idleInTransactionMs } =
    config.database;
  const { folder, revive } = address;
  const outage = options.waiting === undefined ? null : new Outage({ say: options.waiting, folder, revive });
  const pool = openPool({
    connection,
    ...(outage === null ? {} : { watch: outage }),
    ...{ maxConnections, maxWaiting, connectTimeoutMs, statementTimeoutMs, idleInTransactionMs },
  });
  return {
    pool,
    connection,
    folder,
    close: async () => {
      await outage?.close();
      await pool.close();
      await address.leave();
    },
  };
};
