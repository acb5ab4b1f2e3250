/** Runs by hand, over a real ledger with the dates of people's bills in it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Effect } from "effect";
import { openPool, postgresLedger, type Pool } from "../../../src/adapters/postgres/index.ts";
import { instant } from "../../../src/domain/ids.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { runCommand } from "../../../src/service/commands/run.ts";
import { DEMO_POLICY, DEMO_POLICY_WRITTEN } from "../../../src/service/policy-file.ts";
import { aNotice, EMAIL, HOUR, SMS, START } from "../../contracts/notice-ledger-commands.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { calling, lastLine, urlOf } from "../calling.ts";

let database: TestDatabase;
let pool: Pool;
let ledger: NoticeLedger;
let call: ReturnType<typeof calling>;
/** Is told what the command says while it goes on. */
let heard: (text: string) => void = () => undefined;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool({ connection: database.service, maxConnections: 2 });
  ledger = postgresLedger({ pool });
  const environment = {
    MILLRACE_DATABASE_URL: urlOf(database),
    MILLRACE_KEYS_INLINE: JSON.stringify({ present: "t", keys: { t: Buffer.alloc(32).toString("base64") } }),
  };
  call = calling([runCommand], { environment }, (text) => heard(text));
});
beforeEach(async () => {
  heard = () => undefined;
  await database.clear();
  await database.setNow(START);
  await Effect.runPromise(ledger.activatePolicy(DEMO_POLICY.version, DEMO_POLICY_WRITTEN, "test"));
  await Effect.runPromise(
    ledger.ingest([
      aNotice("by-mail", { contacts: { [EMAIL]: "sealed", [SMS]: "sealed" } }),
      aNotice("by-sms", { contacts: { [SMS]: "sealed" } }),
      aNotice("later", { dueAt: instant(START + HOUR) }),
      aNotice("unwanted", { userId: "user-of-the-list" }),
    ]),
  );
  await Effect.runPromise(ledger.suppress("user-of-the-list", "asked", "test"));
});
afterAll(async () => {
  await pool.close();
  await database.drop();
});

/** Everything that a run could change. */
const everything = () =>
  database.query(
    "SELECT n::text AS row FROM millrace.notice n UNION ALL SELECT r::text FROM millrace.run r ORDER BY 1",
  );

describe("millrace run --dry-run", () => {
  it("says who would be sent what, by which clause, and changes nothing", async () => {
    const before = await everything();
    const called = await call("run", "--dry-run", "--json");
    expect(called.code).toBe(0);
    expect(lastLine(called)).toMatchObject({
      policyVersion: 1,
      total: 3,
      counts: { "send by email": 1, "send by sms": 1, suppress: 1 },
    });
    const { notices } = lastLine(called) as { notices: { notice_id: string; because: { clause: string } }[] };
    expect(notices.map(({ notice_id }) => notice_id).sort()).toEqual(["by-mail", "by-sms", "unwanted"]);
    expect(notices.every(({ because }) => because.clause !== "")).toBe(true);
    expect(await everything()).toEqual(before);
  });

  it("looks at another time where it is told to", async () => {
    const at = new Date(START + HOUR).toISOString();
    expect(lastLine(await call("run", "--dry-run", "--now", at, "--json"))).toMatchObject({ at, total: 4 });
    expect(await call("run", "--dry-run", "--now", "soon")).toMatchObject({ code: 2 });
  });

  it("counts all of them and lists as many as are asked for", async () => {
    const { out } = await call("run", "--dry-run", "--limit", "1");
    expect(out).toContain("3 candidates. Nothing was changed.");
    expect(out).toContain("… and 2 more (--limit)");
  });

  it("is refused where no policy is active, with what to do", async () => {
    await database.query("DELETE FROM millrace.active_policy");
    const called = await call("run", "--dry-run");
    expect(called).toMatchObject({ code: 3 });
    expect(called.error).toContain('run "millrace policy activate FILE" first');
  });
});

describe("millrace run --once", () => {
  it("does what the dry run said, and says how many", async () => {
    const said = lastLine(await call("run", "--dry-run", "--json")) as { counts: Record<string, number> };
    const called = await call("run", "--once", "--json");
    expect(called.code).toBe(0);
    expect(lastLine(called)).toMatchObject({ state: "closed", answer: "opened", figures: { suppressed: 1 } });
    const routed = await database.query(
      "SELECT channel, count(*)::int AS n FROM millrace.notice WHERE status = 'queued' GROUP BY 1 ORDER BY 1",
    );
    expect(routed).toEqual([
      { channel: "email", n: said.counts["send by email"] },
      { channel: "sms", n: said.counts["send by sms"] },
    ]);
  });

  it("opens one run for a key, however often it is asked for", async () => {
    const first = lastLine(await call("run", "--once", "--key", "november", "--json")) as { runId: string };
    const again = lastLine(await call("run", "--once", "--key", "november", "--json"));
    expect(again).toMatchObject({ runId: first.runId, answer: "repeated" });
  });

  it("is a conflict while another one is open, and names it", async () => {
    await call("run", "--once", "--key", "first", "--json");
    await database.query("UPDATE millrace.run SET state = 'open', closed_at = NULL");
    const called = await call("run", "--once", "--key", "second");
    expect(called).toMatchObject({ code: 4 });
    expect(called.error).toContain("is open since");
  });

  it.each([
    [
      "*",
      "Paused: everything. What would go there stays a candidate, and the run waits for it: millrace resume\n",
    ],
    [
      EMAIL,
      "Paused: email. What would go there stays a candidate, and the run waits for it: millrace resume email\n",
    ],
  ] as const)(
    "under a pause of %s says what it waits for, and goes on when that is over",
    async (scope, words) => {
      await Effect.runPromise(ledger.pause(scope, "wrong amounts", "test"));
      const resumed: Promise<void>[] = [];
      heard = (text) => {
        if (text === words) resumed.push(Effect.runPromise(ledger.resume(scope, "test")));
      };
      const called = await call("run", "--once");
      expect(resumed).toHaveLength(1);
      expect(called.code).toBe(0);
      expect(called.out).toContain("2 admitted");
    },
  );

  it("does nothing where it is not said what", async () => {
    const called = await call("run");
    expect(called).toMatchObject({ code: 2 });
    expect(called.error).toContain("say --once to open a run, or --dry-run to see what it would do");
  });
});
