/**
 * The connection is cut at every message of a page that is claimed, of a run that is opened and paged, of letters that are
 * taken and given up. Nothing is lost, nothing is done twice, and where nobody can know the answer says so.
 */
import { Effect, Exit } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  openPool,
  postgresLedger,
  postgresLetters,
  postgresQueuedNotices,
  postgresResults,
  postgresRuns,
  type Pool,
} from "../../../src/adapters/postgres/index.ts";
import { noticeId, policyVersion, runId } from "../../../src/domain/ids.ts";
import { RETOLD_AFTER_MS, type LetterName } from "../../../src/domain/ports/letters.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import type { UntoldResult } from "../../../src/domain/ports/results.ts";
import { resultId } from "../../../src/domain/records/result-record.ts";
import {
  aNotice,
  command,
  EMAIL,
  LEASE_MS,
  PERIOD,
  START,
  WORKER,
} from "../../contracts/notice-ledger-commands.ts";
import { cuttingProxy, type CuttingProxy, everyCut } from "../../support/cutting-proxy.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

const run = Effect.runPromise;
const BATCH = 6;

describe("a connection that is cut", () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  let straight: Pool;
  let cut: Pool;
  let sure: NoticeLedger;
  const retry = { tries: 6, firstWaitMs: 1, capMs: 20 };
  let series = 0;

  beforeAll(async () => {
    database = await freshDatabase();
    proxy = await cuttingProxy(database.service);
    straight = openPool({ connection: database.service, maxConnections: 1 });
    cut = openPool({
      connection: { ...database.service, host: "127.0.0.1", port: proxy.port },
      maxConnections: 1,
    });
    sure = postgresLedger({ pool: straight });
  });
  afterAll(async () => {
    await cut.close();
    await straight.close();
    await proxy.close();
    await database.drop();
  });
  beforeEach(async () => {
    await database.clear();
    await database.setNow(START);
    await run(sure.activatePolicy(policyVersion(1), {}, "operator"));
  });

  const bring = async (
    ...types: readonly ("route" | "claim" | "unpreparable")[]
  ): Promise<readonly string[]> => {
    series += 1;
    const ids = Array.from({ length: BATCH }, (_, n) => `s${series}-${n}`);
    await run(sure.ingest(ids.map((id) => aNotice(id))));
    const failing = { next: { kind: "fail", because: "the last channel" } } as const;
    for (const type of types)
      await run(
        sure.apply(
          type,
          ids.map((id) => command(type, id, type === "unpreparable" ? failing : {})),
        ),
      );
    return ids;
  };

  /** Every message that an uncut call sends or gets, cut before it and after it. */
  const atEveryMessage = async (
    prepare: () => Promise<void>,
    call: () => Promise<unknown>,
    each: (name: string, act: () => Promise<void>) => Promise<void>,
  ): Promise<void> => {
    await prepare();
    await call();
    await prepare();
    proxy.count();
    await call();
    const passed = proxy.disarm();
    expect(passed.toServer).toBeGreaterThanOrEqual(6);
    for (const where of everyCut(passed)) {
      await prepare();
      proxy.arm(where);
      const name = `cut ${where.when} message ${where.message} ${where.direction}`;
      await each(name, async () => {
        expect(proxy.disarm().wasCut, name).toBe(true);
      });
    }
  };

  it("while a page is claimed leaves nothing claimed that was not handed over", async () => {
    const queued = postgresQueuedNotices({ pool: cut, retry });
    const page = { channels: [EMAIL], limit: BATCH, after: null, owner: WORKER, leaseMs: LEASE_MS };
    let ids: readonly string[] = [];
    const seen = new Set<string>();
    await atEveryMessage(
      async () => {
        await database.query("DELETE FROM millrace.notice WHERE status = 'queued'");
        ids = await bring("route");
      },
      () => run(queued.claimPage(page)),
      async (name, demandCut) => {
        const { claimed } = await run(queued.claimPage(page));
        await demandCut();
        const handedOver = claimed.map(({ notice }) => notice.noticeId);
        const inTheLedger = await database.query<{ id: string }>(
          `SELECT notice_id AS id FROM millrace.notice WHERE status = 'claimed' AND notice_id LIKE 's${series}-%' ORDER BY 1`,
        );
        expect(handedOver, name).toEqual(inTheLedger.map(({ id }) => id));
        // What the cut transaction still holds is skipped: the next walk has it.
        expect([0, ids.length], name).toContain(handedOver.length);
        seen.add(handedOver.length === 0 ? "skipped" : "claimed");
        for (const { notice, contents } of claimed) {
          expect(notice, name).toMatchObject({ status: "claimed", epoch: 2, owner: WORKER });
          expect(contents.billId).toBe(`bill-of-${notice.noticeId}`);
        }
      },
    );
    expect([...seen]).toContain("claimed");
  });

  it("while a run is opened opens it once, and says that it did", async () => {
    const runs = postgresRuns({ pool: cut, retry });
    const own = postgresRuns({ pool: straight });
    const request = () => ({ runId: runId(`run-${series}`), key: `key-${series}`, cap: 9, actor: "cron" });
    await atEveryMessage(
      async () => {
        await run(own.close(runId(`run-${series}`)));
        series += 1;
      },
      () => run(runs.open(request())),
      async (name, demandCut) => {
        const opened = await run(runs.open(request()));
        await demandCut();
        expect(opened, name).toMatchObject({
          answer: "opened",
          run: { runId: `run-${series}`, state: "open" },
        });
        expect(await run(own.read(runId(`run-${series}`))), name).toEqual(opened.run);
      },
    );
  });

  it("while a run is paged leaves figures that agree with the rows, and is unconfirmed once COMMIT is on its way", async () => {
    const runs = postgresRuns({ pool: cut, retry });
    const own = postgresRuns({ pool: straight });
    const current = () => runId(`run-${series}`);
    const call = () =>
      Effect.runPromiseExit(
        runs.routePage({ runId: current(), after: null, limit: BATCH }, ({ notice }) =>
          command("route", notice.noticeId),
        ),
      );
    const outcomes = new Set<string>();
    await atEveryMessage(
      async () => {
        await run(
          own.routePage({ runId: current(), after: null, limit: 99 }, ({ notice }) =>
            command("route", notice.noticeId),
          ),
        );
        await run(own.close(current()));
        await bring();
        await run(own.open({ runId: current(), key: current(), cap: 99, actor: "cron" }));
      },
      call,
      async (name, demandCut) => {
        const exit = await call();
        await demandCut();
        const figures = (await run(own.read(current())))?.figures;
        const [routed] = await database.query<{ n: number }>(
          `SELECT count(*)::integer AS n FROM millrace.notice WHERE run_id = '${current()}'`,
        );
        expect(figures, name).toMatchObject({ admitted: routed?.n, candidates: routed?.n });
        if (Exit.isFailure(exit)) {
          expect(exit, name).toMatchObject({ cause: { reasons: [{ error: { _tag: "Unconfirmed" } }] } });
          outcomes.add(routed?.n === 0 ? "unconfirmed: not written" : "unconfirmed: written");
        } else {
          expect(exit.value.candidates.length, name).toBe(routed?.n);
          if (routed?.n !== 0) outcomes.add("done");
        }
      },
    );
    expect([...outcomes].sort()).toEqual(["done", "unconfirmed: not written", "unconfirmed: written"]);
  });

  it("while letters are taken loses no line: what was not handed over is owed again", async () => {
    const letters = postgresLetters({ pool: cut, retry });
    const own = postgresLetters({ pool: straight });
    let now = START;
    await atEveryMessage(
      async () => {
        now += RETOLD_AFTER_MS;
        await database.setNow(now);
        await run(own.told(await run(own.untold(99))));
        await bring("route", "claim", "unpreparable");
      },
      () => run(letters.untold(99)),
      async (name, demandCut) => {
        const taken = await run(letters.untold(99));
        await demandCut();
        await database.setNow((now += RETOLD_AFTER_MS));
        const again = await run(own.untold(99));
        expect(again.length, name).toBe(BATCH);
        expect([0, BATCH], name).toContain(taken.length);
      },
    );
  });

  it("while results are taken, or some of them marked, loses none: what was not told is owed again", async () => {
    const results = postgresResults({ pool: cut, retry });
    const own = postgresResults({ pool: straight });
    let now = START;
    const later = (): Promise<void> => database.setNow((now += RETOLD_AFTER_MS));
    const bringResults = async (): Promise<void> => {
      await later();
      await run(own.told(await run(own.untold(BATCH))));
      await bring("route", "claim", "unpreparable");
    };
    await atEveryMessage(
      bringResults,
      () => run(results.untold(BATCH)),
      async (name, demandCut) => {
        const taken = await run(results.untold(BATCH));
        await demandCut();
        await later();
        expect((await run(own.untold(BATCH))).length, name).toBe(BATCH);
        expect([0, BATCH], name).toContain(taken.length);
      },
    );
    let taken: readonly UntoldResult[] = [];
    const some = (): readonly UntoldResult[] => taken.slice(0, BATCH / 2);
    await atEveryMessage(
      async () => {
        await bringResults();
        taken = await run(own.untold(BATCH));
      },
      () => run(results.told(some())),
      async (name, demandCut) => {
        await run(results.told(some()));
        await demandCut();
        await later();
        const again = await run(own.untold(BATCH));
        expect(again.map(resultId).sort(), name).toEqual(
          taken
            .slice(BATCH / 2)
            .map(resultId)
            .sort(),
        );
      },
    );
  });

  it("while letters are given up gives each up once, with one line of who and why", async () => {
    const letters = postgresLetters({ pool: cut, retry });
    let names: readonly LetterName[] = [];
    await atEveryMessage(
      async () => {
        const ids = await bring("route", "claim", "unpreparable");
        names = ids.map((id) => ({ noticeId: noticeId(id), period: PERIOD, kind: "failed", epoch: 3 }));
      },
      () => run(letters.discard(names, "operator", "a test")),
      async (name, demandCut) => {
        const answers = await run(letters.discard(names, "operator", "a test"));
        await demandCut();
        const verdicts = new Set(answers.map(({ verdict }) => verdict));
        expect(verdicts.size, name).toBe(1);
        expect(["won", "already-mine"], name).toEqual(expect.arrayContaining([...verdicts]));
        const lines = await database.query(
          `SELECT subject FROM millrace.gate_history WHERE subject LIKE '${PERIOD} s${series}-%'`,
        );
        expect(lines, name).toHaveLength(BATCH);
      },
    );
  });

  it("while told is asked to mark a letter only repeats the line", async () => {
    const letters = postgresLetters({ pool: cut, retry });
    const own = postgresLetters({ pool: straight });
    await bring("route", "claim", "unpreparable");
    const taken = await run(own.untold(99));
    await run(letters.told([]));
    for (let message = 1; message <= 6; message++) {
      proxy.arm({ direction: "to-server", message, when: "after" });
      await run(letters.told(taken));
    }
    proxy.disarm();
    await database.setNow(START + RETOLD_AFTER_MS);
    expect(await run(own.untold(99))).toEqual([]);
  });
});
