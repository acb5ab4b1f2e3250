/**
 * Replays at a rate: over a real ledger, under a clock that goes on only when somebody waits for it.
 */
import { Effect } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPool, postgresLedger, type Pool } from "../../src/adapters/postgres/index.ts";
import { openReports, type Reports } from "../../src/adapters/postgres/reports/open-reports.ts";
import type { NoticeLedger } from "../../src/domain/ports/notice-ledger.ts";
import { replayable, replayLetters } from "../../src/service/replay-letters.ts";
import type { Clock } from "../../src/streams/runtime/system-ports.ts";
import { aNotice, command, START } from "../contracts/notice-ledger-commands.ts";
import { freshDatabase, type TestDatabase } from "../support/postgres.ts";

const run = Effect.runPromise;
const NOTICES = 25;

/** Whoever waits is woken at once, at the time for which they waited. */
const leapingClock = (): Clock & { readonly waits: number[] } => {
  let nowMs = 0;
  const waits: number[] = [];
  return {
    waits,
    monotonicMs: () => nowMs,
    wallMs: () => nowMs,
    soon: (work) => queueMicrotask(work),
    after: (ms, work) => {
      waits.push(ms);
      nowMs += ms;
      queueMicrotask(work);
      return () => undefined;
    },
  };
};

describe("replaying dead letters", () => {
  let database: TestDatabase;
  let pool: Pool;
  let ledger: NoticeLedger;
  let reports: Reports;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 2 });
    ledger = postgresLedger({ pool });
    reports = openReports(database.service);
  });
  beforeEach(async () => {
    await database.clear();
    await database.setNow(START);
    const ids = Array.from({ length: NOTICES }, (_, n) => `n${n}`);
    await run(ledger.ingest(ids.map((id) => aNotice(id))));
    for (const type of ["route", "claim"] as const)
      await run(ledger.apply(type, ids.map((id) => command(type, id)) as never));
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

  const order = { filter: {}, count: NOTICES, perSecond: 10, expiresAt: null, actor: "operator:kim" };

  it("begins no more than its rate in a second, and all of them in the end", async () => {
    const clock = leapingClock();
    const done: number[] = [];
    const { signal } = new AbortController();
    const end = await replayLetters(
      { reports: reports.reports, ledger, clock },
      { ...order, signal },
      (count) => done.push(count),
    );
    expect(end).toEqual({ replayed: NOTICES, refused: {} });
    expect(done).toEqual([10, 20, 25]);
    expect(clock.waits).toEqual([1_000, 1_000]);
    expect(await run(reports.reports.countLetters(replayable({})))).toBe(0);
  });

  it("replays no more than were confirmed, however many there are by then", async () => {
    const { signal } = new AbortController();
    await replayLetters(
      { reports: reports.reports, ledger, clock: leapingClock() },
      { ...order, count: 3, signal },
      () => undefined,
    );
    expect(await run(reports.reports.countLetters(replayable({})))).toBe(NOTICES - 3);
  });

  it("stops where it is asked to, and goes on from there the next time", async () => {
    const stopping = new AbortController();
    const ports = { reports: reports.reports, ledger, clock: leapingClock() };
    const first = await replayLetters(ports, { ...order, signal: stopping.signal }, () => stopping.abort());
    expect(first.replayed).toBe(10);
    const { signal } = new AbortController();
    const second = await replayLetters(ports, { ...order, signal }, () => undefined);
    expect(second.replayed).toBe(NOTICES - 10);
  });

  it("never touches what somebody else has replayed meanwhile", async () => {
    const racing = { ...reports.reports };
    racing.letters = (filter, limit, after) =>
      Effect.tap(reports.reports.letters(filter, limit, after), (page) =>
        ledger.apply(
          "replay",
          page.slice(0, 2).map(({ letter }) => command("replay", letter.noticeId)),
        ),
      );
    const { signal } = new AbortController();
    const end = await replayLetters(
      { reports: racing, ledger, clock: leapingClock() },
      { ...order, perSecond: 100, signal },
      () => undefined,
    );
    expect(end).toEqual({ replayed: NOTICES - 2, refused: { "T13.status": 2 } });
  });
});
