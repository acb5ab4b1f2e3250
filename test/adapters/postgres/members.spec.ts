import { Effect } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPool, type Pool } from "../../../src/adapters/postgres/index.ts";
import { postgresMembers } from "../../../src/adapters/postgres/members.ts";
import { KEPT_MS } from "../../../src/adapters/postgres/sql/members.ts";
import { workerId } from "../../../src/domain/ids.ts";
import { ALIVE_WITHIN_MS, rolesMissing, type Beat, type Members } from "../../../src/domain/ports/members.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

const run = Effect.runPromise;
const member = (name: string, role: Beat["role"] = "upkeep"): Beat => ({
  workerId: workerId(name),
  role,
  host: "host-1",
  pid: 42,
  trouble: null,
});

describe("the members in Postgres", () => {
  let database: TestDatabase;
  let pool: Pool;
  let members: Members;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 2 });
    members = postgresMembers({ pool });
  });
  beforeEach(async () => {
    await database.clear();
    await database.setNow(START);
  });
  afterAll(async () => {
    await pool.close();
    await database.drop();
  });

  const names = async (): Promise<readonly string[]> =>
    (await run(members.alive())).map(({ workerId: name }) => name);

  it("tell who is at work, since when, and when they were last seen", async () => {
    await run(members.beat(member("a")));
    await database.setNow(START + 5_000);
    await run(members.beat(member("a")));
    expect(await run(members.alive())).toEqual([{ ...member("a"), startedAt: START, seenAt: START + 5_000 }]);
  });

  it("tell what holds a member up, until it says that nothing does", async () => {
    await run(members.beat({ ...member("a"), trouble: "the brokers are away" }));
    expect(await run(members.alive())).toMatchObject([{ trouble: "the brokers are away" }]);
    await run(members.beat(member("a")));
    expect(await run(members.alive())).toMatchObject([{ trouble: null }]);
  });

  it("take for gone who has not been seen for a while, and for alive who is seen again", async () => {
    await run(members.beat(member("a")));
    await database.setNow(START + ALIVE_WITHIN_MS);
    expect(await names()).toEqual(["a"]);
    await database.setNow(START + ALIVE_WITHIN_MS + 1);
    expect(await names()).toEqual([]);
    await run(members.beat(member("a")));
    expect(await names()).toEqual(["a"]);
  });

  it("forget at once who says good-bye", async () => {
    await run(members.beat(member("a")));
    await run(members.leave(workerId("a")));
    expect(await names()).toEqual([]);
  });

  it("leave no row of a process that ended without a word, once somebody else is at work much later", async () => {
    await run(members.beat(member("a")));
    await database.setNow(START + KEPT_MS + 1);
    await run(members.beat(member("b")));
    expect(await database.query("SELECT worker_id FROM millrace.member")).toEqual([{ worker_id: "b" }]);
  });
});

describe("the roles that nobody has", () => {
  it("are named, and none is missing where one process does everything", () => {
    expect(rolesMissing([])).toEqual(["dispatch", "deliver", "upkeep"]);
    expect(rolesMissing([member("a", "deliver"), member("b", "dispatch")])).toEqual(["upkeep"]);
    expect(rolesMissing([member("a", "all")])).toEqual([]);
  });
});
