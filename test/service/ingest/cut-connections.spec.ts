/**
 * A file on its way into a real database whose connections break again and again, at whatever moment: every line arrives,
 * none twice.
 */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPool, type Pool, postgresLedger } from "../../../src/adapters/postgres/index.ts";
import { ingestBills } from "../../../src/service/ingest.ts";
import { systemPorts } from "../../../src/streams/runtime/system-ports.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { aRow, desk, linesOf, OPTIONS } from "../bill-rows.ts";

const LINES = 3_000;
const NAME = "millrace cut ingest";
let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool({ connection: { ...database.service, application_name: NAME }, maxConnections: 3 });
});
afterAll(async () => {
  await pool.close();
  await database.drop();
});

describe("ingest over connections that break", () => {
  it("brings every line, and none twice", async () => {
    const cut = (): Promise<unknown> =>
      database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [
        NAME,
      ]);
    const cuts: Promise<unknown>[] = [];
    // The ledger gives up at its first trouble, so that it is ingest that has to ask again.
    const ledger = postgresLedger({ pool, retry: { tries: 1, firstWaitMs: 1, capMs: 1 } });
    const rows = Array.from({ length: LINES }, (_, nth) => aRow(nth));
    const { ports } = desk(() => ({ ledger, clock: systemPorts.clock }));
    const done = Result.getOrThrow(
      await Effect.runPromise(
        Effect.result(
          ingestBills(ports, linesOf(rows), {
            ...OPTIONS,
            batchCount: 50,
            onProgress: ({ lines }) => {
              if (lines % 500 === 0) cuts.push(cut());
            },
          }),
        ),
      ),
    );
    await Promise.all(cuts);
    expect(cuts.length).toBeGreaterThan(2);
    expect(done).toMatchObject({ lines: LINES, rejected: 0 });
    const [counted] = await database.query<{ rows: number; bills: number; notices: number }>(
      `SELECT count(*)::integer AS rows, count(DISTINCT bill_id)::integer AS bills,
         (SELECT count(*)::integer FROM millrace.notice) AS notices FROM millrace.contents`,
    );
    expect(counted).toEqual({ rows: LINES, bills: LINES, notices: LINES });
  });

  it("lets two bring the same file at once, and takes each line from one of them", async () => {
    await database.clear();
    const rows = Array.from({ length: LINES }, (_, nth) => aRow(nth));
    const bring = () =>
      Effect.runPromise(
        ingestBills(
          desk(() => ({ ledger: postgresLedger({ pool }), clock: systemPorts.clock })).ports,
          linesOf(rows),
          { ...OPTIONS, batchCount: 70 },
        ),
      );
    const both = await Promise.all([bring(), bring()]);
    expect(both.map(({ lines, rejected }) => [lines, rejected])).toEqual([
      [LINES, 0],
      [LINES, 0],
    ]);
    expect(both.reduce((sum, { taken }) => sum + taken, 0)).toBe(LINES);
  });
});
