/**
 * Claimers, dispatchers and relays at once, over connections of their own, some of which are killed: nothing is taken twice,
 * nothing is lost, no cap is passed, and nobody waits in a circle.
 */
import { Effect, Exit } from "effect";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  openPool,
  openQueueHints,
  postgresLedger,
  postgresLetters,
  postgresQueuedNotices,
  postgresResults,
  postgresRuns,
  type Pool,
} from "../../../src/adapters/postgres/index.ts";
import type { Failure } from "../../../src/failure.ts";
import { instant, noticeId, policyVersion, runId, workerId } from "../../../src/domain/ids.ts";
import type { LetterName } from "../../../src/domain/ports/letters.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import type { ClaimedPage, ClaimPage } from "../../../src/domain/ports/queued-notices.ts";
import type { RunPage, RunRouted, Runs } from "../../../src/domain/ports/runs.ts";
import {
  aNotice,
  command,
  EMAIL,
  LEASE_MS,
  PERIOD,
  SMS,
  START,
} from "../../contracts/notice-ledger-commands.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

const run = Effect.runPromise;
const RUN = runId("run-1");

describe("at once", () => {
  let database: TestDatabase;
  let pools: readonly Pool[];
  let ledger: NoticeLedger;
  beforeAll(async () => {
    database = await freshDatabase();
    pools = [0, 1, 2].map(() => openPool({ connection: database.service, maxConnections: 2 }));
    ledger = postgresLedger({ pool: poolOf(0) });
  });
  afterAll(async () => {
    for (const pool of pools) await pool.close();
    await database.drop();
  });
  beforeEach(async () => {
    await database.clear();
    await database.setNow(START);
    await run(ledger.activatePolicy(policyVersion(1), {}, "operator"));
  });

  const poolOf = (n: number): Pool => {
    const pool = pools[n % pools.length];
    if (pool === undefined) throw new Error("no pool");
    return pool;
  };

  const idsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `n${n}`);

  const ingest = async (ids: readonly string[]): Promise<void> =>
    void (await run(ledger.ingest(ids.map((id, n) => aNotice(id, { dueAt: instant(START - (n % 13)) })))));

  const queue = async (ids: readonly string[]): Promise<void> => {
    const choice = (n: number) => ({ channel: n % 3 === 0 ? SMS : EMAIL, policyVersion: policyVersion(1) });
    await run(
      ledger.apply(
        "route",
        ids.map((id, n) => command("route", id, { choice: choice(n) })),
      ),
    );
  };

  const one = async <A>(text: string): Promise<A | undefined> =>
    (await database.query<{ it: A }>(`SELECT (${text}) AS it`))[0]?.it;
  const count = async (text: string): Promise<number> =>
    (await one<number>(`SELECT count(*)::integer ${text}`)) ?? -1;

  const demandNoDeadlock = async (): Promise<void> => {
    await database.query("SELECT pg_stat_force_next_flush()");
    const found = await one<string>(
      "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
    );
    expect(found).toBe("0");
  };

  /** Kills connections of the service, one after another, until told to stop. */
  const killing = (): { readonly stop: () => Promise<number> } => {
    let going = true;
    const work = async (): Promise<number> => {
      let killed = 0;
      for (let n = 0; going && killed < 15; n++) {
        const victims = await database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND usename <> current_user AND state <> 'idle'
           ORDER BY pid OFFSET ${n % 3} LIMIT 1`,
        );
        killed += victims.length;
      }
      return killed;
    };
    const working = work();
    return {
      stop: async () => {
        going = false;
        return working;
      },
    };
  };

  /** Walks from the front, again and again, until `isDone`. */
  const claimUntil = async (
    n: number,
    limit: number,
    isDone: () => boolean,
    taken: string[],
  ): Promise<void> => {
    const queued = postgresQueuedNotices({
      pool: poolOf(n),
      retry: { tries: 30, firstWaitMs: 1, capMs: 20 },
    });
    let after: ClaimPage["after"] = null;
    while (!isDone()) {
      const page: ClaimedPage = await run(
        queued.claimPage({
          channels: n % 2 === 0 ? [EMAIL, SMS] : [SMS, EMAIL],
          limit,
          after,
          owner: workerId(`worker-${n}`),
          leaseMs: LEASE_MS,
        }),
      );
      after = page.next;
      taken.push(...page.claimed.map(({ notice }) => notice.noticeId));
    }
  };

  it("claimers share what is queued, each notice to one of them, while it is being queued", async () => {
    const ids = idsOf(600);
    await ingest(ids);
    const taken: string[] = [];
    const isDone = (): boolean => taken.length >= ids.length;
    const queueing = (async () => {
      for (let at = 0; at < ids.length; at += 50) await queue(ids.slice(at, at + 50));
    })();
    await Promise.all([queueing, ...[0, 1, 2, 3, 4].map((n) => claimUntil(n, 17, isDone, taken))]);
    expect([...taken].sort()).toEqual([...ids].sort());
    expect(await count("FROM millrace.history WHERE transition = 'T3'")).toBe(ids.length);
    expect(await count("FROM millrace.notice WHERE status = 'claimed' AND epoch = 2")).toBe(ids.length);
    await demandNoDeadlock();
  });

  it("claimers whose connections are killed lose nothing and take nothing twice", async () => {
    const ids = idsOf(1_500);
    await ingest(ids);
    await queue(ids);
    const taken: string[] = [];
    const isDone = (): boolean => taken.length >= ids.length;
    const killer = killing();
    await Promise.all([0, 1, 2, 3].map((n) => claimUntil(n, 10, isDone, taken)));
    expect(await killer.stop(), "somebody was killed").toBeGreaterThan(0);
    expect([...taken].sort()).toEqual([...ids].sort());
    expect(await count("FROM millrace.history WHERE transition = 'T3'")).toBe(ids.length);
  });

  it("claimers, cancellers and sweepers get in nobody's way, and none waits in a circle", async () => {
    const ids = idsOf(300);
    await ingest(ids);
    await queue(ids);
    const taken: string[] = [];
    let rounds = 0;
    const others = (async () => {
      for (const type of ["published", "cancel", "expire"] as const) {
        const some = ids.filter((_, n) => n % 3 === rounds);
        await run(
          ledger.apply(
            type,
            [...some].reverse().map((id) => command(type, id)),
          ),
        );
        rounds += 1;
      }
    })();
    await Promise.all([others, ...[0, 1, 2].map((n) => claimUntil(n, 9, () => rounds === 3, taken))]);
    const left = await count("FROM millrace.notice WHERE status IN ('claimed', 'cancelled', 'queued')");
    expect(left).toBe(ids.length);
    expect(new Set(taken).size).toBe(taken.length);
    await demandNoDeadlock();
  });

  it("workers in other sessions are woken by whoever queues, and take it at once", async () => {
    await ingest(["n0"]);
    const hints = openQueueHints({ connection: database.service });
    try {
      const queued = postgresQueuedNotices({ pool: poolOf(1), hints });
      const page = { channels: [EMAIL, SMS], limit: 9, after: null, owner: workerId("w"), leaseMs: LEASE_MS };
      const worker = (async () => {
        for (;;) {
          const { claimed } = await run(queued.claimPage(page));
          if (claimed.length > 0) return claimed;
          await run(queued.changed(600_000));
        }
      })();
      await queue(["n0"]);
      expect(await worker).toMatchObject([{ notice: { noticeId: "n0" } }]);
    } finally {
      await hints.close();
    }
  });

  const dispatch = async (n: number, limit: number, mine: string[]): Promise<Runs> => {
    const runs = postgresRuns({ pool: poolOf(n), retry: { tries: 30, firstWaitMs: 1, capMs: 20 } });
    let after: RunPage["after"] = null;
    for (;;) {
      const exit: Exit.Exit<RunRouted, Failure> = await Effect.runPromiseExit(
        runs.routePage({ runId: RUN, after, limit }, ({ notice }) => command("route", notice.noticeId)),
      );
      if (Exit.isFailure(exit)) {
        // Nobody knows whether that page was written: the figures and the rows agree in any case.
        expect(exit).toMatchObject({ cause: { reasons: [{ error: { _tag: "Unconfirmed" } }] } });
        continue;
      }
      const page: RunRouted = exit.value;
      mine.push(...page.candidates.map(({ notice }) => notice.noticeId));
      after = page.next;
      if (page.exhausted || (page.candidates.length === 0 && (await run(runs.close(RUN))))) return runs;
    }
  };

  it.each([
    ["a cap in the middle", 250],
    ["a cap that the candidates do not reach", 1_000],
    ["a cap of one", 1],
  ])("dispatchers share one run and %s, and never the same row", async (_what, cap) => {
    const ids = idsOf(400);
    await ingest(ids);
    await run(postgresRuns({ pool: poolOf(0) }).open({ runId: RUN, key: "k", cap, actor: "cron" }));
    const mine: string[] = [];
    const [runs] = await Promise.all([0, 1, 2, 3, 4].map((n) => dispatch(n, 7, mine)));
    const admitted = Math.min(cap, ids.length);
    expect(mine).toHaveLength(admitted);
    expect(new Set(mine).size).toBe(admitted);
    expect(await count(`FROM millrace.notice WHERE status = 'queued' AND run_id = '${RUN}'`)).toBe(admitted);
    expect((await run(runs?.read(RUN) ?? Effect.succeed(null)))?.figures).toMatchObject({
      admitted,
      candidates: admitted,
    });
    await demandNoDeadlock();
  });

  it("dispatchers whose connections are killed never pass the cap, and the figures tell what was done", async () => {
    const ids = idsOf(1_000);
    await ingest(ids);
    const runs = postgresRuns({ pool: poolOf(0) });
    await run(runs.open({ runId: RUN, key: "k", cap: 900, actor: "cron" }));
    const killer = killing();
    await Promise.all([0, 1, 2, 3].map((n) => dispatch(n, 7, [])));
    expect(await killer.stop(), "somebody was killed").toBeGreaterThan(0);
    expect(await count(`FROM millrace.notice WHERE run_id = '${RUN}'`)).toBe(900);
    expect((await run(runs.read(RUN)))?.figures).toMatchObject({ admitted: 900, candidates: 900 });
  });

  it("triggers that come together open one run; the others repeat it or are skipped, once a key", async () => {
    const requests = Array.from({ length: 24 }, (_, n) => ({
      ...{ runId: runId(`run-${n}`), key: `key-${n % 4}`, cap: 10, actor: `dispatcher-${n}` },
    }));
    const answers = await Promise.all(
      requests.map((request, n) => run(postgresRuns({ pool: poolOf(n) }).open(request))),
    );
    const openedBy = answers.filter(({ answer }) => answer === "opened");
    expect(openedBy).toHaveLength(1);
    const opened = openedBy[0]?.run;
    for (const [n, { answer, run: its }] of answers.entries()) {
      expect(its.runId).toBe(opened?.runId);
      if (answer !== "opened")
        expect(answer).toBe(requests[n]?.key === opened?.key ? "repeated" : "overlapping");
    }
    expect(await count("FROM millrace.run WHERE state = 'open'")).toBe(1);
    expect(await count("FROM millrace.run WHERE state = 'skipped'")).toBe(3);
  });

  it("nobody closes a run while a dispatcher has a candidate in hand, nor while one is on its way back", async () => {
    await ingest(["n0"]);
    const runs = postgresRuns({ pool: poolOf(0) });
    await run(runs.open({ runId: RUN, key: "k", cap: 9, actor: "cron" }));
    const other = new pg.Client(database.service);
    await other.connect();
    try {
      await other.query("BEGIN");
      await other.query("SELECT FROM millrace.notice WHERE notice_id = 'n0' FOR UPDATE");
      const page = await run(runs.routePage({ runId: RUN, after: null, limit: 9 }, () => null));
      expect(page).toMatchObject({ candidates: [], exhausted: false });
      expect(await run(runs.close(RUN))).toBe(false);
      await other.query("ROLLBACK");
      expect(await run(runs.close(RUN))).toBe(false);
    } finally {
      await other.end();
    }
    await dispatch(0, 9, []);
    expect(await run(runs.read(RUN))).toMatchObject({ state: "closed", figures: { admitted: 1 } });
  });

  it("relays take each letter once, and an operator who gives one up races one who sends it again to one outcome", async () => {
    const ids = idsOf(200);
    await ingest(ids);
    await run(
      ledger.apply(
        "route",
        ids.map((id) => command("route", id)),
      ),
    );
    await run(
      ledger.apply(
        "claim",
        ids.map((id) => command("claim", id)),
      ),
    );
    const failing = { next: { kind: "fail", because: "the last channel" } } as const;
    await run(
      ledger.apply(
        "unpreparable",
        ids.map((id) => command("unpreparable", id, failing)),
      ),
    );
    const relay = async (n: number): Promise<readonly string[]> => {
      const letters = postgresLetters({ pool: poolOf(n) });
      const lines: string[] = [];
      for (let empty = 0; empty < 3;) {
        const taken = await run(letters.untold(9));
        lines.push(...taken.map(({ noticeId: id }) => id));
        await run(letters.told(taken));
        empty = taken.length === 0 ? empty + 1 : 0;
      }
      return lines;
    };
    const lines = (await Promise.all([0, 1, 2, 3].map(relay))).flat();
    expect([...lines].sort()).toEqual([...ids].sort());
    expect(await count("FROM millrace.untold_letter")).toBe(0);

    const names = ids.map((id): LetterName => ({
      noticeId: noticeId(id),
      period: PERIOD,
      kind: "failed",
      epoch: 3,
    }));
    const [discarded, replayed] = await Promise.all([
      run(postgresLetters({ pool: poolOf(1) }).discard([...names].reverse(), "operator", "a test")),
      run(
        ledger.apply(
          "replay",
          ids.map((id) => command("replay", id)),
        ),
      ),
    ]);
    const states = await database.query<{ what: string; n: number }>(
      `SELECT d.state || ' ' || n.status AS what, count(*)::integer AS n
       FROM millrace.dead_letter d JOIN millrace.notice n USING (notice_id) GROUP BY 1`,
    );
    const found = new Map(states.map(({ what, n }) => [what, n]));
    const won = discarded.filter(({ verdict }) => verdict === "won").length;
    expect(
      [...found.keys()].filter((what) => !["discarded failed", "replaying ready"].includes(what)),
    ).toEqual([]);
    expect(found.get("discarded failed") ?? 0).toBe(won);
    expect(replayed).toHaveLength(ids.length);
    expect(found.get("replaying ready") ?? 0).toBe(ids.length - won);
    expect(await count("FROM millrace.gate_history WHERE action = 'discard-letter'")).toBe(won);
    await demandNoDeadlock();
  });

  it("relays share the results of notices that are just ending, each to one of them, and hold up none of those", async () => {
    const ids = idsOf(400);
    await ingest(ids);
    let isEnding = true;
    const ending = async (): Promise<void> => {
      for (let at = 0; at < ids.length; at += 7)
        await run(
          ledger.apply(
            "cancel",
            ids.slice(at, at + 7).map((id) => command("cancel", id)),
          ),
        );
      isEnding = false;
    };
    const relay = async (n: number): Promise<readonly string[]> => {
      const results = postgresResults({ pool: poolOf(n) });
      const heard: string[] = [];
      for (let empty = 0; isEnding || empty < 3;) {
        const taken = await run(results.untold(20));
        heard.push(...taken.map(({ noticeId: id }) => id));
        // in halves, as a log takes them that refuses some at first
        await run(results.told(taken.filter((_, at) => at % 2 === 0)));
        await run(results.told(taken.filter((_, at) => at % 2 === 1)));
        empty = taken.length === 0 ? empty + 1 : 0;
      }
      return heard;
    };
    const [heard] = await Promise.all([Promise.all([0, 1, 2, 3].map(relay)), ending()]);
    expect(heard.flat().sort()).toEqual([...ids].sort());
    expect(await count("FROM millrace.untold_results")).toBe(0);
    await demandNoDeadlock();
  });
});
