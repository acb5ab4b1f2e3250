import { Effect } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  openPool,
  type Pool,
  postgresLedger,
  postgresQueuedDetails,
  postgresUnheardNotices,
} from "../../../src/adapters/postgres/index.ts";
import { instant, noticeId, policyVersion } from "../../../src/domain/ids.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { aNotice, command, EMAIL, PERIOD, START } from "../../contracts/notice-ledger-commands.ts";
import { describeUnheardNoticesContract } from "../../contracts/unheard-notices-contract.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

describeUnheardNoticesContract("Postgres", async () => {
  const database = await freshDatabase();
  const pool = openPool({ connection: database.service, maxConnections: 2 });
  return {
    ledger: postgresLedger({ pool }),
    unheard: postgresUnheardNotices({ pool }),
    setNow: database.setNow,
    reset: async () => {
      await database.clear();
      await database.setNow(START);
    },
    close: async () => {
      await pool.close();
      await database.drop();
    },
  };
});

describe("what the records of queued notices say", () => {
  let database: TestDatabase;
  let pool: Pool;
  let ledger: NoticeLedger;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 2 });
    ledger = postgresLedger({ pool });
  });
  afterAll(async () => {
    await pool.close();
    await database.drop();
  });
  beforeEach(async () => {
    await database.clear();
    await database.setNow(START);
    await Effect.runPromise(ledger.activatePolicy(policyVersion(1), {}, "operator"));
  });

  const details = (...ids: readonly string[]) =>
    Effect.runPromise(
      postgresQueuedDetails({ pool }).read(ids.map((id) => ({ noticeId: noticeId(id), period: PERIOD }))),
    );

  it("comes in the order of the keys, with the contact of the channel as it is stored, and where the bill lies", async () => {
    const given = { dueAt: instant(START), priority: 3 };
    await Effect.runPromise(
      ledger.ingest([
        aNotice("in-row", { ...given, contacts: { [EMAIL]: "v1.k.abc" }, content: { sealed: "v1.k.bill" } }),
        aNotice("elsewhere", {
          ...given,
          contacts: {},
          content: { sealed: "v1.k.bill", ref: { place: "file:2026/11/7.json", sha256: null } },
        }),
      ]),
    );
    const choice = { channel: EMAIL, policyVersion: policyVersion(1) };
    await Effect.runPromise(ledger.apply("route", [command("route", "in-row", { choice })]));
    await Effect.runPromise(ledger.apply("route", [command("route", "elsewhere", { choice })]));
    const [elsewhere, nobody, inRow] = await details("elsewhere", "nobody", "in-row");
    expect(nobody).toBeNull();
    expect(inRow).toEqual({
      ...{ epoch: 1, status: "queued", channel: EMAIL, generation: 1, attemptNo: 1, policyVersion: 1 },
      ...{ runId: null, userId: "user-of-in-row", billId: "bill-of-in-row", priority: 3 },
      ...{ contact: "v1.k.abc", place: null },
    });
    expect(elsewhere).toMatchObject({ contact: null, place: "file:2026/11/7.json" });
  });

  it("says how a row stands that has moved on", async () => {
    await Effect.runPromise(ledger.ingest([aNotice("n", { dueAt: instant(START) })]));
    expect(await details("n")).toMatchObject([
      { epoch: 0, status: "ready", channel: null, policyVersion: null, contact: null },
    ]);
  });
});
