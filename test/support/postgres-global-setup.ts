/**
 * One Postgres server for the whole test run, started when the first spec asks for one: a run without such specs pays
 * nothing. It lives in the runner's own process, because a spec's worker process ends with its file.
 *
 * A spec asks over a local connection and gets the server's address; databases are made from a template that has been
 * migrated once.
 */
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/adapters/postgres/embedded-server.ts";
import { SERVICE_ROLE } from "../../src/adapters/postgres/grants.ts";
import { migrateUp } from "../../src/adapters/postgres/schema.ts";
import { hangDoorbell } from "./doorbell.ts";
import { SERVICE_LOGIN, TEMPLATE, type ServerAddress } from "./postgres-address.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where a spec asks for the server. */
    readonly postgresDoorbell: number;
  }
}

/**
 * A test server may forget everything when the machine fails. It asks for the password itself, which is kept hardly hashed: the
 * suites connect thousands of times, and SCRAM takes a third of what a connection costs. And it is reached by a socket in a folder,
 * where the system has such: over the network's loopback a suite takes a sixth more. All else is as in production.
 */
const SETTINGS = {
  scram_iterations: 1,
  fsync: "off",
  max_connections: 200,
  shared_buffers: "128MB",
  max_wal_size: "2GB",
  log_min_messages: "log",
};

/** Times go by only when a spec says so: `setNow` writes this row. */
const TEST_CLOCK = `
  CREATE SCHEMA millrace_test;
  CREATE TABLE millrace_test.clock (at bigint NOT NULL);
  INSERT INTO millrace_test.clock VALUES (1700000000000);
  CREATE OR REPLACE FUNCTION millrace.now() RETURNS bigint LANGUAGE sql STABLE
    AS $$ SELECT at FROM millrace_test.clock $$;
  GRANT USAGE ON SCHEMA millrace_test TO PUBLIC;
  GRANT SELECT ON millrace_test.clock TO PUBLIC;
`;

const WHO_MAY_CONNECT = "host all all 127.0.0.1/32 password\nlocal all all password\n";

/** A longer path no system takes for a socket. */
const SOCKET_PATH_LENGTH = 100;

const hasSockets = (folder: string): boolean =>
  process.platform !== "win32" && Buffer.byteLength(join(folder, ".s.PGSQL.65535")) <= SOCKET_PATH_LENGTH;

const prepared = async (server: EmbeddedServer): Promise<ServerAddress> => {
  const { host, port, user, password } = server;
  const admin = new pg.Client({ host, port, user, password, database: "postgres" });
  await admin.connect();
  await admin.query(`ALTER ROLE ${user} PASSWORD '${password}'`); // hashed anew
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await migrateUp({ host, port, user, password, database: TEMPLATE });
  await admin.query(`CREATE ROLE ${SERVICE_LOGIN} LOGIN PASSWORD '${SERVICE_LOGIN}' IN ROLE ${SERVICE_ROLE}`);
  await admin.end();
  const template = new pg.Client({ host, port, user, password, database: TEMPLATE });
  await template.connect();
  await template.query(TEST_CLOCK);
  await template.end();
  return { host, port, user, password };
};

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  let server: EmbeddedServer | undefined;
  let address: Promise<ServerAddress> | undefined;
  const started = async (): Promise<ServerAddress> => {
    const folder = await mkdtemp(join(tmpdir(), "pg-"));
    const hba_file = join(folder, "pg_hba.conf");
    await writeFile(hba_file, WHO_MAY_CONNECT);
    if (userInfo().uid === 0) {
      // the server is another user's
      await chmod(folder, 0o1777);
      await chmod(hba_file, 0o644);
    }
    const sockets = hasSockets(folder) ? { unix_socket_directories: folder } : {};
    server = await startEmbeddedServer({ settings: { ...SETTINGS, ...sockets, hba_file } });
    return { ...(await prepared(server)), ...(hasSockets(folder) ? { host: folder } : {}) };
  };
  const doorbell = await hangDoorbell(() => (address ??= started()));
  project.provide("postgresDoorbell", doorbell.port);
  return async () => {
    doorbell.close();
    await address?.catch(() => undefined);
    await server?.stop();
  };
};
