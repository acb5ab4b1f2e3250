/**
 * The connection is cut at every message of every batch, in both directions, before and after the message, COMMIT
 * included. What comes out is what would have come out without: the same rows, nothing written twice, no second right to
 * send and no doubt; and the answers say so, by `won` or by recognising the first one's work.
 */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPool, postgresLedger, type Pool } from "../../../src/adapters/postgres/index.ts";
import { attemptId, instant, policyVersion } from "../../../src/domain/ids.ts";
import type { Command, CommandOf, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { aNotice, command, EMAIL, HOUR, SMS, START } from "../../contracts/notice-ledger-commands.ts";
import { cuttingProxy, type CuttingProxy, everyCut } from "../../support/cutting-proxy.ts";
import { rowsOfAll, type RowsOfNotice } from "../../support/place-views.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

const run = Effect.runPromise;
const BATCH = 8;

type Step = readonly [CommandType, Partial<Command>?];
interface Case {
  /** What brings the notices to where the batch begins, by the usual life. */
  readonly before: readonly Step[];
  readonly batch: Step;
  /** The ledger's time at the batch. */
  readonly at?: number;
  /** What a repeat is answered after the first one has committed; the rows must be the same all the same. */
  readonly again: string;
}

const NEXT = { next: { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 } } as const;
const CLAIMED: readonly Step[] = [["route"], ["claim"]];
const SENDING: readonly Step[] = [...CLAIMED, ["begin-send"]];
const DOUBTFUL: readonly Step[] = [...SENDING, ["doubt"]];

const CASES: { readonly [T in CommandType]: Case } = {
  route: { before: [], batch: ["route"], again: "lost T2.status" },
  hold: { before: [], batch: ["hold", { reason: "policy" }], again: "won policy" },
  unhold: { before: [["hold"]], batch: ["unhold"], again: "already-mine T2h.already-mine" },
  suppress: { before: [], batch: ["suppress"], again: "gone T2x.status" },
  published: { before: [["route"]], batch: ["published"], again: "won " },
  claim: { before: [["route"]], batch: ["claim"], again: "already-mine T3.already-mine" },
  renew: { before: CLAIMED, batch: ["renew"], again: "won " },
  lapse: { before: CLAIMED, batch: ["lapse"], at: START + HOUR, again: "lost T4.status" },
  release: { before: CLAIMED, batch: ["release"], again: "already-mine T5.already-mine" },
  unpreparable: { before: CLAIMED, batch: ["unpreparable"], again: "already-mine T5f.already-mine" },
  "begin-send": { before: CLAIMED, batch: ["begin-send"], again: "already-mine T6.already-mine" },
  "step-back": { before: CLAIMED, batch: ["step-back"], again: "lost T6n.status" },
  accept: { before: SENDING, batch: ["accept"], again: "already-mine T8.already-mine" },
  "definite-no": { before: SENDING, batch: ["definite-no", NEXT], again: "already-mine T9.already-mine" },
  doubt: { before: SENDING, batch: ["doubt"], again: "already-mine T10.already-mine" },
  overdue: { before: SENDING, batch: ["overdue"], at: START + HOUR, again: "lost T11.status" },
  resend: { before: DOUBTFUL, batch: ["resend"], at: START + HOUR, again: "lost T11r.copies" },
  resolve: {
    before: DOUBTFUL,
    batch: ["resolve", NEXT],
    at: START + HOUR,
    again: "already-mine T12.already-mine",
  },
  replay: { before: [...SENDING, ["definite-no"]], batch: ["replay"], again: "lost T13.status" },
  cancel: { before: CLAIMED, batch: ["cancel"], again: "already-mine T14.already-mine" },
  expire: { before: [], batch: ["expire"], at: START + 100 * HOUR, again: "gone T16.status" },
};

/** These change the rows again when they are repeated: by design, because only a time, a count or a line is at stake. */
const REPEATS_SHOW: ReadonlySet<CommandType> = new Set(["hold", "published"]);

describe("a connection that is cut", () => {
  let database: TestDatabase;
  let proxy: CuttingProxy;
  let straight: Pool;
  let cut: Pool;
  let sure: NoticeLedger;
  let shaky: NoticeLedger;
  let series = 0;

  beforeAll(async () => {
    database = await freshDatabase();
    proxy = await cuttingProxy(database.service);
    straight = openPool({ connection: database.service, maxConnections: 1 });
    const connection = { ...database.service, host: "127.0.0.1", port: proxy.port };
    cut = openPool({ connection, maxConnections: 1 });
    sure = postgresLedger({ pool: straight });
    shaky = postgresLedger({ pool: cut, retry: { tries: 6, firstWaitMs: 1, capMs: 20 } });
  });
  beforeEach(async () => {
    await database.clear();
    await run(sure.activatePolicy(policyVersion(1), {}, "operator"));
  });
  afterAll(async () => {
    await cut.close();
    await straight.close();
    await proxy.close();
    await database.drop();
  });

  const batchOf = ([type, more = {}]: Step, ids: readonly string[]): readonly CommandOf<CommandType>[] =>
    ids.map((id) => {
      const own = "attemptId" in command(type, id) ? { attemptId: attemptId(`a-${id}`) } : {};
      return command(type, id, { ...more, ...own });
    });

  /** So many batches of new notices, brought together to where each begins. */
  const preparedAll = async (
    { before, batch, at = START }: Case,
    count: number,
  ): Promise<readonly (readonly string[])[]> => {
    const batches = Array.from({ length: count }, () => {
      series += 1;
      return Array.from({ length: BATCH }, (_, n) => `s${series}-${n}`);
    });
    const ids = batches.flat();
    await database.setNow(START);
    const user = batch[0] === "suppress" ? "listed" : "user";
    await run(
      sure.ingest(ids.map((id) => aNotice(id, { userId: user, expiresAt: instant(START + 100 * HOUR) }))),
    );
    for (const step of before) await run(sure.apply(step[0], batchOf(step, ids) as never));
    await database.setNow(at);
    return batches;
  };

  const prepared = async (each: Case): Promise<readonly string[]> => (await preparedAll(each, 1)).flat();

  /** Without what tells one batch from another: its names, and the place of its rows among all. */
  const plain = (rows: ReadonlyMap<string, RowsOfNotice>, ids: readonly string[]): unknown =>
    JSON.parse(
      JSON.stringify(
        ids.map((id) => rows.get(id)),
        (column, value: unknown) => (column === "seq" ? undefined : value),
      ).replaceAll(/(a-)?s\d+-\d+/g, "…"),
    );

  const told = (
    answers: readonly Result.Result<{ verdict: string; because: string | null }, unknown>[],
  ): string[] => {
    const one = answers.map(Result.getOrThrow).map(({ verdict, because }) => `${verdict} ${because ?? ""}`);
    return [...new Set(one)];
  };

  it.each(Object.entries(CASES) as [CommandType, Case][])(
    "in a batch of %s leaves what an uncut one leaves",
    async (type, each) => {
      await run(sure.suppress("listed", "a test", "operator"));
      const warm = await prepared(each);
      await run(shaky.apply(type, batchOf(each.batch, warm) as never));
      const uncut = await prepared(each);
      proxy.count();
      const won = told(await run(shaky.apply(type, batchOf(each.batch, uncut) as never)));
      const passed = proxy.disarm();
      expect(won).toHaveLength(1);
      // a begin, the locks, the statement, a commit: fewer would mean that something is not counted
      expect(passed.toServer).toBeGreaterThanOrEqual(10);
      expect(passed.asks.length).toBeGreaterThanOrEqual(4);
      const cuts = everyCut(passed);
      const batches = await preparedAll(each, cuts.length);
      const seen: { readonly name: string; readonly answer: string; readonly ids: readonly string[] }[] = [];
      for (const [n, where] of cuts.entries()) {
        const ids = batches[n] ?? [];
        proxy.arm(where);
        const answers = told(await run(shaky.apply(type, batchOf(each.batch, ids) as never)));
        const { wasCut } = proxy.disarm();
        const name = `cut ${where.when} message ${where.message} ${where.direction}`;
        expect(wasCut, name).toBe(true);
        expect(answers, name).toHaveLength(1);
        seen.push({ name, answer: answers[0] ?? "", ids });
      }
      const rows = await rowsOfAll(database);
      expect(rows.size).toBe(BATCH * (2 + cuts.length));
      const expected = plain(rows, uncut);
      for (const { name, answer, ids } of seen) {
        if (REPEATS_SHOW.has(type) && answer === each.again) continue;
        expect(plain(rows, ids), name).toEqual(expected);
      }
      // The last cuts come after COMMIT has arrived, so both answers must have been met.
      expect([...new Set(seen.map(({ answer }) => answer))].sort()).toEqual(
        [...new Set([...won, each.again])].sort(),
      );
    },
  );

  it("in an ingest takes each notice once", async () => {
    const notices = (name: string) => Array.from({ length: BATCH }, (_, n) => aNotice(`${name}-${n}`));
    await run(shaky.ingest(notices("warm")));
    proxy.count();
    await run(shaky.ingest(notices("uncut")));
    const passed = proxy.disarm();
    let lap = 0;
    for (const where of everyCut(passed)) {
      lap += 1;
      const items = notices(`lap${lap}`);
      proxy.arm(where);
      const answers = await run(shaky.ingest(items));
      expect(proxy.disarm().wasCut).toBe(true);
      const verdicts = [...new Set(answers.map((answer) => Result.getOrThrow(answer).verdict))];
      expect(["won", "already-mine"]).toEqual(expect.arrayContaining(verdicts));
      expect(verdicts).toHaveLength(1);
      const rows = await database.query<{ n: number }>(
        `SELECT count(*)::integer AS n FROM millrace.notice WHERE notice_id LIKE 'lap${lap}-%'`,
      );
      expect(rows).toEqual([{ n: BATCH }]);
    }
  });

  it("in shutting a gate shuts it once", async () => {
    await run(shaky.resume(SMS, "operator"));
    proxy.count();
    await run(shaky.pause(SMS, "a test", "operator"));
    const passed = proxy.disarm();
    for (const where of everyCut(passed)) {
      await run(sure.resume(EMAIL, "operator"));
      proxy.arm(where);
      await run(shaky.pause(EMAIL, "a test", "operator"));
      expect(proxy.disarm().wasCut).toBe(true);
      expect(await run(sure.pauses)).toContain(EMAIL);
    }
    await run(sure.resume(EMAIL, "operator"));
    await run(sure.resume(SMS, "operator"));
    const told = await database.query<{ action: string; n: number }>(
      "SELECT action, count(*)::integer AS n FROM millrace.gate_history WHERE subject = 'email' GROUP BY 1 ORDER BY 1",
    );
    expect(told[0]?.n).toBe(told[1]?.n);
  });

  it("in a page of routing is unconfirmed once COMMIT is on its way, and else done again", async () => {
    const page = { after: null, limit: BATCH, which: "fresh" } as const;
    const routeAll = shaky.routePage(page, ({ notice }) => command("route", notice.noticeId));
    const bring = async (): Promise<readonly string[]> => {
      await database.query("DELETE FROM millrace.notice WHERE found_in = 'FRESH'");
      return prepared({ before: [], batch: ["route"], again: "" });
    };
    await bring();
    await run(routeAll);
    await bring();
    proxy.count();
    await run(routeAll);
    const passed = proxy.disarm();
    const outcomes = new Set<string>();
    for (const where of everyCut(passed)) {
      const ids = await bring();
      proxy.arm(where);
      const exit = await Effect.runPromiseExit(routeAll);
      expect(proxy.disarm().wasCut).toBe(true);
      // in one look, which sees all of a transaction or nothing: the server may be at COMMIT just now
      const rows = await rowsOfAll(database);
      const statuses = new Set(ids.map((id) => rows.get(id)?.notice["status"]));
      expect(statuses.size, "a page is one transaction").toBe(1);
      if (exit._tag === "Failure") {
        expect(exit).toMatchObject({ cause: { reasons: [{ error: { _tag: "Unconfirmed" } }] } });
        outcomes.add(`unconfirmed: ${[...statuses].join()}`);
      } else {
        // What the cut transaction still holds while it is asked again is skipped: the next page has it.
        const skipped = exit.value.candidates.length === 0;
        expect([...statuses]).toEqual([skipped ? "ready" : "queued"]);
        outcomes.add(skipped ? "skipped" : "done");
      }
    }
    outcomes.delete("skipped");
    expect([...outcomes].sort()).toEqual(["done", "unconfirmed: queued", "unconfirmed: ready"]);
  });

  it("for good fails as transient before anything can be written, as unconfirmed after", async () => {
    const [warm = "", counted = "", cutOff = "", late = ""] = await prepared(CASES["begin-send"]);
    const dead = await cuttingProxy(database.service);
    const connection = { ...database.service, host: "127.0.0.1", port: dead.port };
    const pool = openPool({ connection, maxConnections: 1, connectTimeoutMs: 200 });
    try {
      const ledger = postgresLedger({ pool, retry: { tries: 3, firstWaitMs: 1, capMs: 2 } });
      const send = (id: string) =>
        Effect.runPromiseExit(ledger.apply("begin-send", batchOf(["begin-send"], [id]) as never));
      await send(warm);
      dead.count();
      await send(counted);
      const { toServer } = dead.disarm();
      dead.arm({ direction: "to-server", message: toServer, when: "after" });
      const lost = send(cutOff);
      // From the cut on nobody answers any more.
      while (!dead.wasCut()) await new Promise((resolve) => setImmediate(resolve));
      await dead.close();
      const tagOf = async (exit: ReturnType<typeof send>): Promise<unknown> => {
        const ended = await exit;
        return ended._tag === "Failure"
          ? ended.cause.reasons.map((reason) => ("error" in reason ? reason.error._tag : "?"))
          : ended;
      };
      expect(await tagOf(lost)).toEqual(["Unconfirmed"]);
      expect(await tagOf(send(late))).toEqual(["Transient"]);
    } finally {
      await pool.close();
    }
  });
});
