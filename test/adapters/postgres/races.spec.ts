/**
 * Several runners at once over the same notices, by every plan that there is: nobody waits in a circle, nothing is won
 * twice, and a gate that was shut lets nothing through.
 */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPool, postgresLedger, type Pool } from "../../../src/adapters/postgres/index.ts";
import { attemptId, instant, policyVersion, workerId } from "../../../src/domain/ids.ts";
import type { CommandOf, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { aNotice, command, EMAIL, PERIOD, START } from "../../contracts/notice-ledger-commands.ts";
import { diceOf } from "../../contracts/notice-ledger-walks.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

const run = Effect.runPromise;

const OURS = {};
const ON = "on";
const OFF = "off";
const PLANS = {
  "the service's own plans": OURS,
  "plans that scan and hash": {
    ...{ enable_seqscan: ON, enable_hashjoin: ON, enable_mergejoin: ON, enable_bitmapscan: ON },
    ...{ enable_nestloop: OFF, enable_indexscan: OFF, enable_indexonlyscan: OFF, enable_tidscan: OFF },
    plan_cache_mode: "force_custom_plan",
  },
  "plans that merge": {
    ...{ enable_seqscan: ON, enable_hashjoin: OFF, enable_mergejoin: ON, enable_bitmapscan: ON },
    ...{ enable_nestloop: OFF, enable_tidscan: OFF },
  },
};

const shuffled = <A>(items: readonly A[], seed: number): A[] => {
  const dice = diceOf(seed);
  return items
    .map((item) => ({ item, at: dice() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
};

describe("two runners", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.clear();
    await database.setNow(START);
  });

  const ids = Array.from({ length: 200 }, (_, n) => `n${n}`);
  const withLedgers = async (
    settings: Readonly<Record<string, string>>,
    work: (ledgers: readonly NoticeLedger[]) => Promise<void>,
  ): Promise<void> => {
    const pools: Pool[] = [0, 1, 2].map(() =>
      openPool({ connection: database.service, maxConnections: 2, settings }),
    );
    try {
      await work(pools.map((pool) => postgresLedger({ pool })));
    } finally {
      for (const pool of pools) await pool.close();
    }
  };

  /** Every runner applies the same commands, each in an order of its own; says how often each notice was won. */
  const race = async <T extends CommandType>(
    ledgers: readonly NoticeLedger[],
    type: T,
    make: (id: string, runner: number) => CommandOf<T>,
    seed: number,
  ): Promise<readonly number[]> => {
    const wins = new Map<string, number>();
    await Promise.all(
      ledgers.map(async (ledger, runner) => {
        const batch = shuffled(ids, seed + runner).map((id) => make(id, runner));
        const answers = await run(ledger.apply(type, batch));
        answers.forEach((answer, n) => {
          const id = batch[n]?.noticeId ?? "";
          if (Result.getOrThrow(answer).verdict === "won") wins.set(id, (wins.get(id) ?? 0) + 1);
        });
      }),
    );
    return ids.map((id) => wins.get(id) ?? 0);
  };

  it("that both find no policy give the ledger one, and keep to that", async () => {
    await withLedgers(OURS, async (ledgers) => {
      for (let round = 0; round < 20; round += 1) {
        await database.clear();
        await Promise.all(
          ledgers.map((ledger, n) =>
            run(ledger.activatePolicy(policyVersion(n + 1), { of: n }, "a start", "none-is-active")),
          ),
        );
        const stored = await database.query<{ version: string }>("SELECT version FROM millrace.policy");
        expect(stored).toHaveLength(1);
        expect(await run((ledgers[0] as NoticeLedger).policy("active"))).toMatchObject({
          version: Number(stored[0]?.version),
        });
      }
    });
  });

  it.each(Object.entries(PLANS))(
    "win each notice once, and never wait in a circle, by %s",
    async (_name, settings) => {
      await withLedgers(settings, async (ledgers) => {
        const [first] = ledgers;
        if (first === undefined) return;
        await run(first.activatePolicy(policyVersion(1), {}, "operator"));
        const once = ids.map(() => 1);
        for (let round = 0; round < 4; round++) {
          await database.clear();
          await run(first.activatePolicy(policyVersion(1), {}, "operator"));
          const notices = ids.map((id) => aNotice(id));
          const taken = await Promise.all(
            ledgers.map((ledger, runner) => run(ledger.ingest(shuffled(notices, round * 10 + runner)))),
          );
          const won = taken.flat().filter((answer) => Result.getOrThrow(answer).verdict === "won");
          expect(won, "ingested").toHaveLength(ids.length);
          const seed = round * 1_000;
          const worker = (runner: number) => workerId(`worker-${runner}`);
          expect(await race(ledgers, "route", (id) => command("route", id), seed)).toEqual(once);
          const claims = await race(
            ledgers,
            "claim",
            (id, runner) => command("claim", id, { owner: worker(runner) }),
            seed + 10,
          );
          expect(claims).toEqual(once);
          const rights = await race(
            ledgers,
            "begin-send",
            (id, runner) => command("begin-send", id, { attemptId: attemptId(`${id}-${runner}`) }),
            seed + 20,
          );
          expect(rights).toEqual(once);
          const attempts = await database.query<{ n: number }>(
            "SELECT count(*)::integer n FROM millrace.attempt WHERE live",
          );
          expect(attempts).toEqual([{ n: ids.length }]);
        }
      });
      await database.query("SELECT pg_stat_force_next_flush()");
      const deadlocks = await database.query<{ deadlocks: string }>(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
      );
      expect(deadlocks).toEqual([{ deadlocks: "0" }]);
    },
  );

  it("that settle the same right differently leave one outcome: whoever was first, or the acceptance", async () => {
    await withLedgers(OURS, async (ledgers) => {
      const [first, second, third] = ledgers as [NoticeLedger, NoticeLedger, NoticeLedger];
      await run(first.activatePolicy(policyVersion(1), {}, "operator"));
      await run(first.ingest(ids.map((id) => aNotice(id))));
      for (const type of ["route", "claim", "begin-send"] as const) {
        const own = (id: string) => ({ attemptId: attemptId(`a-${id}`) });
        await run(
          first.apply(
            type,
            ids.map((id) => command(type, id, type === "begin-send" ? own(id) : {})),
          ),
        );
      }
      const its = (id: string) => ({ attemptId: attemptId(`a-${id}`) });
      await Promise.all([
        run(
          first.apply(
            "accept",
            shuffled(ids, 1).map((id) => command("accept", id, its(id))),
          ),
        ),
        run(
          second.apply(
            "doubt",
            shuffled(ids, 2).map((id) => command("doubt", id, its(id))),
          ),
        ),
        run(
          third.apply(
            "definite-no",
            shuffled(ids, 3).map((id) => command("definite-no", id, its(id))),
          ),
        ),
      ]);
      const left = await database.query<{ what: string }>(`
        SELECT DISTINCT concat_ws(' ', n.status, a.state, a.contradiction IS NOT NULL, n.hold_reason,
          (SELECT string_agg(d.kind || ' ' || d.state, ',' ORDER BY d.kind) FROM millrace.dead_letter d
            WHERE d.notice_id = n.notice_id)) AS what
        FROM millrace.notice n JOIN millrace.attempt a USING (notice_id)`);
      const allowed = [
        "sent accepted f",
        "sent accepted f doubt resolved",
        "failed rejected t contradiction failed open",
      ];
      expect(left.filter(({ what }) => !allowed.includes(what))).toEqual([]);
    });
  });

  it("that route pages at once never take the same candidate", async () => {
    await withLedgers(OURS, async (ledgers) => {
      const [first] = ledgers;
      if (first === undefined) return;
      await run(first.ingest(ids.map((id, n) => aNotice(id, { dueAt: instant(START - (n % 7)) }))));
      const taken = await Promise.all(
        ledgers.map(async (ledger) => {
          const mine: string[] = [];
          // Pages from the start, because what others held was skipped.
          for (let empty = 0; empty < 3;) {
            const page = await run(
              ledger.routePage({ after: null, limit: 17, which: "fresh" }, ({ notice }) =>
                command("route", notice.noticeId),
              ),
            );
            empty = page.candidates.length === 0 ? empty + 1 : 0;
            page.answers.forEach((answer, n) => {
              if (answer?.verdict === "won") mine.push(page.candidates[n]?.notice.noticeId ?? "");
            });
          }
          return mine;
        }),
      );
      expect(taken.flat().sort()).toEqual([...ids].sort());
    });
  });
});

describe("a gate", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  const shutters: readonly (readonly [string, (ledger: NoticeLedger) => Effect.Effect<unknown, unknown>])[] =
    [
      ["pause", (ledger) => ledger.pause(EMAIL, "a test", "operator")],
      ["suppress", (ledger) => ledger.suppress("everybody", "a test", "operator")],
      ["activatePolicy", (ledger) => ledger.activatePolicy(policyVersion(2), {}, "operator")],
    ];

  it.each(shutters)("lets no right to send commit after %s has returned", async (_name, shut) => {
    await database.clear();
    await database.setNow(START);
    const pool = openPool({ connection: database.service, maxConnections: 8 });
    try {
      const ledger = postgresLedger({ pool });
      await run(ledger.activatePolicy(policyVersion(1), {}, "operator"));
      const ids = Array.from({ length: 400 }, (_, n) => `n${n}`);
      await run(ledger.ingest(ids.map((id) => aNotice(id, { userId: "everybody" }))));
      for (const type of ["route", "claim"] as const)
        await run(
          ledger.apply(
            type,
            ids.map((id) => command(type, id)),
          ),
        );
      const count = async (): Promise<number> =>
        (await database.query<{ n: number }>("SELECT count(*)::integer AS n FROM millrace.attempt"))[0]?.n ??
        -1;
      const rights = ids.map((id) => command("begin-send", id, { attemptId: attemptId(`a-${id}`) }));
      let next = 0;
      let wins = 0;
      const sender = async (): Promise<void> => {
        for (let at = next; at < rights.length; at = next) {
          next = at + 5;
          for (const answer of await run(ledger.apply("begin-send", rights.slice(at, at + 5)))) {
            if (Result.getOrThrow(answer).verdict === "won") wins += 1;
          }
        }
      };
      const senders = Promise.all([sender(), sender(), sender(), sender(), sender(), sender()]);
      while (wins === 0) await new Promise((resolve) => setImmediate(resolve));
      await run(shut(ledger));
      const whenShut = await count();
      await senders;
      expect(await count()).toBe(whenShut);
      expect(wins).toBe(whenShut);
      expect(whenShut, "some came before, some too late").toBeGreaterThan(0);
      expect(whenShut).toBeLessThan(ids.length);
    } finally {
      await pool.close();
    }
  });
});

describe("a right to send that is under way", () => {
  let database: TestDatabase;
  let pool: Pool;
  let ledger: NoticeLedger;
  /** While it is held, a line of history cannot be written: a statement stands still after its snapshot. */
  const BRAKE = 4_711;
  beforeAll(async () => {
    database = await freshDatabase();
    await database.query(`CREATE FUNCTION millrace_test.brake() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${BRAKE}); RETURN NEW; END $$`);
    await database.query(`CREATE TRIGGER brake BEFORE INSERT ON millrace.history FOR EACH ROW
      WHEN (NEW.transition IN ('T6', 'T11r')) EXECUTE FUNCTION millrace_test.brake()`);
    pool = openPool({ connection: database.service });
    ledger = postgresLedger({ pool });
  });
  afterAll(async () => {
    await pool.close();
    await database.drop();
  });

  const until = async (what: string): Promise<void> => {
    for (let seen = false; !seen;) {
      const [row] = await database.query<{ seen: boolean }>(`SELECT (${what}) AS seen`);
      seen = row?.seen === true;
    }
  };
  const waiting = (count: number): string =>
    `SELECT count(*) >= ${count} FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'`;

  it.each([
    ["T6", "begin-send", ["route", "claim"]],
    ["T11r", "resend", ["route", "claim", "begin-send", "doubt"]],
  ] as const)("by %s is waited for by whoever shuts the gate", async (_id, type, before) => {
    await database.clear();
    await database.setNow(START);
    await run(ledger.activatePolicy(policyVersion(1), {}, "operator"));
    await run(ledger.ingest([aNotice("n")]));
    for (const each of before) await run(ledger.apply(each, [command(each, "n")] as never));
    await database.setNow(START + 20_000);
    const copies = () =>
      database.query<{ n: number | null }>("SELECT sum(copies)::integer AS n FROM millrace.attempt");
    await database.query(`SELECT pg_advisory_lock(${BRAKE})`);
    const right = run(ledger.apply(type, [command(type, "n")] as never));
    await until(waiting(1));
    const shut = run(ledger.pause(EMAIL, "a test", "operator"));
    const whenShut = shut.then(copies);
    await Promise.race([until(waiting(2)), shut]);
    await database.query(`SELECT pg_advisory_unlock(${BRAKE})`);
    expect(await right).toMatchObject([{ success: { verdict: "won" } }]);
    expect(await whenShut).toEqual(await copies());
  });
});

describe("the last line of defence", () => {
  let database: TestDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service });
  });
  afterAll(async () => {
    await pool.close();
    await database.drop();
  });

  const sendingNotice = async (id: string): Promise<NoticeLedger> => {
    const ledger = postgresLedger({ pool });
    await run(ledger.activatePolicy(policyVersion(1), {}, "operator"));
    await run(ledger.ingest([aNotice(id)]));
    for (const type of ["route", "claim", "begin-send"] as const)
      await run(ledger.apply(type, [command(type, id)]));
    return ledger;
  };

  it("refuses a second right to send even for a row that says it was never given out", async () => {
    const ledger = await sendingNotice("n");
    await database.query("UPDATE millrace.notice SET status = 'claimed' WHERE notice_id = 'n'");
    const second = command("begin-send", "n", { attemptId: attemptId("attempt-2") });
    expect(await run(ledger.apply("begin-send", [second]))).toMatchObject([
      { success: { verdict: "lost", because: "T6.index" } },
    ]);
    await expect(
      database.query(`INSERT INTO millrace.attempt (period, notice_id, attempt_id, generation, attempt_no, epoch, channel,
        provider, provider_key, content_digest, intent_at, send_by, copies, state)
        SELECT period, notice_id, 'attempt-3', generation, attempt_no, epoch, channel, provider, provider_key,
          content_digest, intent_at, send_by, copies, 'in_doubt' FROM millrace.attempt WHERE notice_id = 'n'`),
    ).rejects.toMatchObject({ code: "23505", constraint: "attempt_live" });
  });

  it.each([
    ["accepted", "intent"],
    ["accepted", "rejected"],
    ["rejected", "accepted"],
    ["rejected", "intent"],
    ["in_doubt", "intent"],
    ["not_handed_over", "in_doubt"],
  ])("lets no attempt go from %s to %s", async (from, to) => {
    const id = `${from}-${to}`;
    await sendingNotice(id);
    await database.query(`UPDATE millrace.attempt SET state = '${from}' WHERE notice_id = $1`, [id]);
    await expect(
      database.query(`UPDATE millrace.attempt SET state = '${to}' WHERE notice_id = $1`, [id]),
    ).rejects.toMatchObject({ code: "23514" });
    const rows = await database.query(
      "SELECT state FROM millrace.attempt WHERE notice_id = $1 AND period = $2",
      [id, PERIOD],
    );
    expect(rows).toEqual([{ state: from }]);
  });
});
