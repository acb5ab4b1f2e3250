import { Effect, Exit } from "effect";
import { describe, expect, it } from "vitest";
import { openPool } from "../../../src/adapters/postgres/pool.ts";
import { postgresProviderJournal } from "../../../src/adapters/postgres/provider-journal.ts";
import { attemptId, channelId } from "../../../src/domain/ids.ts";
import type { ArrivingRequest } from "../../../src/domain/ports/provider-journal.ts";
import { describeProviderJournalContract } from "../../contracts/provider-journal-contract.ts";
import { freshDatabase } from "../../support/postgres.ts";

describeProviderJournalContract("Postgres", async () => {
  const database = await freshDatabase();
  const pool = openPool({ connection: database.admin, maxConnections: 4 });
  return {
    // Each makes the table if it is missing, and they start together.
    open: () => postgresProviderJournal(pool),
    runs: 1_000,
    nowMs: () => Date.now(),
    close: async () => {
      await pool.close();
      await database.drop();
    },
  };
});

const request = (about: string): ArrivingRequest => ({
  attemptId: attemptId(about),
  reference: `${about}/1`,
  channel: channelId("email"),
  arrivedAt: Date.now(),
  acceptUntil: Date.now() + 60_000,
  judgement: "accepted",
  providerMessageId: about,
  remembersMs: 0,
});

describe("the provider's journal in Postgres", () => {
  it("can be used, and not changed, by the service once its owner has made it", async () => {
    const database = await freshDatabase();
    const [owners, services] = [database.admin, database.service].map((connection) =>
      openPool({ connection, maxConnections: 2 }),
    );
    if (owners === undefined || services === undefined) throw new Error("two were opened");
    try {
      const before = await Effect.runPromise(
        Effect.flip(postgresProviderJournal(services).arrived([request("a")])),
      );
      expect(before).toMatchObject({ _tag: "Transient", code: "sqlstate:42501" });
      await Effect.runPromise(postgresProviderJournal(owners).arrived([request("a")]));
      const journal = postgresProviderJournal(services);
      await Effect.runPromise(journal.arrived([request("b"), request("a")]));
      expect(await Effect.runPromise(journal.acceptedMoreThanOnce(10))).toEqual([
        { reference: "a/1", times: 2 },
      ]);
      const change = services.use(({ client }) =>
        client.query("UPDATE provider.request SET judgement = 'rejected'"),
      );
      await expect(change).rejects.toMatchObject({ code: "42501" });
    } finally {
      await owners.close();
      await services.close();
      await database.drop();
    }
  });

  it("says that nothing was written where the server is not there, and that nobody knows where it was cut off", async () => {
    const database = await freshDatabase();
    const pool = openPool({ connection: database.admin, maxConnections: 1 });
    const journal = postgresProviderJournal(pool);
    await Effect.runPromise(journal.arrived([request("a")]));
    // Another session holds the key, so the statement waits; then its connection is ended from outside.
    await database.query("BEGIN");
    await database.query("INSERT INTO provider.request VALUES ('b', 1, 'b/1', 'email', 0, 'accepted', 'b')");
    const waiting = Effect.runPromiseExit(journal.arrived([request("b")]));
    const end = async (): Promise<boolean> => {
      const ended = await database.query<{ ended: boolean }>(
        `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return ended.some((row) => row.ended);
    };
    while (!(await end()));
    expect(Exit.findErrorOption(await waiting)).toMatchObject({ value: { _tag: "Unconfirmed" } });
    await database.query("ROLLBACK");
    await pool.close();
    await database.drop();
    const gone = openPool({ connection: database.admin, maxConnections: 1 });
    const nothing = await Effect.runPromise(
      Effect.flip(postgresProviderJournal(gone).arrived([request("c")])),
    );
    expect(nothing).toMatchObject({ _tag: "Transient" });
    await gone.close();
  });
});
