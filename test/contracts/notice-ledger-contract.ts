/**
 * What every ledger promises, as one suite: run unchanged over memory and over Postgres.
 */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  attemptId,
  instant,
  noticeId,
  period,
  policyVersion,
  runId,
  workerId,
  type Instant,
} from "../../src/domain/ids.ts";
import type { CommandOf, CommandType } from "../../src/domain/lifecycle/commands.ts";
import type {
  AnswerTo,
  NoticeLedger,
  NoticeRecord,
  RoutingCandidate,
} from "../../src/domain/ports/notice-ledger.ts";
import {
  aNotice,
  CLASS_A,
  command,
  EMAIL,
  HOUR,
  LEASE_MS,
  PERIOD,
  SEND_WINDOW_MS,
  SMS,
  START,
  WORKER,
} from "./notice-ledger-commands.ts";

export interface LedgerUnderTest {
  readonly ledger: NoticeLedger;
  readonly setNow: (ms: number) => Promise<void>;
  /** Back to an empty ledger at `START`. */
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A ledger with short ways of asking it. */
export interface Desk {
  readonly ledger: NoticeLedger;
  readonly at: (ms: number) => Promise<void>;
  readonly ask: <T extends CommandType>(
    type: T,
    id: string,
    more?: Partial<CommandOf<T>>,
  ) => Promise<AnswerTo<T>>;
  readonly bring: (id: string, ...ways: readonly Way[]) => Promise<void>;
  readonly record: (id: string) => Promise<NoticeRecord>;
}

/** The usual life, step by step. */
type Way = "routed" | "claimed" | "sending" | "sent" | "failed" | "in_doubt";
const STEP: { readonly [W in Way]: CommandType } = {
  routed: "route",
  claimed: "claim",
  sending: "begin-send",
  sent: "accept",
  failed: "definite-no",
  in_doubt: "doubt",
};

const run = Effect.runPromise;

export const deskOf = ({ ledger, setNow }: LedgerUnderTest): Desk => {
  const ask: Desk["ask"] = async (type, id, more = {}) => {
    const [answer] = await run(ledger.apply(type, [command(type, id, more)]));
    if (answer === undefined) throw new Error("no answer");
    return Result.getOrThrow(answer);
  };
  return {
    ledger,
    at: setNow,
    ask,
    bring: async (id, ...ways) => {
      await run(ledger.ingest([aNotice(id)]));
      for (const way of ways) {
        const answer = await ask(STEP[way], id, { actor: "bring" });
        expect(answer, `${id} to ${way}`).toMatchObject({ verdict: "won" });
      }
    },
    record: async (id) => {
      const record = await run(ledger.read(noticeId(id), PERIOD));
      if (record === null) throw new Error(`no notice ${id}`);
      return record;
    },
  };
};

const SENDING = ["routed", "claimed", "sending"] as const;

export const describeNoticeLedgerContract = (
  name: string,
  makeLedger: () => Promise<LedgerUnderTest>,
): void => {
  describe(`the ledger in ${name}`, () => {
    let world: LedgerUnderTest;
    let desk: Desk;
    beforeAll(async () => {
      world = await makeLedger();
      desk = deskOf(world);
    });
    afterAll(() => world.close());
    beforeEach(async () => {
      await world.reset();
      await run(world.ledger.activatePolicy(policyVersion(1), { of: "tests" }, "operator"));
    });

    describe("a life", () => {
      it("goes from ingest to sent, and its history tells how", async () => {
        const { ledger, ask, at, record } = desk;
        const [ingested] = await run(ledger.ingest([aNotice("n")]));
        expect(ingested).toEqual(Result.succeed({ verdict: "won", because: null, noticeId: "n" }));
        expect(await run(ledger.now)).toBe(START);
        expect(await ask("route", "n", { runId: runId("run-1") })).toEqual({
          verdict: "won",
          because: null,
          at: START,
        });
        await at(START + 1);
        const { claimed, ...claim } = await ask("claim", "n");
        expect(claim).toEqual({ verdict: "won", because: null, at: START + 1 });
        expect(claimed).toEqual({
          notice: {
            noticeId: "n",
            period: PERIOD,
            status: "claimed",
            epoch: 2,
            generation: 1,
            attemptNo: 1,
            channel: EMAIL,
            policyVersion: 1,
            owner: WORKER,
            leaseUntil: START + 1 + LEASE_MS,
            lapses: 0,
            dueAt: START,
            holdReason: null,
            republishAt: null,
            publishes: 0,
            expiresAt: START + 100 * HOUR,
            runId: "run-1",
            cancelRequested: false,
          },
          contents: {
            userId: "user-of-n",
            billId: "bill-of-n",
            purpose: "bill",
            contacts: { email: "encrypted e-mail", sms: "encrypted phone" },
            routing: { quiet: [] },
            content: { items: [1, 2] },
          },
        });
        await at(START + 2);
        expect(await ask("begin-send", "n")).toMatchObject({ verdict: "won" });
        await at(START + 3);
        expect(await ask("accept", "n")).toMatchObject({ verdict: "won", because: null });
        const end = await record("n");
        expect(end.notice).toMatchObject({ status: "sent", epoch: 2, owner: null, leaseUntil: null });
        expect(end.attempts).toEqual([
          {
            attemptId: "attempt-1",
            noticeId: "n",
            period: PERIOD,
            generation: 1,
            attemptNo: 1,
            epoch: 2,
            channel: EMAIL,
            provider: "simulated",
            providerKey: "key-1",
            contentDigest: "digest",
            intentAt: START + 2,
            sendBy: START + 2 + SEND_WINDOW_MS,
            copies: 1,
            state: "accepted",
            providerMessageId: "message-1",
            evidence: "answer 250",
            contradiction: null,
          },
        ]);
        expect(end.deadLetters).toEqual([]);
        expect(
          end.history.map(({ transition, from, to, epoch, at: when }) => [transition, from, to, epoch, when]),
        ).toEqual([
          ["T2", "ready", "queued", 1, START],
          ["T3", "queued", "claimed", 2, START + 1],
          ["T6", "claimed", "sending", 2, START + 2],
          ["T8", "sending", "sent", 2, START + 3],
        ]);
      });

      it("answers for a notice that it does not know, or knows in another period", async () => {
        await desk.bring("n");
        const unknown = { verdict: "gone", because: "unknown notice", at: START };
        expect(await desk.ask("route", "nobody")).toEqual(unknown);
        expect(await desk.ask("route", "n", { period: period(202312) })).toEqual(unknown);
        expect(await desk.ask("claim", "nobody")).toEqual({ ...unknown, claimed: null });
        expect(await run(desk.ledger.read(noticeId("nobody"), PERIOD))).toBeNull();
        expect(await run(desk.ledger.read(noticeId("n"), period(202312)))).toBeNull();
      });
    });

    describe("ingest", () => {
      it("takes a notice once, and says whose the bill is", async () => {
        const first = aNotice("n", { billId: "b" });
        await run(desk.ledger.ingest([first]));
        const batch = [first, aNotice("other", { billId: "b" }), aNotice("third")];
        expect(await run(desk.ledger.ingest(batch))).toEqual([
          Result.succeed({ verdict: "already-mine", because: "T1.already-mine", noticeId: "n" }),
          Result.succeed({ verdict: "lost", because: "T1.business-key", noticeId: "n" }),
          Result.succeed({ verdict: "won", because: null, noticeId: "third" }),
        ]);
        expect(await run(desk.ledger.read(noticeId("other"), PERIOD))).toBeNull();
      });

      it("knows a notice id in every period: it stands for one notice for ever", async () => {
        await desk.bring("n");
        const later = aNotice("n", { period: period(202312) });
        expect(await run(desk.ledger.ingest([later]))).toEqual([
          Result.succeed({ verdict: "lost", because: "T1.notice-id", noticeId: "n" }),
        ]);
      });

      it("gives a bill that comes twice in one batch to the first of the two", async () => {
        const twice = [aNotice("z", { billId: "b" }), aNotice("a", { billId: "b" })];
        expect(await run(desk.ledger.ingest(twice))).toEqual([
          Result.succeed({ verdict: "won", because: null, noticeId: "z" }),
          Result.succeed({ verdict: "lost", because: "T1.business-key", noticeId: "z" }),
        ]);
      });

      it("keeps odd texts as they are", async () => {
        const odd = aNotice("n", {
          userId: `a "quoted" \\ {brace}, NULL, 서울 🙂 '`,
          content: { text: `\\ " { } , \u0001 null 서울` },
        });
        await run(desk.ledger.ingest([odd]));
        await desk.ask("route", "n");
        const { claimed } = await desk.ask("claim", "n");
        expect(claimed?.contents).toMatchObject({ userId: odd.userId, content: odd.content });
      });
    });

    describe("a batch", () => {
      const ids = Array.from({ length: 500 }, (_, n) => `n${n}`);

      it("answers each item in its place, whatever the order of the keys", async () => {
        await run(desk.ledger.ingest(ids.slice(0, 20).map((id) => aNotice(id))));
        await desk.ask("route", "n7");
        const mixed = ["n9", "nobody", "n7", "n0", "n12"];
        const answers = await run(
          desk.ledger.apply(
            "route",
            mixed.map((id) => command("route", id)),
          ),
        );
        expect(answers.map((answer) => Result.getOrThrow(answer).verdict)).toEqual([
          "won",
          "gone",
          "lost",
          "won",
          "won",
        ]);
      });

      it("may be empty", async () => {
        expect(await run(desk.ledger.apply("route", []))).toEqual([]);
        expect(await run(desk.ledger.ingest([]))).toEqual([]);
      });

      it("is refused whole where two items name the same notice: which came first could not be said", async () => {
        await desk.bring("n");
        const twice = [command("route", "n"), command("route", "n")];
        const exit = await Effect.runPromiseExit(desk.ledger.apply("route", twice));
        expect(exit).toMatchObject({ cause: { reasons: [{ error: { _tag: "Permanent" } }] } });
        expect((await desk.record("n")).notice.status).toBe("ready");
        const ingest = await Effect.runPromiseExit(desk.ledger.ingest([aNotice("m"), aNotice("m")]));
        expect(ingest).toMatchObject({ cause: { reasons: [{ error: { _tag: "Permanent" } }] } });
      });

      it("of 500 with one bad item goes on without it: that one fails alone", async () => {
        const bad = 233;
        const items = ids.map((id, n) => aNotice(id, n === bad ? { userId: "a\0b" } : {}));
        const answers = await run(desk.ledger.ingest(items));
        expect(answers.map(Result.isSuccess)).toEqual(ids.map((_, n) => n !== bad));
        expect(answers[bad]).toMatchObject({ failure: { _tag: "Permanent" } });
        const good = ids.filter((_, n) => n !== bad);
        const routes = good.map((id, n) =>
          command("route", id, n === 77 ? { runId: runId("run-1"), actor: "a\0b" } : {}),
        );
        const routed = await run(desk.ledger.apply("route", routes));
        expect(routed.map(Result.isSuccess)).toEqual(good.map((_, n) => n !== 77));
        expect((await desk.record(good[77] ?? "")).notice.status).toBe("ready");
        expect((await desk.record(good[78] ?? "")).notice.status).toBe("queued");
      });

      const half = instant(START + 0.5);
      const fractions: readonly (readonly [CommandType, Record<string, unknown>])[] = [
        ["route", { republishInMs: 0.5 }],
        ["hold", { dueAt: half }],
        ["claim", { leaseMs: 1_000.5 }],
        ["claim", { epoch: 1.5 }],
        ["renew", { leaseMs: Infinity }],
        ["lapse", { connectedAt: half }],
        ["release", { dueInMs: 0.1 }],
        ["unpreparable", { next: { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0.5 } }],
        ["begin-send", { sendWindowMs: 0.5 }],
        ["begin-send", { sendWindowMs: NaN }],
        ["step-back", { reopensAt: half }],
        ["overdue", { answerWindowMs: 0.5 }],
        ["replay", { expiresAt: half }],
      ];
      it.each(fractions)("refuses a %s whose numbers are not whole: %j", async (type, more) => {
        await desk.bring("n", "routed", "claimed");
        const before = await desk.record("n");
        // The particulars are of this command.
        const answers = await run(desk.ledger.apply(type, [command(type, "n", more as never)]));
        expect(answers).toMatchObject([{ failure: { _tag: "Permanent" } }]);
        expect(await desk.record("n")).toEqual(before);
      });

      it("refuses a new notice whose times are not whole milliseconds, alone", async () => {
        const items = [aNotice("a", { dueAt: half }), aNotice("b", { expiresAt: half }), aNotice("c")];
        expect(await run(desk.ledger.ingest(items))).toMatchObject([
          { failure: { _tag: "Permanent" } },
          { failure: { _tag: "Permanent" } },
          { success: { verdict: "won" } },
        ]);
        const page = await Effect.runPromiseExit(
          desk.ledger.routePage({ after: null, limit: 9, which: "fresh" }, ({ notice }) =>
            command("hold", notice.noticeId, { dueAt: half }),
          ),
        );
        expect(page).toMatchObject({ cause: { reasons: [{ error: { _tag: "Permanent" } }] } });
      });

      it("takes a gate's interval and a provider's terms with fractions, and without an end", async () => {
        await desk.bring("n", "routed", "claimed");
        const gate = {
          policyVersion: policyVersion(1),
          openFrom: instant(0.5),
          openUntil: Infinity as Instant,
        }; // never closes
        expect(await desk.ask("begin-send", "n", { gate })).toMatchObject({ verdict: "won" });
        await desk.ask("doubt", "n");
        await desk.at(START + 2 * SEND_WINDOW_MS);
        const terms = { class: "A", windowMs: Infinity, deltaMs: 0.5 } as const;
        expect(await desk.ask("resend", "n", { gate, terms })).toMatchObject({ verdict: "won" });
      });

      it("that comes again after a lost answer is recognised, and nothing is written twice", async () => {
        const some = ids.slice(0, 3);
        await run(desk.ledger.ingest(some.map((id) => aNotice(id))));
        const batches: readonly {
          readonly again: string;
          readonly send: () => Promise<readonly string[]>;
        }[] = (
          [
            ["route", "lost"],
            ["claim", "already-mine"],
            ["begin-send", "already-mine"],
            ["accept", "already-mine"],
          ] as const
        ).map(([type, again]) => ({
          again,
          send: async () => {
            const batch = some.map((id) => command(type, id));
            const answers = await run(desk.ledger.apply(type, batch));
            return answers.map((answer) => Result.getOrThrow(answer).verdict);
          },
        }));
        for (const { again, send } of batches) {
          expect(await send()).toEqual(some.map(() => "won"));
          expect(await send()).toEqual(some.map(() => again));
        }
        for (const id of some) {
          const { history, attempts } = await desk.record(id);
          expect(history).toHaveLength(4);
          expect(attempts).toHaveLength(1);
        }
      });

      it("that comes again brings the claim's contents again, because the first answer may be what was lost", async () => {
        await desk.bring("n", "routed");
        const first = await desk.ask("claim", "n");
        await desk.at(START + 5);
        const again = await desk.ask("claim", "n");
        expect(again).toEqual({
          ...first,
          verdict: "already-mine",
          because: "T3.already-mine",
          at: START + 5,
        });
      });
    });

    describe("routing", () => {
      it("T2 continues with the channel and policy that are pinned", async () => {
        const { ask, record } = desk;
        await desk.bring("n", "routed", "claimed");
        await ask("step-back", "n", { reopensAt: instant(START) });
        const other = { channel: SMS, policyVersion: policyVersion(9) };
        expect(await ask("route", "n", { epoch: 3, choice: other })).toMatchObject({ verdict: "won" });
        expect((await record("n")).notice).toMatchObject({
          channel: EMAIL,
          policyVersion: 1,
          attemptNo: 1,
          epoch: 4,
        });
      });

      it.each([
        ["T2.epoch", "lost", {}, { epoch: 7 }],
        ["T2.due", "not-now", { dueAt: instant(START + 1) }, {}],
        ["T2.expired", "not-now", { expiresAt: instant(START) }, {}],
        ["T2.choice", "lost", {}, { choice: null }],
      ] as const)("T2 is refused by %s as %s", async (because, verdict, notice, more) => {
        await run(desk.ledger.ingest([aNotice("n", notice)]));
        expect(await desk.ask("route", "n", more)).toMatchObject({ verdict, because });
        expect((await desk.record("n")).history).toEqual([]);
      });

      it("T2 is refused while the notice is held, the recipient suppressed, or the channel paused", async () => {
        const { ledger, ask } = desk;
        await desk.bring("n");
        await run(ledger.pause(SMS, "a test", "operator"));
        expect(
          (await ask("route", "n", { choice: { channel: SMS, policyVersion: policyVersion(1) } })).because,
        ).toBe("T2.paused");
        await run(ledger.pause("*", "a test", "operator"));
        expect((await ask("route", "n")).because).toBe("T2.paused");
        await run(ledger.suppress("user-of-n", "asked for it", "operator"));
        expect((await ask("route", "n")).because).toBe("T2.suppressed");
        await ask("hold", "n");
        expect((await ask("route", "n")).because).toBe("T2.held");
      });

      it("T2h holds for a reason, puts off, and lifts exactly that reason", async () => {
        const { ask, record, ledger } = desk;
        await desk.bring("n");
        expect(await ask("hold", "n", { reason: "policy", dueAt: instant(START + 9) })).toMatchObject({
          verdict: "won",
          because: "policy",
        });
        expect((await record("n")).notice).toMatchObject({
          holdReason: "policy",
          dueAt: START + 9,
          epoch: 0,
        });
        expect(await run(ledger.held("policy", 10))).toEqual([
          { noticeId: "n", period: PERIOD, status: "ready", channel: null, policyVersion: null },
        ]);
        expect(await ask("unhold", "n", { reason: "paused" })).toMatchObject({
          verdict: "lost",
          because: "T2h.reason",
        });
        expect(await ask("unhold", "n", { reason: "policy" })).toMatchObject({
          verdict: "won",
          because: "policy",
        });
        expect(await ask("unhold", "n", { reason: "policy" })).toMatchObject({ verdict: "already-mine" });
        expect(await run(ledger.held("policy", 10))).toEqual([]);
      });

      it("T2h tells of what is held what it has pinned, so that whoever sweeps sees whether the cause is gone", async () => {
        const { ask, ledger, at } = desk;
        await run(ledger.activatePolicy(policyVersion(7), { of: "seven" }, "operator"));
        await run(ledger.ingest([aNotice("n")]));
        await ask("route", "n", { choice: { channel: SMS, policyVersion: policyVersion(7) } });
        await ask("claim", "n");
        await run(ledger.pause(SMS, "a test", "operator"));
        await ask("step-back", "n");
        expect(await run(ledger.held("paused", 10))).toEqual([
          { noticeId: "n", period: PERIOD, status: "ready", channel: SMS, policyVersion: 7 },
        ]);
        // A pause that comes back while the hold is lifted costs nothing: routing looks again.
        expect(await ask("unhold", "n", { reason: "paused" })).toMatchObject({ verdict: "won" });
        expect(await ask("route", "n", { epoch: 3 })).toMatchObject({
          verdict: "not-now",
          because: "T2.paused",
        });
        await run(ledger.resume(SMS, "operator"));
        await at(START + 1);
        expect(await ask("route", "n", { epoch: 3 })).toMatchObject({ verdict: "won" });
      });

      it("T2x ends a notice whose recipient is on the list, and no other", async () => {
        const { ledger, ask, record } = desk;
        await desk.bring("n");
        expect(await ask("suppress", "n")).toMatchObject({ verdict: "lost", because: "T2x.suppressed" });
        await run(ledger.suppress("user-of-n", "asked for it", "operator"));
        expect(await ask("suppress", "n")).toMatchObject({ verdict: "won" });
        expect((await record("n")).notice).toMatchObject({ status: "suppressed", epoch: 0 });
      });

      it("routes a page: all are decided before any is written, and each has its answer", async () => {
        const { ledger } = desk;
        const notices = ["d", "c", "b", "a"].map((id, n) => aNotice(id, { dueAt: instant(START - n) }));
        await run(ledger.ingest([...notices, aNotice("later", { dueAt: instant(START + 1) })]));
        await run(ledger.suppress("user-of-c", "asked for it", "operator"));
        const seen: RoutingCandidate[] = [];
        const page = await run(
          ledger.routePage({ after: null, limit: 4, which: "fresh" }, (candidate, now) => {
            seen.push(candidate);
            expect(now).toBe(START);
            const id = candidate.notice.noticeId;
            if (id === "a") return null;
            if (id === "b") return command("hold", id);
            return candidate.suppressed ? command("suppress", id) : command("route", id);
          }),
        );
        expect(seen.map(({ notice }) => notice.noticeId)).toEqual(["a", "b", "c", "d"]);
        expect(seen[0]).toMatchObject({
          userId: "user-of-a",
          suppressed: false,
          channels: ["email", "sms"],
          routing: { quiet: [] },
        });
        expect(page.candidates).toEqual(seen);
        expect(page.answers.map((answer) => answer?.verdict)).toEqual([undefined, "won", "won", "won"]);
        expect(page.next).toEqual({ dueAt: START, noticeId: "d" });
        const statuses = await Promise.all(
          ["a", "b", "c", "d"].map(async (id) => (await desk.record(id)).notice.status),
        );
        expect(statuses).toEqual(["ready", "ready", "suppressed", "queued"]);
        expect(
          await run(ledger.routePage({ after: page.next, limit: 4, which: "fresh" }, () => null)),
        ).toEqual({
          candidates: [],
          answers: [],
          next: null,
        });
      });

      it("keeps apart what was never routed and what was: the runs' cap counts admissions", async () => {
        const { ledger, ask } = desk;
        await desk.bring("new");
        await desk.bring("again", "routed", "claimed");
        await ask("step-back", "again");
        await desk.bring("replayed", "routed", "claimed", "sending", "failed");
        await ask("replay", "replayed");
        const page = async (which: "fresh" | "admitted") =>
          (await run(ledger.routePage({ after: null, limit: 9, which }, () => null))).candidates.map(
            ({ notice }) => notice.noticeId,
          );
        expect(await page("fresh")).toEqual(["new"]);
        expect(await page("admitted")).toEqual(["again", "replayed"]);
      });

      it("tells the log again later each time, by the publisher's count", async () => {
        const { ask, record } = desk;
        await desk.bring("n", "routed");
        expect((await record("n")).notice).toMatchObject({ publishes: 0, republishAt: START + 60_000 });
        await ask("published", "n");
        expect((await record("n")).notice).toMatchObject({ publishes: 1, republishAt: START + 120_000 });
        expect(await ask("published", "n", { epoch: 0 })).toMatchObject({
          verdict: "lost",
          because: "TP.epoch",
        });
        expect((await record("n")).history).toHaveLength(1);
      });
    });

    describe("the lease", () => {
      it.each([
        ["T3.epoch", "lost", START, { epoch: 0 }],
        ["T3.expired", "not-now", START + 100 * HOUR, {}],
      ] as const)("T3 is refused by %s as %s", async (because, verdict, now, more) => {
        await desk.bring("n", "routed");
        await desk.at(now);
        expect(await desk.ask("claim", "n", more)).toEqual({ verdict, because, at: now, claimed: null });
      });

      it("T3 of another worker comes too late", async () => {
        await desk.bring("n", "routed", "claimed");
        expect(await desk.ask("claim", "n", { owner: workerId("worker-2") })).toMatchObject({
          verdict: "lost",
          because: "T3.status",
        });
      });

      it("T3r lengthens the lease and leaves no line", async () => {
        await desk.bring("n", "routed", "claimed");
        await desk.at(START + 10);
        expect(await desk.ask("renew", "n")).toMatchObject({ verdict: "won" });
        const { notice, history } = await desk.record("n");
        expect(notice.leaseUntil).toBe(START + 10 + LEASE_MS);
        expect(history).toHaveLength(2);
      });

      it("T4 takes over after the lease, not within one lease of the sweeper's own connection, and holds at the cap", async () => {
        const { ask, at, record } = desk;
        await desk.bring("n", "routed", "claimed");
        expect(await ask("lapse", "n")).toMatchObject({ verdict: "not-now", because: "T4.lease" });
        await at(START + LEASE_MS + 1);
        expect(await ask("lapse", "n", { connectedAt: instant(START + 2) })).toMatchObject({
          verdict: "not-now",
          because: "T4.connected",
        });
        expect(await ask("lapse", "n")).toMatchObject({ verdict: "won", because: null });
        expect((await record("n")).notice).toMatchObject({
          status: "queued",
          epoch: 3,
          lapses: 1,
          owner: null,
          republishAt: START + LEASE_MS + 1,
        });
        expect(await ask("renew", "n")).toMatchObject({ verdict: "lost", because: "T3r.status" });
        await ask("claim", "n", { epoch: 3 });
        await at(START + 3 * LEASE_MS);
        expect(await ask("lapse", "n", { epoch: 4, maxLapses: 2 })).toMatchObject({
          verdict: "won",
          because: "lapses",
        });
        expect((await record("n")).notice).toMatchObject({
          status: "ready",
          holdReason: "lapses",
          lapses: 2,
        });
      });

      it("T5 gives back with a later time, and knows its own repeat", async () => {
        await desk.bring("n", "routed", "claimed");
        expect(await desk.ask("release", "n")).toMatchObject({ verdict: "won" });
        expect(await desk.ask("release", "n")).toMatchObject({ verdict: "already-mine" });
        expect((await desk.record("n")).notice).toMatchObject({
          status: "queued",
          epoch: 3,
          dueAt: START + 5_000,
          republishAt: START + 5_000,
        });
        expect((await desk.ask("claim", "n", { epoch: 3 })).because).toBe("T3.due");
      });

      it("T5f goes to the next channel, never to the same, or fails with a dead letter", async () => {
        const { ask, record } = desk;
        await desk.bring("n", "routed", "claimed");
        const same = { next: { kind: "queue", channel: EMAIL, attemptNo: 2, dueInMs: 0 } } as const;
        expect(await ask("unpreparable", "n", same)).toMatchObject({
          verdict: "lost",
          because: "T5f.other-channel",
        });
        expect(await ask("unpreparable", "n")).toMatchObject({ verdict: "won", because: "no template" });
        expect(await ask("unpreparable", "n")).toMatchObject({ verdict: "already-mine" });
        expect((await record("n")).notice).toMatchObject({
          status: "queued",
          channel: SMS,
          attemptNo: 1,
          republishAt: START + 60_000,
        });
        await ask("claim", "n", { epoch: 3 });
        const fail = { epoch: 4, next: { kind: "fail", because: "the last channel" } } as const;
        expect(await ask("unpreparable", "n", fail)).toMatchObject({ verdict: "won" });
        const { notice, deadLetters } = await record("n");
        expect(notice).toMatchObject({ status: "failed", epoch: 5 });
        expect(deadLetters).toEqual([
          {
            noticeId: "n",
            period: PERIOD,
            epoch: 5,
            kind: "failed",
            generation: 1,
            attemptId: null,
            reason: "no template",
            state: "open",
            openedAt: START,
          },
        ]);
      });
    });

    describe("the right to send", () => {
      it.each([
        ["T6.epoch", "lost", { epoch: 1 }],
        [
          "T6.policy",
          "not-now",
          { gate: { policyVersion: policyVersion(2), openFrom: instant(0), openUntil: instant(1e14) } },
        ],
        [
          "T6.quiet",
          "not-now",
          {
            gate: { policyVersion: policyVersion(1), openFrom: instant(START + 1), openUntil: instant(1e14) },
          },
        ],
        [
          "T6.quiet",
          "not-now",
          {
            gate: {
              policyVersion: policyVersion(1),
              openFrom: instant(0),
              openUntil: instant(START + SEND_WINDOW_MS),
            },
          },
        ],
        ["T6.expires", "not-now", { sendWindowMs: 100 * HOUR }],
      ] as const)("is refused by %s as %s", async (because, verdict, more) => {
        await desk.bring("n", "routed", "claimed");
        expect(await desk.ask("begin-send", "n", more)).toMatchObject({ verdict, because });
        const { notice, attempts } = await desk.record("n");
        expect(notice.status).toBe("claimed");
        expect(attempts).toEqual([]);
      });

      it("is refused while paused, by channel or altogether, and for a suppressed recipient", async () => {
        const { ledger, ask } = desk;
        await desk.bring("n", "routed", "claimed");
        for (const scope of [EMAIL, "*"] as const) {
          await run(ledger.pause(scope, "a test", "operator"));
          expect((await ask("begin-send", "n")).because).toBe("T6.paused");
          await run(ledger.resume(scope, "operator"));
        }
        await run(ledger.pause(SMS, "a test", "operator"));
        await run(ledger.suppress("user-of-n", "asked for it", "operator"));
        expect((await ask("begin-send", "n")).because).toBe("T6.suppressed");
        await run(ledger.unsuppress("user-of-n", "operator"));
        expect(await ask("begin-send", "n")).toMatchObject({ verdict: "won" });
      });

      it("is shut by a policy that was activated since the gate was computed, and where there is none", async () => {
        const { ledger, ask } = desk;
        await desk.bring("n", "routed", "claimed");
        await run(ledger.activatePolicy(policyVersion(2), {}, "operator"));
        expect((await ask("begin-send", "n")).because).toBe("T6.policy");
        await world.reset();
        await desk.bring("n", "routed", "claimed");
        expect((await ask("begin-send", "n")).because).toBe("T6.policy");
      });

      it("is there once: another attempt finds the notice sending, an old id is not taken again", async () => {
        const { ask } = desk;
        await desk.bring("n", ...SENDING);
        expect(await ask("begin-send", "n", { attemptId: attemptId("attempt-2") })).toMatchObject({
          verdict: "lost",
          because: "T6.status",
        });
        const next = { kind: "queue", channel: EMAIL, attemptNo: 2, dueInMs: 0 } as const;
        await ask("definite-no", "n", { next });
        await ask("claim", "n", { epoch: 3 });
        expect(await ask("begin-send", "n", { epoch: 4 })).toMatchObject({
          verdict: "lost",
          because: "T6.new-attempt",
        });
      });

      it("is recognised as one's own only while its copy may still leave", async () => {
        await desk.bring("n", ...SENDING);
        await desk.at(START + SEND_WINDOW_MS - 1);
        expect((await desk.ask("begin-send", "n")).verdict).toBe("already-mine");
        await desk.at(START + SEND_WINDOW_MS);
        expect((await desk.ask("begin-send", "n")).verdict).toBe("lost");
      });

      it("T6n says where a notice goes whose gate was shut", async () => {
        const { ledger, ask, record } = desk;
        await desk.bring("later", "routed", "claimed");
        await ask("step-back", "later", { reopensAt: instant(START + HOUR) });
        expect((await record("later")).notice).toMatchObject({
          status: "ready",
          dueAt: START + HOUR,
          channel: EMAIL,
          attemptNo: 1,
          epoch: 3,
        });
        await desk.bring("paused", "routed", "claimed");
        await run(ledger.pause(EMAIL, "a test", "operator"));
        await ask("step-back", "paused", { reopensAt: instant(START + HOUR) });
        expect((await record("paused")).notice).toMatchObject({
          status: "ready",
          holdReason: "paused",
          dueAt: START,
        });
        await run(ledger.resume(EMAIL, "operator"));
        await desk.bring("listed", "routed", "claimed");
        await run(ledger.suppress("user-of-listed", "asked for it", "operator"));
        await ask("step-back", "listed");
        expect((await record("listed")).notice.status).toBe("suppressed");
        await desk.bring("late", "routed", "claimed");
        await ask("step-back", "late", { sendWindowMs: 100 * HOUR });
        expect((await record("late")).notice.status).toBe("expired");
      });
    });

    describe("the outcome", () => {
      it("T9 closes the attempt and goes on, knows its own repeat, and is the holder's alone", async () => {
        const { ask, record } = desk;
        await desk.bring("n", ...SENDING);
        expect(await ask("definite-no", "n", { owner: workerId("worker-2") })).toMatchObject({
          because: "T9.owner",
        });
        expect(await ask("definite-no", "n", { attemptId: attemptId("x") })).toMatchObject({
          because: "T9.attempt",
        });
        const next = { kind: "queue", channel: EMAIL, attemptNo: 2, dueInMs: 7_000 } as const;
        expect(await ask("definite-no", "n", { next })).toMatchObject({
          verdict: "won",
          because: "mailbox unknown",
        });
        expect(await ask("definite-no", "n", { next })).toMatchObject({ verdict: "already-mine" });
        const { notice, attempts, deadLetters } = await record("n");
        expect(notice).toMatchObject({
          status: "queued",
          epoch: 3,
          attemptNo: 2,
          dueAt: START + 7_000,
          republishAt: START + 7_000,
          owner: null,
        });
        expect(attempts).toMatchObject([{ state: "rejected", evidence: "mailbox unknown" }]);
        expect(deadLetters).toEqual([]);
      });

      it("T9 fails with a dead letter where nothing is left, and honours a cancel", async () => {
        const { ask, record } = desk;
        await desk.bring("n", ...SENDING, "failed");
        expect((await record("n")).deadLetters).toMatchObject([
          { kind: "failed", epoch: 3, attemptId: "attempt-1", reason: "mailbox unknown", state: "open" },
        ]);
        await desk.bring("unwanted", ...SENDING);
        expect(await ask("cancel", "unwanted")).toMatchObject({ verdict: "won" });
        expect((await record("unwanted")).notice).toMatchObject({
          status: "sending",
          cancelRequested: true,
          epoch: 2,
        });
        expect(await ask("cancel", "unwanted")).toMatchObject({ verdict: "already-mine" });
        await ask("definite-no", "unwanted");
        const { notice, deadLetters } = await record("unwanted");
        expect(notice.status).toBe("cancelled");
        expect(deadLetters).toEqual([]);
      });

      it("T10 and T11 enter doubt once, with one dead letter, which T8 closes", async () => {
        const { ask, at, record } = desk;
        await desk.bring("n", ...SENDING, "in_doubt");
        expect(await ask("doubt", "n")).toMatchObject({ verdict: "already-mine" });
        expect((await record("n")).deadLetters).toMatchObject([
          {
            kind: "doubt",
            epoch: 2,
            attemptId: "attempt-1",
            reason: "the answer did not come",
            state: "open",
          },
        ]);
        expect(await ask("accept", "n")).toMatchObject({ verdict: "won" });
        expect(await record("n")).toMatchObject({
          notice: { status: "sent" },
          deadLetters: [{ state: "resolved" }],
        });
        await desk.bring("silent", ...SENDING);
        await at(START + SEND_WINDOW_MS + 20_000);
        expect(await ask("overdue", "silent")).toMatchObject({ verdict: "not-now", because: "T11.window" });
        await at(START + SEND_WINDOW_MS + 20_001);
        expect(await ask("overdue", "silent")).toMatchObject({
          verdict: "won",
          because: "no answer within the answer window",
        });
        expect(await ask("overdue", "silent")).toMatchObject({ verdict: "lost", because: "T11.status" });
        expect(await record("silent")).toMatchObject({
          notice: { status: "in_doubt", owner: WORKER },
          attempts: [{ state: "in_doubt" }],
          deadLetters: [{ kind: "doubt", attemptId: "attempt-1" }],
        });
      });

      it("T8 of an attempt that was closed as refused is a contradiction, which stops the notice", async () => {
        const { ask, record } = desk;
        await desk.bring("n", ...SENDING);
        await ask("definite-no", "n", { next: { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 } });
        expect(await ask("accept", "n")).toMatchObject({ verdict: "won", because: "contradiction" });
        expect(await ask("accept", "n")).toMatchObject({ verdict: "already-mine" });
        expect(await record("n")).toMatchObject({
          notice: { status: "queued", holdReason: "contradiction", epoch: 3 },
          attempts: [
            { state: "rejected", contradiction: "message-1: answer 250", providerMessageId: "message-1" },
          ],
        });
        expect(await ask("claim", "n", { epoch: 3 })).toMatchObject({
          verdict: "not-now",
          because: "T3.contradiction",
        });
        expect(await ask("accept", "n", { attemptId: attemptId("x") })).toMatchObject({
          verdict: "lost",
          because: "T8.attempt",
        });
      });

      it("T8 of an accepted attempt under another id is a second message, which is written down", async () => {
        const { ask, record } = desk;
        await desk.bring("n", ...SENDING);
        expect(await ask("accept", "n")).toMatchObject({ verdict: "won", because: null });
        expect(await ask("accept", "n")).toMatchObject({ verdict: "already-mine" });
        expect(await ask("accept", "n", { providerMessageId: "message-2" })).toMatchObject({
          verdict: "won",
          because: "contradiction",
        });
        expect(await record("n")).toMatchObject({
          notice: { status: "sent", holdReason: "contradiction" },
          attempts: [
            { state: "accepted", contradiction: "message-2: answer 250", providerMessageId: "message-1" },
          ],
        });
      });

      it("T11r permits one copy more, after the one before can no longer be accepted", async () => {
        const { ask, at, record } = desk;
        await desk.bring("n", ...SENDING, "in_doubt");
        expect(await ask("resend", "n")).toMatchObject({ verdict: "not-now", because: "T11r.spaced" });
        await at(START + SEND_WINDOW_MS + 1_001);
        expect(await ask("resend", "n", { contentDigest: "other" })).toMatchObject({
          because: "T11r.digest",
        });
        expect(await ask("resend", "n", { terms: { class: "C", deltaMs: 1 } })).toMatchObject({
          because: "T11r.class",
        });
        expect(await ask("resend", "n", { terms: { ...CLASS_A, deltaMs: "never" } })).toMatchObject({
          because: "T11r.spaced",
        });
        expect(await ask("resend", "n")).toMatchObject({ verdict: "won" });
        expect(await ask("resend", "n")).toMatchObject({ verdict: "lost", because: "T11r.copies" });
        expect((await record("n")).attempts).toMatchObject([
          { copies: 2, sendBy: START + 2 * SEND_WINDOW_MS + 1_001, state: "in_doubt" },
        ]);
        await at(START + 24 * HOUR);
        expect(await ask("resend", "n", { copies: 2 })).toMatchObject({
          verdict: "lost",
          because: "T11r.window",
        });
      });

      it("T11r passes the same gate as the first copy", async () => {
        const { ledger, ask, at } = desk;
        await desk.bring("n", ...SENDING);
        await ask("definite-no", "n", { next: { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 } });
        await ask("claim", "n", { epoch: 3 });
        const second = { attemptId: attemptId("attempt-2") };
        await ask("begin-send", "n", { epoch: 4, ...second });
        await ask("doubt", "n", second);
        await at(START + SEND_WINDOW_MS + 1_001);
        await run(ledger.pause(SMS, "a test", "operator"));
        expect((await ask("resend", "n", second)).because).toBe("T11r.paused");
        await run(ledger.suppress("user-of-n", "asked for it", "operator"));
        expect((await ask("resend", "n", second)).because).toBe("T11r.suppressed");
        await run(ledger.unsuppress("user-of-n", "operator"));
        await run(ledger.resume(SMS, "operator"));
        const { gate } = command("resend", "n");
        const shut = { ...gate, openUntil: instant(START) };
        expect((await ask("resend", "n", { ...second, gate: shut })).because).toBe("T11r.quiet");
        const old = { ...gate, policyVersion: policyVersion(9) };
        expect((await ask("resend", "n", { ...second, gate: old })).because).toBe("T11r.policy");
        const long = { class: "A", windowMs: 1_000 * HOUR, deltaMs: 0 } as const;
        expect((await ask("resend", "n", { ...second, sendWindowMs: 101 * HOUR, terms: long })).because).toBe(
          "T11r.expires",
        );
        await ask("accept", "n");
        expect(await ask("resend", "n", second)).toMatchObject({
          verdict: "not-now",
          because: "T11r.contradiction",
        });
      });

      it("T12 resolves by evidence about the copies there are, and closes the doubt", async () => {
        const { ask, at, record } = desk;
        await desk.bring("n", ...SENDING, "in_doubt");
        const by = (evidence: CommandOf<"resolve">["evidence"], more: Partial<CommandOf<"resolve">> = {}) =>
          ask("resolve", "n", { evidence, ...more });
        const words = "seen in the provider's log";
        expect((await by({ by: "rejection", copies: 2, words })).because).toBe("T12.copies");
        expect((await by({ by: "owner", owner: workerId("worker-2"), copies: 1, words })).because).toBe(
          "T12.owner",
        );
        const classC = { class: "C", deltaMs: 1_000 } as const;
        expect((await by({ by: "rejection", copies: 1, words }, { terms: classC })).because).toBe(
          "T12.class",
        );
        const classB = { class: "B", findableMs: HOUR, deltaMs: 1_000 } as const;
        const askedAt = instant(START + SEND_WINDOW_MS + 1_000);
        const lookUp = { by: "look-up", copies: 1, words } as const;
        expect((await by({ ...lookUp, askedAt }, { terms: { ...classB, deltaMs: "never" } })).because).toBe(
          "T12.delta",
        );
        expect((await by({ ...lookUp, askedAt }, { terms: classB })).because).toBe("T12.asked-late");
        expect(await by({ by: "operator", copies: 1, words })).toMatchObject({
          verdict: "not-now",
          because: "T12.operator",
        });
        const found = { ...lookUp, askedAt: instant(askedAt + 1) };
        await at(START + HOUR);
        expect((await by(found, { terms: classB })).because).toBe("T12.asked-early");
        await at(START + HOUR - 1);
        const next = { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 } as const;
        expect(await by(found, { terms: classB, next })).toMatchObject({
          verdict: "won",
          because: `look-up: ${words}`,
        });
        expect(await by(found, { terms: classB, next })).toMatchObject({ verdict: "already-mine" });
        expect(await record("n")).toMatchObject({
          notice: { status: "queued", channel: SMS, epoch: 3 },
          attempts: [{ state: "rejected", evidence: words }],
          deadLetters: [{ kind: "doubt", state: "resolved" }],
        });
      });

      it("T13 begins the next generation of what failed, whose end closes the letter", async () => {
        const { ask, record } = desk;
        await desk.bring("n", ...SENDING, "failed");
        expect(await ask("replay", "n", { generation: 2 })).toMatchObject({
          verdict: "lost",
          because: "T13.generation",
        });
        expect(await ask("replay", "n")).toMatchObject({ verdict: "won" });
        expect(await ask("replay", "n")).toMatchObject({ verdict: "lost", because: "T13.status" });
        expect(await record("n")).toMatchObject({
          notice: {
            status: "ready",
            generation: 2,
            attemptNo: 0,
            channel: null,
            policyVersion: null,
            epoch: 4,
          },
          deadLetters: [{ state: "replaying" }],
        });
        const again = attemptId("attempt-2");
        expect(await ask("route", "n", { epoch: 4 })).toMatchObject({ verdict: "won" });
        expect(await ask("claim", "n", { epoch: 5 })).toMatchObject({ verdict: "won" });
        expect(await ask("begin-send", "n", { epoch: 6, attemptId: again })).toMatchObject({
          verdict: "won",
        });
        expect(await ask("accept", "n", { attemptId: again })).toMatchObject({ verdict: "won" });
        expect(await record("n")).toMatchObject({
          notice: { status: "sent" },
          attempts: [{ generation: 1 }, { generation: 2, state: "accepted" }],
          deadLetters: [{ kind: "failed", state: "resolved" }],
        });
      });

      it("T13 is refused past the end, and takes a new one", async () => {
        const { ask, at, record } = desk;
        await desk.bring("n", ...SENDING, "failed");
        await at(START + 100 * HOUR);
        expect(await ask("replay", "n")).toMatchObject({ verdict: "not-now", because: "T13.expired" });
        expect(await ask("replay", "n", { expiresAt: instant(START + 200 * HOUR) })).toMatchObject({
          verdict: "won",
        });
        expect((await record("n")).notice.expiresAt).toBe(START + 200 * HOUR);
      });

      it("T14 and T16 end what holds no right to send", async () => {
        const { ask, at, record } = desk;
        await desk.bring("unwanted", "routed", "claimed");
        expect(await ask("cancel", "unwanted")).toMatchObject({
          verdict: "won",
          because: "the customer has paid",
        });
        expect(await ask("cancel", "unwanted")).toMatchObject({ verdict: "already-mine" });
        expect((await record("unwanted")).notice).toMatchObject({
          status: "cancelled",
          epoch: 3,
          owner: null,
        });
        await desk.bring("old", "routed");
        expect(await ask("expire", "old")).toMatchObject({ verdict: "not-now", because: "T16.expired" });
        await at(START + 100 * HOUR);
        expect(await ask("expire", "old")).toMatchObject({ verdict: "won" });
        expect(await ask("expire", "old")).toMatchObject({ verdict: "gone", because: "T16.status" });
        expect((await record("old")).notice).toMatchObject({
          status: "expired",
          epoch: 2,
          republishAt: null,
        });
      });
    });

    describe("what is due", () => {
      const due = async (kind: Parameters<NoticeLedger["due"]>[0], limit = 9) =>
        (await run(desk.ledger.due(kind, limit))).map(({ noticeId: id }) => id);

      it("is found by time, each kind for itself", async () => {
        const { at } = desk;
        await desk.bring("ready");
        await desk.bring("queued", "routed");
        await desk.bring("claimed", "routed", "claimed");
        await desk.bring("sending", ...SENDING);
        await desk.bring("doubtful", ...SENDING, "in_doubt");
        await desk.bring("sent", ...SENDING, "sent");
        expect(await due("republish")).toEqual([]);
        expect(await due("lapse")).toEqual([]);
        expect(await due("overdue")).toEqual([]);
        expect(await due("doubt")).toEqual(["doubtful"]);
        await at(START + LEASE_MS - 1);
        expect(await due("lapse")).toEqual([]);
        await at(START + LEASE_MS);
        expect(await due("overdue")).toEqual(["sending"]);
        expect(await due("lapse")).toEqual(["claimed"]);
        expect(await due("republish")).toEqual([]);
        await at(START + 60_000);
        expect(await due("republish")).toEqual(["queued"]);
        expect(await due("expire")).toEqual([]);
        await at(START + 100 * HOUR);
        expect((await due("expire")).sort()).toEqual(["claimed", "queued", "ready"]);
      });

      it("does not tell of a lease that was renewed, nor of a log that was told", async () => {
        const { ask, at } = desk;
        await desk.bring("held", "routed", "claimed");
        await desk.bring("told", "routed");
        await at(START + 29_000);
        await ask("renew", "held");
        await ask("published", "told");
        await at(START + 58_000);
        expect(await due("lapse")).toEqual([]);
        await at(START + 59_000);
        expect(await due("lapse")).toEqual(["held"]);
        await at(START + 60_000);
        expect(await due("republish")).toEqual([]);
        await at(START + 149_000);
        expect(await due("republish")).toEqual(["told"]);
      });

      it("comes in pages, so that what cannot be helped yet hides nobody", async () => {
        const ids = ["a", "b", "c", "d", "e"];
        for (const id of ids) await desk.bring(id, "routed");
        await desk.at(START + 60_000);
        const first = await run(desk.ledger.due("republish", 2));
        expect(first).toHaveLength(2);
        expect(first[0]).toMatchObject({ period: PERIOD, epoch: 1, status: "queued", channel: EMAIL });
        const second = await run(desk.ledger.due("republish", 9, first[1]));
        expect([...first, ...second].map(({ noticeId: id }) => id)).toEqual(ids);
      });
    });

    describe("the gates and the rest", () => {
      it("keeps pauses, policies and poison, and does the same twice as once", async () => {
        const { ledger } = desk;
        for (const scope of [SMS, "*", SMS] as const) await run(ledger.pause(scope, "a test", "operator"));
        expect(await run(ledger.pauses)).toEqual(["*", "sms"]);
        await run(ledger.resume("*", "operator"));
        await run(ledger.resume("*", "operator"));
        expect(await run(ledger.pauses)).toEqual(["sms"]);
        expect(await run(ledger.policy("active"))).toEqual({ version: 1, policy: { of: "tests" } });
        await run(ledger.activatePolicy(policyVersion(2), { of: "two" }, "operator"));
        expect(await run(ledger.policy("active"))).toEqual({ version: 2, policy: { of: "two" } });
        expect(await run(ledger.policy(policyVersion(1)))).toEqual({ version: 1, policy: { of: "tests" } });
        expect(await run(ledger.policy(policyVersion(3)))).toBeNull();
        await run(ledger.activatePolicy(policyVersion(1), { of: "tests" }, "operator"));
        expect(await run(ledger.policy("active"))).toMatchObject({ version: 1 });
        await run(ledger.activatePolicy(policyVersion(4), { of: "four" }, "a start", "none-is-active"));
        expect(await run(ledger.policy("active"))).toMatchObject({ version: 1 });
        expect(await run(ledger.policy(policyVersion(4)))).toBeNull();
        const other = await Effect.runPromiseExit(ledger.activatePolicy(policyVersion(2), {}, "operator"));
        expect(other).toMatchObject({ cause: { reasons: [{ error: { _tag: "Permanent" } }] } });
        const record = {
          topic: "requests",
          partition: 0,
          offset: "17",
          reason: "no JSON",
          stage: "consume-requests",
          attempts: 1,
          payload: Buffer.from([0, 255]),
          digest: { sha256: "00ff", bytes: 2 },
        };
        await run(ledger.poison([record, { ...record, offset: "18" }]));
        await run(ledger.poison([record]));
      });
    });
  });
};
