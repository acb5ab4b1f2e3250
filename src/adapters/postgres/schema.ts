/**
 * The schema and its version: what the database has, what this program needs, and how the one becomes the other.
 *
 * Forward only, each migration in a transaction, one migrator at a time (an advisory lock). A service refuses to start
 * on a schema that is behind, or that a newer program has left its mark on: guessing would risk what the ledger is for.
 */
import { basename } from "node:path";
import { runner } from "node-pg-migrate";
import type pg from "pg";
import { connected } from "./connect.ts";
import { GRANTS, SERVICE_ROLE } from "./grants.ts";
import { MIGRATIONS, type Migration } from "./migrations/all.ts";

const SCHEMA = "millrace";
const TABLE = "migration";

/** How a database's schema stands to this program's. */
export type SchemaStatus =
  | { readonly state: "current" }
  | { readonly state: "behind"; readonly pending: readonly string[] }
  | { readonly state: "ahead"; readonly unknown: readonly string[] };

/** What a migration has done. */
export interface Migrated {
  readonly ran: readonly string[];
  /** Statements that an administrator has to run, because this user may not: the service's role and its rights. */
  readonly owed: readonly string[];
}

/** Where the service's role cannot be made by the migrating user, somebody else has to: the ledger needs it. */
const CREATE_ROLE = `CREATE ROLE ${SERVICE_ROLE} NOLOGIN`;
const INSUFFICIENT_PRIVILEGE = "42501";
/** Made by another migrator, of this database or of another one of the same server; the second if at the same moment. */
const ROLE_IS_THERE: readonly unknown[] = ["42710", "23505"];

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

/** Whoever owns the schema need not be allowed to make one: that right is asked for even where it exists. */
const schemaIsThere = async (client: pg.ClientBase): Promise<boolean> => {
  const found = await client.query("SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1", [SCHEMA]);
  return (found.rowCount ?? 0) > 0;
};

const namesInDatabase = async (client: pg.ClientBase): Promise<readonly string[]> => {
  const table = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
    `${SCHEMA}.${TABLE}`,
  ]);
  if (table.rows[0]?.there !== true) return [];
  const rows = await client.query<{ name: string }>(`SELECT name FROM ${SCHEMA}.${TABLE} ORDER BY id`);
  return rows.rows.map(({ name }) => name);
};

/** Which migrations a database has, and which it lacks. */
export const schemaStatus = async (
  client: pg.ClientBase,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<SchemaStatus> => {
  const there = await namesInDatabase(client);
  const known = migrations.map(({ name }) => name);
  const unknown = there.filter((name) => !known.includes(name));
  if (unknown.length > 0) return { state: "ahead", unknown };
  const pending = known.filter((name) => !there.includes(name));
  return pending.length > 0 ? { state: "behind", pending } : { state: "current" };
};

/** Throws with the command that mends it. */
export const demandCurrentSchema = async (client: pg.ClientBase): Promise<void> => {
  const status = await schemaStatus(client);
  switch (status.state) {
    case "current":
      return;
    case "behind":
      throw new Error(
        `the database lacks ${status.pending.join(", ")}: run "millrace migrate up", then start again`,
      );
    case "ahead":
      throw new Error(
        `the database was migrated by a newer Millrace (${status.unknown.join(", ")}): run that version, or a newer one`,
      );
  }
};

const giveRights = async (client: pg.Client): Promise<readonly string[]> => {
  try {
    await client.query(CREATE_ROLE);
  } catch (error) {
    if (codeOf(error) === INSUFFICIENT_PRIVILEGE) {
      const role = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [SERVICE_ROLE]);
      if (role.rowCount === 0) return [CREATE_ROLE, ...GRANTS];
    } else if (!ROLE_IS_THERE.includes(codeOf(error))) {
      throw error;
    }
  }
  for (const grant of GRANTS) await client.query(grant);
  return [];
};

/** Any number, the same in every version of this program. */
const MIGRATORS_LOCK = 4_731_733_007;

/**
 * Everything that a migrator does, its rights included: two that grant at the same time fail, one of them, with "tuple
 * concurrently updated". The lock goes with the connection at the latest.
 */
const oneAtATime = async <A>(client: pg.Client, work: () => Promise<A>): Promise<A> => {
  await client.query("SELECT pg_advisory_lock($1)", [MIGRATORS_LOCK]);
  const done = await work();
  await client.query("SELECT pg_advisory_unlock($1)", [MIGRATORS_LOCK]);
  return done;
};

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Runs what is pending, and waits for another migrator that is at it. The user must own the schema, or may create it. */
export const migrateUp = async (
  database: pg.ClientConfig,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<Migrated> =>
  connected(database, (client) => oneAtATime(client, () => migrate(client, migrations)));

const migrate = async (client: pg.Client, migrations: readonly Migration[]): Promise<Migrated> => {
  const status = await schemaStatus(client, migrations);
  if (status.state === "ahead") await demandCurrentSchema(client);
  const ran = await runner({
    dbClient: client,
    direction: "up",
    schema: SCHEMA,
    createSchema: !(await schemaIsThere(client)),
    migrationsTable: TABLE,
    migrationsSchema: SCHEMA,
    // The runner lists files; which files there are, and what is in them, is compiled in and says the same everywhere.
    dir: import.meta.dirname,
    ignorePattern: `(?!${basename(import.meta.filename).replaceAll(".", "\\.")}$).*`,
    migrationLoaderStrategies: [
      {
        extensions: [".ts", ".js"],
        loader: async () =>
          migrations.map(({ name, up }) => ({
            id: name,
            filePaths: [],
            actions: { up: (pgm) => pgm.sql(up), down: false },
          })),
      },
    ],
    singleTransaction: true,
    advisoryLockMode: "wait",
    logger: quiet,
  });
  await client.query("RESET search_path");
  return { ran: ran.map(({ name }) => name), owed: await giveRights(client) };
};

/** What `migrateUp` would run, statement by statement. */
export const migrationPlan = async (
  database: pg.ClientConfig,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly Migration[]> =>
  connected(database, async (client) => {
    const status = await schemaStatus(client, migrations);
    return status.state === "behind" ? migrations.filter(({ name }) => status.pending.includes(name)) : [];
  });
