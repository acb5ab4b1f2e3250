import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  demandCurrentSchema,
  migrateUp,
  migrationPlan,
  schemaStatus,
} from "../../../src/adapters/postgres/schema.ts";
import { MIGRATIONS } from "../../../src/adapters/postgres/migrations/all.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

const newer = { name: "9999-of-a-newer-version", up: "CREATE TABLE millrace.from_the_future ()" };

describe("the schema", () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await freshDatabase("template0");
    client = new pg.Client(database.admin);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it("is refused while it is behind, with the command that mends it", async () => {
    await expect(demandCurrentSchema(client)).rejects.toThrow(/0001-ledger.*"millrace migrate up"/);
    expect((await migrationPlan(database.admin)).map(({ name }) => name)).toEqual(["0001-ledger"]);
  });

  it("is made by one of two that migrate at the same time; the other waits and finds it done", async () => {
    const both = await Promise.all([migrateUp(database.admin), migrateUp(database.admin)]);
    expect(both.flatMap(({ ran }) => ran)).toEqual(["0001-ledger"]);
    expect(both.map(({ owed }) => owed)).toEqual([[], []]);
    expect(await schemaStatus(client)).toEqual({ state: "current" });
    await expect(demandCurrentSchema(client)).resolves.toBeUndefined();
    expect(await migrationPlan(database.admin)).toEqual([]);
  });

  it("is brought up to date by a whole service whose processes start at the same moment", async () => {
    // two grants at the same time are refused ("tuple concurrently updated"): here all of them are held up at theirs
    const inTheWay = new pg.Client(database.admin);
    await inTheWay.connect();
    await inTheWay.query("BEGIN; LOCK TABLE pg_catalog.pg_namespace IN SHARE MODE");
    const all = Promise.all(Array.from({ length: 5 }, () => migrateUp(database.admin)));
    const waiting = async (): Promise<number> =>
      (await database.query("SELECT FROM pg_locks WHERE NOT granted")).length;
    await expect.poll(waiting, { timeout: 20_000 }).toBe(5);
    await inTheWay.query("COMMIT");
    await inTheWay.end();
    expect((await all).flatMap(({ owed }) => owed)).toEqual([]);
  });

  it("is left as it was by a migration that fails half-way", async () => {
    const broken = { name: "0002-broken", up: "CREATE TABLE millrace.half (); SELECT 1 / 0" };
    await expect(migrateUp(database.admin, [...MIGRATIONS, broken])).rejects.toThrow(/division by zero/);
    expect(await database.query("SELECT to_regclass('millrace.half') AS half")).toEqual([{ half: null }]);
    expect(await schemaStatus(client)).toEqual({ state: "current" });
  });

  it("is refused when a newer program has migrated it, which is named", async () => {
    await migrateUp(database.admin, [...MIGRATIONS, newer]);
    await expect(demandCurrentSchema(client)).rejects.toThrow(/newer Millrace \(9999-of-a-newer-version\)/);
    await expect(migrateUp(database.admin)).rejects.toThrow(/newer Millrace/);
  });

  it("tells what an administrator owes where the migrating user may not make roles", async () => {
    const name = "millrace_test_owner";
    const modest = await freshDatabase("template0");
    try {
      await modest.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}'`);
      await modest.query(`GRANT CREATE ON DATABASE ${modest.admin.database} TO ${name}`);
      const { ran, owed } = await migrateUp({ ...modest.admin, user: name, password: name });
      expect(ran).toEqual(["0001-ledger"]);
      // The role exists on this server already; what may be granted by an owner has been granted.
      expect(owed).toEqual([]);
    } finally {
      await modest.query(`DROP OWNED BY ${name} CASCADE`);
      await modest.query(`DROP ROLE ${name}`);
      await modest.drop();
    }
  });
});

describe("the service's role", () => {
  let database: TestDatabase;
  let service: pg.Client;
  beforeAll(async () => {
    database = await freshDatabase();
    service = new pg.Client(database.service);
    await service.connect();
  });
  afterAll(async () => {
    await service.end();
    await database.drop();
  });

  it.each([
    ["change a history", "UPDATE millrace.history SET actor = 'nobody'"],
    ["take a line out of a history", "DELETE FROM millrace.history"],
    ["empty a history", "TRUNCATE millrace.history"],
    ["delete a notice", "DELETE FROM millrace.notice"],
    ["delete an attempt", "DELETE FROM millrace.attempt"],
    ["change a policy", "UPDATE millrace.policy SET policy = '{}'"],
    ["change the schema", "ALTER TABLE millrace.notice ADD COLUMN more text"],
    ["make a table in it", "CREATE TABLE millrace.mine ()"],
    ["drop the index that carries the promise", "DROP INDEX millrace.attempt_live"],
    [
      "set the clock",
      "CREATE OR REPLACE FUNCTION millrace.now() RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'",
    ],
  ])("may not %s", async (_what, statement) => {
    await expect(service.query(statement)).rejects.toMatchObject({ code: "42501" });
  });
});
