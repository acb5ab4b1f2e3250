import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Config } from "../../src/service/config/config.ts";
import { firstConnection, openDatabase } from "../../src/service/database.ts";
import { conceal } from "../../src/domain/masking-sensitive.ts";
import { addressOf, freshDatabase, type TestDatabase } from "../support/postgres.ts";

describe("a database that may forget what it has acknowledged", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
    await database.query(`ALTER DATABASE ${database.admin.database} SET synchronous_commit = off`);
  });
  afterAll(() => database.drop());

  const configured = (unsafeCommits: "refused" | "allowed"): Config => {
    const url = conceal(addressOf(database.service));
    // Of the whole configuration only this section is read.
    return {
      production: false,
      database: {
        ...{ url, folder: "nowhere", maxConnections: 1, maxWaiting: 1, unsafeCommits },
        ...{ connectTimeoutMs: 5_000, statementTimeoutMs: 5_000, idleInTransactionMs: 4_000 },
      },
    } as unknown as Config;
  };

  it("is refused by whoever gives out rights to send, with what to do", async () => {
    await expect(openDatabase(configured("refused"), { name: "serve", sends: true })).rejects.toMatchObject({
      name: "Refusal",
      message: expect.stringMatching(/synchronous_commit is off.*switch synchronous_commit on/) as string,
    });
  });

  it.each([
    ["by whoever only looks", "refused", false],
    ["where the configuration allows it", "allowed", true],
  ] as const)("is opened %s", async (_who, unsafeCommits, sends) => {
    const opened = await openDatabase(configured(unsafeCommits), { name: "status", sends });
    await opened.close();
  });
});

describe("a database that does not answer yet", () => {
  it("is waited for until somebody wants to stop", async () => {
    const stopping = new AbortController();
    // a port that nobody listens on: the lowest
    const waiting = firstConnection(
      { host: "127.0.0.1", port: 1, user: "nobody", database: "none" },
      { name: "serve", patienceMs: 60_000, signal: stopping.signal },
    );
    stopping.abort();
    await expect(waiting).rejects.toMatchObject({ name: "StoppedWaiting" });
  });
});
