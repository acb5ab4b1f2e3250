/**
 * Giving failures up, page by page, over ledgers in memory and over one that somebody else works on.
 */
import { Effect } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPool, postgresLedger, postgresLetters, type Pool } from "../../src/adapters/postgres/index.ts";
import { openReports, type Reports } from "../../src/adapters/postgres/reports/open-reports.ts";
import type { Letters } from "../../src/domain/ports/letters.ts";
import type { NoticeLedger } from "../../src/domain/ports/notice-ledger.ts";
import { discardable, discardLetters } from "../../src/service/discard-letters.ts";
import { aNotice, command, START } from "../contracts/notice-ledger-commands.ts";
import { freshDatabase, type TestDatabase } from "../support/postgres.ts";

const run = Effect.runPromise;
/** More than a page. */
const NOTICES = 520;

describe("discarding dead letters", () => {
  let database: TestDatabase;
  let pool: Pool;
  let ledger: NoticeLedger;
  let letters: Letters;
  let reports: Reports;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 2 });
    ledger = postgresLedger({ pool });
    letters = postgresLetters({ pool });
    reports = openReports(database.service);
  });
  beforeEach(async () => {
    await database.clear();
    await database.setNow(START);
    const ids = Array.from({ length: NOTICES }, (_, n) => `n${n}`);
    await run(ledger.ingest(ids.map((id) => aNotice(id))));
    for (const type of ["route", "claim"] as const)
      await run(ledger.apply(type, ids.map((id) => command(type, id)) as never)); // of that type, as made
    await run(
      ledger.apply(
        "unpreparable",
        ids.map((id) => command("unpreparable", id, { next: { kind: "fail", because: "the last" } })),
      ),
    );
  });
  afterAll(async () => {
    await reports.close();
    await pool.close();
    await database.drop();
  });

  const order = { filter: {}, count: NOTICES, actor: "operator:kim", because: "told by letter" };
  const left = (): Promise<number> => run(reports.reports.countLetters(discardable({})));

  it("gives up all that were confirmed, page by page", async () => {
    const done: number[] = [];
    const { signal } = new AbortController();
    const ports = { reports: reports.reports, letters };
    const end = await discardLetters(ports, { ...order, signal }, (count) => done.push(count));
    expect(end).toEqual({ discarded: NOTICES, refused: {} });
    expect(done).toEqual([500, NOTICES]);
    expect(await left()).toBe(0);
  });

  it("gives up no more than were confirmed, however many there are by then", async () => {
    const { signal } = new AbortController();
    const ports = { reports: reports.reports, letters };
    await discardLetters(ports, { ...order, count: 3, signal }, () => undefined);
    expect(await left()).toBe(NOTICES - 3);
  });

  it("stops where it is asked to, and goes on from there the next time", async () => {
    const stopping = new AbortController();
    const ports = { reports: reports.reports, letters };
    await discardLetters(ports, { ...order, signal: stopping.signal }, () => stopping.abort());
    expect(await left()).toBe(NOTICES - 500);
    const { signal } = new AbortController();
    const second = await discardLetters(ports, { ...order, signal }, () => undefined);
    expect(second.discarded).toBe(NOTICES - 500);
  });

  it("never takes what somebody else has replayed meanwhile, and says so", async () => {
    const racing = { ...reports.reports };
    racing.letters = (filter, limit, after) =>
      Effect.tap(reports.reports.letters(filter, limit, after), (page) =>
        ledger.apply(
          "replay",
          page.slice(0, 2).map(({ letter }) => command("replay", letter.noticeId)),
        ),
      );
    const { signal } = new AbortController();
    const end = await discardLetters(
      { reports: racing, letters },
      { ...order, count: 100, signal },
      () => undefined,
    );
    expect(end).toEqual({ discarded: 98, refused: { "letter.state": 2 } });
  });
});
