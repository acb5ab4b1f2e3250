/**
 * The whole upkeep, twice at once, on a real database: everything that a crash has left behind comes to where it belongs, once.
 */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPool, postgresDoubts, postgresLedger, type Pool } from "../../../src/adapters/postgres/index.ts";
import { postgresLetters } from "../../../src/adapters/postgres/letters.ts";
import { attemptId, instant, noticeId, policyVersion, workerId } from "../../../src/domain/ids.ts";
import type { CommandOf, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import type { NewNotice, NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { systemPorts } from "../../../src/streams/runtime/system-ports.ts";
import { startUpkeep, type Upkeep } from "../../../src/streams/upkeep/upkeep.ts";
import type { UpkeepPorts } from "../../../src/streams/upkeep/upkeep-ports.ts";
import { aNotice, command, EMAIL, LEASE_MS, PERIOD, START } from "../../contracts/notice-ledger-commands.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { CLASSES, POLICY, World } from "./world.ts";

const run = Effect.runPromise;
const LATER_MS = 120_000;

describe("two upkeeps on Postgres", () => {
  let database: TestDatabase;
  let pool: Pool;
  let ledger: NoticeLedger;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 8 });
    ledger = postgresLedger({ pool });
  });
  afterAll(async () => {
    await pool.close();
    await database.drop();
  });

  const win = async <T extends CommandType>(type: T, id: string, more: Partial<CommandOf<T>> = {}) => {
    const [answer] = await run(ledger.apply(type, [command(type, id, more)]));
    expect(answer !== undefined && Result.isSuccess(answer) && answer.success, `${type} ${id}`).toMatchObject(
      { verdict: "won" },
    );
  };
  const claimed = async (id: string, more: Partial<NewNotice> = {}): Promise<void> => {
    const given = { contacts: { [EMAIL]: "sealed" }, content: { sealed: "sealed:{}" }, routing: {} };
    await run(ledger.ingest([aNotice(id, { ...given, ...more })]));
    await win("route", id);
    await win("claim", id);
  };
  const sending = async (id: string): Promise<void> => {
    await claimed(id);
    await win("begin-send", id, { attemptId: attemptId(`of-${id}`), provider: "scripted" });
  };
  const recordOf = async (id: string) => {
    const record = await run(ledger.read(noticeId(id), PERIOD));
    if (record === null) throw new Error(`${id} is not there`);
    return record;
  };
  const statusOf = async (id: string) => (await recordOf(id)).notice.status;

  it("bring what was left behind to where it belongs, each notice once", async () => {
    await database.setNow(START);
    const world = new World(CLASSES.B);
    await world.activate({
      ...POLICY,
      version: policyVersion(1),
      resend: { afterMs: 60_000, maxGenerations: 2 },
    });
    world.lookUp = (id) =>
      Effect.succeed(
        id === "of-arrived"
          ? { found: true, providerMessageId: "m-1", words: "found" }
          : { found: false, words: "nothing is known of it" },
      );
    await run(ledger.activatePolicy(policyVersion(1), POLICY, "operator:kim"));

    await claimed("lapsed");
    await claimed("expired", { expiresAt: instant(START + 60_000) });
    await sending("arrived");
    await sending("swallowed");
    await claimed("put-off");
    await win("step-back", "put-off", { reopensAt: instant(START + 60_000) });
    await run(ledger.pause(EMAIL, "repairs", "operator:kim"));
    await claimed("paused").catch(() => undefined); // T2 refuses it while the channel is paused
    await run(ledger.resume(EMAIL, "operator:kim"));
    await win("route", "paused");
    await win("claim", "paused");
    await run(ledger.pause(EMAIL, "repairs", "operator:kim"));
    await win("step-back", "paused");
    await run(ledger.resume(EMAIL, "operator:kim"));
    await sending("failed");
    await win("definite-no", "failed", { attemptId: attemptId("of-failed") });

    /** What both clocks show, the ledger's and the upkeeps' own: somebody who works on lives through it. */
    let passedMs = 0;
    const looks = new Map<string, number>();
    const letters = postgresLetters({ pool });
    const told: string[] = [];
    const portsOf = (name: string): UpkeepPorts => ({
      ...world.ports,
      ledger: {
        ...ledger,
        now: Effect.tap(ledger.now, () =>
          Effect.sync(() => {
            looks.set(name, (looks.get(name) ?? 0) + 1);
            wake();
          }),
        ),
      },
      letters,
      doubts: postgresDoubts({ pool }),
      worker: workerId(name),
      tell: (page) =>
        Effect.sync(() => {
          told.push(...page.map(({ noticeId: id, kind }) => `${id} ${kind}`));
          return page.map(() => Result.succeed(undefined));
        }),
      results: null,
      poison: null,
      system: { ...systemPorts, clock: { ...systemPorts.clock, monotonicMs: () => passedMs } },
    });
    const upkeeps: Upkeep[] = [];
    let wake: () => void = () => {};
    const until = async (check: () => Promise<boolean>): Promise<void> => {
      for (;;) {
        const next = new Promise<void>((resolve) => (wake = resolve));
        if (await check()) return;
        await next;
      }
    };
    /** Until both have looked at the ledger's clock again. */
    const pass = async (ms: number): Promise<void> => {
      await database.setNow(START + passedMs + ms);
      passedMs += ms;
      const before = new Map(looks);
      await until(() =>
        Promise.resolve([...looks].every(([name, count]) => count > (before.get(name) ?? 0) + 1)),
      );
    };
    try {
      for (const name of ["upkeep-1", "upkeep-2"]) {
        const upkeep = startUpkeep(portsOf(name), { leaseMs: LEASE_MS, sweepMs: 20, pageCount: 3 });
        upkeep.onEvent(() => wake());
        upkeeps.push(upkeep);
      }
      const isInTouch = () =>
        upkeeps.every((upkeep) =>
          upkeep.health().duties.every(({ lastDoneAgoMs }) => lastDoneAgoMs !== null),
        );
      await until(async () => isInTouch() && told.length === 1);
      // in steps that nobody takes for a break of the connection
      while (passedMs < LATER_MS) await pass(5_000);
      const ends = {
        lapsed: "queued",
        expired: "expired",
        arrived: "sent",
        swallowed: "queued",
        "put-off": "queued",
        paused: "queued",
        failed: "queued",
      };
      await until(async () => {
        const found = await Promise.all(Object.keys(ends).map(statusOf));
        return found.join() === Object.values(ends).join() && told.length === 3;
      });
      expect((await recordOf("lapsed")).notice).toMatchObject({ lapses: 1, epoch: 3 });
      expect(await recordOf("arrived")).toMatchObject({ attempts: [{ state: "accepted" }] });
      expect((await recordOf("swallowed")).notice).toMatchObject({ attemptNo: 2, generation: 1 });
      expect((await recordOf("failed")).notice).toMatchObject({ generation: 2, attemptNo: 1 });
      for (const id of Object.keys(ends)) {
        const { history } = await recordOf(id);
        const steps = history.map(({ transition, epoch }) => `${transition} ${epoch}`);
        expect(new Set(steps).size, `${id}: ${steps.join(", ")}`).toBe(steps.length);
      }
      expect([...told].sort()).toEqual(["arrived doubt", "failed failed", "swallowed doubt"]);
    } finally {
      await Promise.all(upkeeps.map((upkeep) => upkeep.stop()));
    }
  });
});
