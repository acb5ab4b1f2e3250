/**
 * The memory ledger is the model: the same commands give the same answers and leave the same rows in Postgres.
 *
 * Each notice is a walk of its own through the table, so one run of the property is two hundred walks, and the whole
 * 2,600 of them: always the same ones, so that the last case can say what they met. `MILLRACE_SEED` takes others,
 * `MILLRACE_RUNS=50` more.
 */
import { isDeepStrictEqual } from "node:util";
import { Effect, Result } from "effect";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { openPool, postgresLedger, type Pool } from "../../../src/adapters/postgres/index.ts";
import { instant, policyVersion, type ChannelId, type NoticeId } from "../../../src/domain/ids.ts";
import type { Command, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import { TABLE } from "../../../src/domain/lifecycle/transition.ts";
import type { DueKind, NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import { aNotice, EMAIL, PERIOD, SMS, START } from "../../contracts/notice-ledger-commands.ts";
import { diceOf, nextCommand, pick, type Dice } from "../../contracts/notice-ledger-walks.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";

const RUNS = 13 * Number(process.env["MILLRACE_RUNS"] ?? 1);
const SEED = Number(process.env["MILLRACE_SEED"] ?? 20231114);
const NOTICES = 200;

const run = Effect.runPromise;

/** Both ledgers are asked the same; what they answer must be the same. */
const both = async <A>(
  ledgers: readonly [NoticeLedger, NoticeLedger],
  what: string,
  ask: (ledger: NoticeLedger) => Effect.Effect<A, unknown>,
): Promise<A> => {
  const [model, real] = (await Promise.all(ledgers.map((ledger) => run(ask(ledger))))) as [A, A];
  // asked tens of thousands of times: what is the same in the strictest sense needs no report of how it differs
  if (!isDeepStrictEqual(real, model)) expect(real, what).toEqual(model);
  return model;
};

const byType = (commands: readonly Command[]): Map<CommandType, Command[]> => {
  const groups = new Map<CommandType, Command[]>();
  for (const command of commands) groups.set(command.type, [...(groups.get(command.type) ?? []), command]);
  return groups;
};

const gateEffect = (dice: Dice, ledger: NoticeLedger): Effect.Effect<void, unknown> => {
  const users = Array.from({ length: 12 }, () => `user-of-n${Math.floor(dice() * NOTICES)}`);
  const scope = pick<ChannelId | "*">(dice, [EMAIL, SMS, "*"]);
  return pick(dice, [
    ledger.pause(scope, "a test", "operator"),
    ledger.resume(scope, "operator"),
    ledger.resume("*", "operator"),
    Effect.forEach(users, (user) => ledger.suppress(user, "a test", "operator"), { discard: true }),
    Effect.forEach(users, (user) => ledger.unsuppress(user, "operator"), { discard: true }),
    ledger.activatePolicy(policyVersion(pick(dice, [1, 1, 1, 2])), {}, "operator"),
  ]);
};

describe("the Postgres ledger", () => {
  let database: TestDatabase;
  let pool: Pool;
  /** Which guard said no, or `won`, by type: so that a suite which never got somewhere says so. */
  const met = new Set<string>();

  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 2 });
  });
  afterAll(async () => {
    await pool.close();
    await database.drop();
  });

  const walk = async (seed: number, steps: number): Promise<void> => {
    const dice = diceOf(seed);
    let now = START;
    const memory = memoryLedger({ now: () => instant(now) });
    const ledgers = [memory, postgresLedger({ pool })] as const;
    const ids = Array.from({ length: NOTICES }, (_, n) => `n${n}`);
    const before = new Map<NoticeId, Command>();
    await database.clear();
    await database.setNow(now);
    await both(ledgers, "policy", (ledger) => ledger.activatePolicy(policyVersion(1), {}, "operator"));
    const notices = ids.map((id) =>
      aNotice(id, { expiresAt: instant(START + pick(dice, [60_000, 9_000_000])) }),
    );
    await both(ledgers, "ingest", (ledger) => ledger.ingest(notices));

    for (let step = 0; step < steps; step++) {
      now += pick(dice, [0, 1, 500, 5_000, 20_000]);
      await database.setNow(now);
      if (dice() < 0.5) {
        const at = dice() * 2 ** 32;
        await both(ledgers, "gate", (ledger) => gateEffect(diceOf(at), ledger));
      }
      const commands = memory
        .notices()
        .map((view) => nextCommand(dice, view, instant(now), before.get(view.notice.noticeId)));
      for (const [type, batch] of byType(commands)) {
        const answers = await both(ledgers, `step ${step}: ${type}`, (ledger) =>
          ledger.apply(type, batch as never),
        );
        answers.forEach((answer) => {
          const { verdict, because } = Result.getOrThrow(answer);
          met.add(verdict === "won" ? `${TABLE[type].id} won` : `${because}`);
        });
      }
      for (const each of commands) before.set(each.noticeId, each);
    }

    for (const id of ids) {
      await both(ledgers, `rows of ${id}`, (ledger) => ledger.read(aNotice(id).noticeId, PERIOD));
    }
    await compareLists(ledgers, ["republish", "lapse", "expire", "doubt"]);
    // After the longest lease nothing may wait any more.
    now += 60_000;
    await database.setNow(now);
    await compareLists(ledgers, ["republish", "lapse", "overdue", "expire", "doubt"]);
    const counted = await database.query<{ n: number }>("SELECT count(*)::integer AS n FROM millrace.notice");
    expect(counted, "every notice is in one state").toEqual([{ n: NOTICES }]);
  };

  const compareLists = async (
    ledgers: readonly [NoticeLedger, NoticeLedger],
    kinds: readonly DueKind[],
  ): Promise<void> => {
    for (const kind of kinds) {
      await both(ledgers, `due: ${kind}`, (ledger) =>
        Effect.map(ledger.due(kind, NOTICES), (due) => due.map(({ at: _, ...each }) => each).sort(byId)),
      );
    }
    for (const reason of ["paused", "policy", "lapses", "contradiction", "operator"] as const) {
      await both(ledgers, `held: ${reason}`, (ledger) => ledger.held(reason, NOTICES));
    }
    for (const which of ["fresh", "admitted"] as const) {
      await both(ledgers, `candidates: ${which}`, (ledger) =>
        ledger.routePage({ after: null, limit: NOTICES, which }, () => null),
      );
    }
  };

  const byId = (a: { readonly noticeId: string }, b: { readonly noticeId: string }): number =>
    a.noticeId < b.noticeId ? -1 : 1;

  it(
    "gives the memory ledger's answers and leaves its rows, whatever is asked in whatever order",
    { timeout: 600_000 },
    async () => {
      await fc.assert(fc.asyncProperty(fc.integer(), fc.integer({ min: 25, max: 35 }), walk), {
        numRuns: RUNS,
        seed: SEED,
        endOnFailure: true,
      });
    },
  );

  it("was asked everything: each command has won, and each guard has said no", () => {
    const wanted = Object.values(TABLE).flatMap(({ id, guards }) => [
      `${id} won`,
      ...guards.map(({ name }) => name),
    ]);
    // Not met while the guards before them hold: a live attempt, a wish to cancel or a second copy cannot stand beside
    // these statuses; and no command discards a dead letter.
    const beltAndBraces = ["T6.index", "T6.cancel", "T9.copies", "T13.dead-letter"];
    // Met in some seeds only; the contract goes there on purpose.
    const rare = ["T11r.contradiction", "T11r.suppressed", "T11r.expires"];
    const notExpected = [...beltAndBraces, ...rare];
    expect(wanted.filter((each) => !met.has(each) && !notExpected.includes(each))).toEqual([]);
  });
});
