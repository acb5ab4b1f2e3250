/**
 * What every keeper of dead letters promises, as one suite: run unchanged over memory and over Postgres.
 */
import { Effect } from "effect";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { attemptId, noticeId, policyVersion, runId } from "../../src/domain/ids.ts";
import {
  RETOLD_AFTER_MS,
  type Letter,
  type LetterName,
  type Letters,
} from "../../src/domain/ports/letters.ts";
import { aNotice, EMAIL, HOUR, PERIOD, SMS, START } from "./notice-ledger-commands.ts";
import { deskOf, type Desk, type LedgerUnderTest } from "./notice-ledger-contract.ts";
import { sendingStock, type SendingStock } from "./sending-stock.ts";

export interface LettersUnderTest extends LedgerUnderTest {
  readonly letters: Letters;
}

const run = Effect.runPromise;

const SENDING = ["routed", "claimed", "sending"] as const;
const RESEND = { afterMs: HOUR, maxGenerations: 3 };

const said = (letters: readonly Letter[]): readonly string[] =>
  letters.map(({ noticeId: id, kind, epoch }) => `${id} ${kind} ${epoch}`);

export const describeLettersContract = (name: string, makeLetters: () => Promise<LettersUnderTest>): void => {
  describe(`the dead letters in ${name}`, () => {
    let world: LettersUnderTest;
    let letters: Letters;
    let desk: Desk;
    let stock: SendingStock;
    beforeAll(async () => {
      world = await makeLetters();
      letters = world.letters;
      desk = deskOf(world);
      stock = sendingStock(world);
    });
    afterAll(() => world.close());
    const anew = async (): Promise<void> => {
      await world.reset();
      stock.forget();
      await run(world.ledger.activatePolicy(policyVersion(1), {}, "operator"));
    };
    beforeEach(anew);

    const failed = async (id: string): Promise<LetterName> => {
      await desk.bring(id, ...SENDING, "failed");
      return { noticeId: noticeId(id), period: PERIOD, kind: "failed", epoch: 3 };
    };

    it("are told once each: taken, written down by whoever took them, and marked", async () => {
      await run(world.ledger.ingest([aNotice("n")]));
      await desk.ask("route", "n", { runId: runId("run-1") });
      await desk.ask("claim", "n");
      await desk.at(START + 1);
      await desk.ask("begin-send", "n");
      await desk.at(START + 2);
      await desk.ask("definite-no", "n", { next: { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 } });
      await desk.ask("claim", "n", { epoch: 3 });
      await desk.at(START + 3);
      await desk.ask("begin-send", "n", { epoch: 4, attemptId: attemptId("attempt-2") });
      await desk.at(START + 4);
      await desk.ask("definite-no", "n", {
        attemptId: attemptId("attempt-2"),
        reason: "call-provider: no such number",
      });
      const taken = await run(letters.untold(10));
      expect(taken).toEqual([
        {
          noticeId: "n",
          period: PERIOD,
          kind: "failed",
          epoch: 5,
          generation: 1,
          attemptId: "attempt-2",
          reason: "call-provider: no such number",
          state: "open",
          openedAt: START + 4,
          channel: SMS,
          runId: "run-1",
          stage: "call-provider",
          attempts: 2,
          firstTriedAt: START + 1,
          lastTriedAt: START + 3,
        },
      ]);
      expect(await run(letters.untold(10))).toEqual([]);
      await run(letters.told(taken));
      await run(letters.told(taken));
      await desk.at(START + HOUR);
      expect(await run(letters.untold(10))).toEqual([]);
    });

    it("are told again where the relay has not marked them in time: it may have died before the line", async () => {
      await failed("a");
      await failed("b");
      expect(said(await run(letters.untold(1)))).toEqual(["a failed 3"]);
      const [second] = await run(letters.untold(9));
      await run(letters.told(second === undefined ? [] : [second]));
      await desk.at(START + RETOLD_AFTER_MS - 1);
      expect(await run(letters.untold(9))).toEqual([]);
      await desk.at(START + RETOLD_AFTER_MS);
      expect(said(await run(letters.untold(9)))).toEqual(["a failed 3"]);
    });

    it("are counted as untold until they are marked, also while a relay has them in hand", async () => {
      expect(await run(letters.untoldCount)).toBe(0);
      await failed("a");
      await failed("b");
      expect(await run(letters.untoldCount)).toBe(2);
      const [first] = await run(letters.untold(9));
      expect(await run(letters.untoldCount)).toBe(2);
      await run(letters.told(first === undefined ? [] : [first]));
      expect(await run(letters.untoldCount)).toBe(1);
    });

    it("are owed for each entry into doubt and failure, one each, also for one that a failure came after", async () => {
      await desk.bring("n", ...SENDING, "in_doubt");
      await desk.at(START + 20_000);
      await desk.ask("resolve", "n");
      await desk.ask("replay", "n");
      expect(await run(letters.untold(9))).toMatchObject([
        { kind: "doubt", epoch: 2, state: "resolved", channel: EMAIL, attempts: 1, stage: null },
        { kind: "failed", epoch: 3, state: "replaying", channel: EMAIL, attempts: 1 },
      ]);
    });

    it("show a failure before any attempt as what it is", async () => {
      await desk.bring("n", "routed", "claimed");
      await desk.ask("unpreparable", "n", {
        next: { kind: "fail", because: "the last channel" },
        reason: "render-notice: the template lacks a variable",
      });
      expect(await run(letters.untold(9))).toMatchObject([
        {
          attemptId: null,
          channel: EMAIL,
          stage: "render-notice",
          attempts: 0,
          firstTriedAt: null,
          lastTriedAt: null,
        },
      ]);
    });

    it("are due for the policy's resend when they are old enough, of an early generation, and T13 would take them", async () => {
      for (const id of ["a", "b", "c"]) await failed(id);
      await desk.bring("doubtful", ...SENDING, "in_doubt");
      await failed("contradicted");
      await desk.ask("accept", "contradicted");
      await failed("replayed");
      await desk.ask("replay", "replayed");
      await desk.at(START + HOUR - 1);
      expect(await run(letters.dueForResend(RESEND, 9))).toEqual([]);
      await desk.at(START + HOUR);
      const first = await run(letters.dueForResend(RESEND, 2));
      expect(said(first)).toEqual(["a failed 3", "b failed 3"]);
      expect(said(await run(letters.dueForResend(RESEND, 9, first[1])))).toEqual(["c failed 3"]);
      expect(await run(letters.dueForResend({ ...RESEND, maxGenerations: 1 }, 9))).toEqual([]);
      expect(await desk.ask("replay", "a", { generation: first[0]?.generation ?? 0 })).toMatchObject({
        verdict: "won",
      });
      expect(said(await run(letters.dueForResend(RESEND, 9)))).toEqual(["b failed 3", "c failed 3"]);
      await desk.at(START + 100 * HOUR);
      expect(await run(letters.dueForResend(RESEND, 9))).toEqual([]);
    });

    describe("discarding", () => {
      it("gives a failure up: nothing replays it any more", async () => {
        const name = await failed("n");
        expect(await run(letters.discard([name], "operator:kim", "the member has left"))).toEqual([
          { verdict: "won", because: null },
        ]);
        expect((await desk.record("n")).deadLetters).toMatchObject([{ state: "discarded" }]);
        expect(await desk.ask("replay", "n")).toMatchObject({ because: "T13.dead-letter" });
        await desk.at(START + HOUR);
        expect(await run(letters.dueForResend(RESEND, 9))).toEqual([]);
        expect(await run(letters.discard([name], "operator:kim", "again"))).toEqual([
          { verdict: "already-mine", because: "letter.already-mine" },
        ]);
      });

      it("answers each letter in its place, and never takes a doubt, nor what is not open", async () => {
        const good = await failed("good");
        const replayed = await failed("replayed");
        await desk.ask("replay", "replayed");
        await desk.bring("doubtful", ...SENDING, "in_doubt");
        const doubt: LetterName = { noticeId: noticeId("doubtful"), period: PERIOD, kind: "doubt", epoch: 2 };
        const unknown = { ...good, noticeId: noticeId("nobody") };
        expect(await run(letters.discard([doubt, replayed, good, unknown], "operator", "a test"))).toEqual([
          { verdict: "lost", because: "letter.kind" },
          { verdict: "lost", because: "letter.state" },
          { verdict: "won", because: null },
          { verdict: "gone", because: "unknown letter" },
        ]);
        expect(await run(letters.discard([{ ...good, epoch: 4 }], "operator", "a test"))).toMatchObject([
          { verdict: "gone" },
        ]);
        expect((await desk.record("doubtful")).deadLetters).toMatchObject([{ state: "open" }]);
        expect(await run(letters.discard([], "operator", "a test"))).toEqual([]);
      });

      it("is refused whole where two letters of one batch are of the same notice", async () => {
        const name = await failed("n");
        const exit = await Effect.runPromiseExit(
          letters.discard([name, { ...name, kind: "doubt" }], "x", "y"),
        );
        expect(exit).toMatchObject({
          cause: { reasons: [{ error: { _tag: "Permanent", code: "same-notice-twice" } }] },
        });
      });
    });

    it("never lose a line: every entry is taken until it is marked, whatever relays die in between", async () => {
      let round = 0;
      const aStep = fc.constantFrom("fail", "fail", "doubt", "take", "take", "take and die", "wait");
      await fc.assert(
        fc.asyncProperty(fc.array(aStep, { maxLength: 12 }), async (steps) => {
          // What earlier rounds have left is told already; now and then it is cleared away.
          if (round++ % 20 === 0) await anew();
          let now = START;
          await desk.at(now);
          const ids = await stock.take(steps.filter((step) => step === "fail" || step === "doubt").length);
          const owed = new Set<string>();
          const relay = async (marks: boolean): Promise<readonly Letter[]> => {
            const taken = await run(letters.untold(3));
            if (marks) await run(letters.told(taken));
            return taken;
          };
          const lines: string[] = [];
          for (const step of steps) {
            switch (step) {
              case "fail":
              case "doubt": {
                const id = ids.shift() ?? "";
                await desk.ask(step === "fail" ? "definite-no" : "doubt", id);
                owed.add(`${id} ${step === "fail" ? "failed 3" : "doubt 2"}`);
                break;
              }
              case "take":
                lines.push(...said(await relay(true)));
                break;
              case "take and die":
                await relay(false);
                break;
              case "wait":
                now += RETOLD_AFTER_MS;
                await desk.at(now);
            }
          }
          await desk.at(now + RETOLD_AFTER_MS);
          for (let taken = await relay(true); taken.length > 0; taken = await relay(true))
            lines.push(...said(taken));
          expect([...lines].sort()).toEqual([...owed].sort());
        }),
        { numRuns: 1_000 },
      );
    }, 240_000);
  });
};
