/**
 * Real databases for specs: each asks for its own, gets one that is migrated and empty, and drops it at the end.
 *
 *     const database = await freshDatabase();
 *     afterAll(() => database.drop());
 */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { ring } from "./doorbell.ts";
import { NETWORK_HOST, SERVICE_LOGIN, TEMPLATE, type ServerAddress } from "./postgres-address.ts";

interface Login extends ServerAddress {
  readonly database: string;
}

export interface TestDatabase {
  /** Superuser: for looking behind the ledger's back. */
  readonly admin: Login;
  /** What the ledger itself gets. */
  readonly service: Login;
  readonly query: <R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<R[]>;
  /** Sets the ledger's clock. */
  readonly setNow: (ms: number) => Promise<void>;
  /** Empties all tables: cheaper than another database. */
  readonly clear: () => Promise<void>;
  readonly drop: () => Promise<void>;
}

let address: Promise<ServerAddress> | undefined;

/** The test run's server itself, for a spec that makes its databases by hand. */
export const testServer = (): Promise<ServerAddress> => (address ??= ring(inject("postgresDoorbell")));

const TABLES = [
  ...["notice", "contents", "attempt", "dead_letter", "history", "suppression", "pause", "active_policy"],
  ...["policy", "gate_history", "run", "poison", "member", "untold_letter", "untold_results"],
];

/** How often rows are deleted before the files are made anew, as dead rows would be in everybody's way at last. */
const DELETES_PER_TRUNCATE = 100;

const NAMES = TABLES.map((table) => `millrace.${table}`);
/** Waits for whoever is still writing, as a truncation does, and makes no files: a tenth of its time. */
const DELETE_ALL = `
  BEGIN;
  LOCK TABLE ${NAMES.join(", ")};
  ${NAMES.map((name) => `DELETE FROM ${name};`).join(" ")}
  COMMIT;
`;
const TRUNCATE_ALL = `TRUNCATE ${NAMES.join(", ")}`;

/** As an operator writes it: by the network. */
export const addressOf = ({ user, password, port, database }: Omit<Login, "host">): string =>
  `postgres://${user}:${password}@${NETWORK_HOST}:${port}/${database}`;

/** @param template another database to start from; `template0` is an empty one, without our schema. */
export const freshDatabase = async (template: string = TEMPLATE): Promise<TestDatabase> => {
  const server = await testServer();
  const name = `spec_${randomBytes(6).toString("hex")}`;
  const root = new pg.Client({ ...server, database: "postgres" });
  await root.connect();
  await root.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  const admin = { ...server, database: name };
  const client = new pg.Client(admin);
  await client.connect();
  let cleared = 0;
  return {
    admin,
    service: { ...admin, user: SERVICE_LOGIN, password: SERVICE_LOGIN },
    query: async <R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await client.query<R>(text, [...values])).rows,
    setNow: async (ms) => void (await client.query("UPDATE millrace_test.clock SET at = $1", [ms])),
    clear: async () => {
      cleared += 1;
      await client.query(cleared % DELETES_PER_TRUNCATE === 0 ? TRUNCATE_ALL : DELETE_ALL);
    },
    drop: async () => {
      await client.end();
      await root.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await root.end();
    },
  };
};
