import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { demandSafeCommits, unsafeSettings } from "../../../src/adapters/postgres/index.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

describe("a database that may forget what it has acknowledged", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  const asked = async <A>(ask: (client: pg.Client) => Promise<A>): Promise<A> => {
    const client = new pg.Client(database.service);
    await client.connect();
    try {
      return await ask(client);
    } finally {
      await client.end();
    }
  };
  const names = async () => (await asked((client) => unsafeSettings(client))).map(({ setting }) => setting);
  const set = (value: string) =>
    database.query(`ALTER DATABASE ${database.admin.database} SET synchronous_commit = ${value}`);
  beforeEach(() => set("on"));

  // The test run's own server has fsync off, which is the other way to forget.
  it("is refused, with the setting that has to be changed", async () => {
    await expect(asked((client) => demandSafeCommits(client))).rejects.toThrow(
      /fsync is off.*switch fsync on/,
    );
    expect(await names()).toEqual(["fsync"]);
  });

  it("is told by the session's own settings, which a database or a role may have changed", async () => {
    await set("off");
    expect(await names()).toEqual(["fsync", "synchronous_commit"]);
    await expect(asked((client) => demandSafeCommits(client))).rejects.toThrow(
      "switch fsync and synchronous_commit on",
    );
  });

  it("is let be by whoever looks at other settings only", async () => {
    await asked((client) => demandSafeCommits(client, ["synchronous_commit"]));
    await set("off");
    await expect(asked((client) => demandSafeCommits(client, ["synchronous_commit"]))).rejects.toThrow(
      /synchronous_commit is off.*switch synchronous_commit on/,
    );
  });

  it.each(["on", "local", "remote_write", "remote_apply"])(
    "is no such one for synchronous_commit = %s",
    async (value) => {
      await set(value);
      expect(await names()).toEqual(["fsync"]);
    },
  );
});
