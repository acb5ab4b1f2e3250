/**
 * What a page costs: it reads what it takes and little more, however much is queued or in flight; and claiming leaves every
 * index alone, so that Postgres may change the row in its place (HOT).
 */
import { Effect } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openPool,
  postgresLedger,
  postgresQueuedNotices,
  type Pool,
} from "../../../../src/adapters/postgres/index.ts";
import { claimPage, nextDue } from "../../../../src/adapters/postgres/sql/claim-page.ts";
import { attemptId, policyVersion } from "../../../../src/domain/ids.ts";
import {
  aNotice,
  command,
  EMAIL,
  LEASE_MS,
  PERIOD,
  START,
  WORKER,
} from "../../../contracts/notice-ledger-commands.ts";
import { freshDatabase, type TestDatabase } from "../../../support/postgres.ts";

const run = Effect.runPromise;

const IN_FLIGHT = 10_000;
const QUEUED = 100_000;

interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows of the notices that were looked at. */
const readBy = (node: PlanNode): number =>
  (node["Relation Name"] === "notice"
    ? (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"]
    : 0) + (node.Plans ?? []).reduce((sum, each) => sum + readBy(each), 0);

describe("a page of queued notices", () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 1 });
  });
  afterAll(async () => {
    await pool.close();
    await database.drop();
  });

  const readFor = async (statement: { readonly text: string }, values: readonly unknown[]): Promise<number> =>
    pool.use(async ({ client }) => {
      await client.query("BEGIN");
      const { rows } = await client.query<{ "QUERY PLAN": readonly [{ readonly Plan: PlanNode }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`,
        [...values],
      );
      await client.query("ROLLBACK");
      const plan = rows[0]?.["QUERY PLAN"][0].Plan;
      if (plan === undefined) throw new Error("no plan");
      return readBy(plan);
    });

  it("is read from where the page before ended: neither what is in flight nor what is queued behind it is looked at", async () => {
    // In flight first, by due time; then what is queued for e-mail, and a little for SMS.
    await database.query(
      `INSERT INTO millrace.notice (period, notice_id, user_id, status, epoch, generation, attempt_no, channel, lapses, due_at,
         publishes, expires_at, cancel_requested, wake_at)
       SELECT $1, 'n' || lpad(n::text, 7, '0'), 'u' || n,
         (CASE WHEN n > ${IN_FLIGHT} THEN 'queued' WHEN n % 2 = 0 THEN 'claimed' ELSE 'sending' END)::millrace.status,
         1, 1, 1, CASE WHEN n > ${IN_FLIGHT + QUEUED} THEN 'sms' ELSE 'email' END, 0, $2::bigint + n, 0, $3, false, $3
       FROM generate_series(1, ${IN_FLIGHT + QUEUED + 10}) AS n`,
      [PERIOD, START, START + 1e9],
    );
    await database.setNow(START + 1e6);
    const front = ["-9223372036854775808", ""];
    expect(await readFor(claimPage, ["{email}", ...front, 500])).toBe(IN_FLIGHT + 500);
    const after = [START + IN_FLIGHT + 500, `n${String(IN_FLIGHT + 500).padStart(7, "0")}`];
    expect(await readFor(claimPage, ["{email}", ...after, 500])).toBe(500);
    expect(await readFor(claimPage, ["{sms}", ...front, 500])).toBe(10);
    expect(await readFor(nextDue, ["{email,sms}"])).toBe(0);
    await database.setNow(START + IN_FLIGHT + 50);
    expect(await readFor(nextDue, ["{email,sms}"])).toBe(2);
    await database.clear();
  });

  it("is claimed, and its rights to send are given, without changing a column that an index is on", async () => {
    const ids = Array.from({ length: 50 }, (_, n) => `n${n}`);
    const ledger = postgresLedger({ pool });
    const [indexed] = await database.query<{ columns: string }>(
      `SELECT string_agg(DISTINCT a.attname, ', ') AS columns
       FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum > 0
       WHERE x.indrelid = 'millrace.notice'::regclass
         AND (a.attnum = ANY(x.indkey) OR pg_get_expr(x.indpred, x.indrelid) ~ ('\\m' || a.attname || '\\M'))`,
    );
    const rows = () =>
      database.query(`SELECT ${indexed?.columns ?? "none"} FROM millrace.notice ORDER BY notice_id`);
    await database.setNow(START);
    await run(ledger.activatePolicy(policyVersion(1), {}, "operator"));
    await run(ledger.ingest(ids.map((id) => aNotice(id))));
    // Within the lease: later, the claim has to bring the alarm forward (see docs/decisions/0003).
    await run(
      ledger.apply(
        "route",
        ids.map((id) => command("route", id, { republishInMs: LEASE_MS })),
      ),
    );
    const before = await rows();
    const page = { channels: [EMAIL], limit: 500, after: null, owner: WORKER, leaseMs: LEASE_MS };
    const { claimed } = await run(postgresQueuedNotices({ pool }).claimPage(page));
    expect(claimed).toHaveLength(ids.length);
    await run(
      ledger.apply(
        "begin-send",
        ids.map((id) => command("begin-send", id, { attemptId: attemptId(`a-${id}`) })),
      ),
    );
    expect(await rows()).toEqual(before);
    await run(
      ledger.apply(
        "accept",
        ids.map((id) => command("accept", id, { attemptId: attemptId(`a-${id}`) })),
      ),
    );
    expect(await rows()).not.toEqual(before);
  });
});
