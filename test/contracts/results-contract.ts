/**
 * What every keeper of results promises, as one suite: run unchanged over memory and over Postgres.
 */
import { Effect } from "effect";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { attemptId, policyVersion, runId } from "../../src/domain/ids.ts";
import { RETOLD_AFTER_MS } from "../../src/domain/ports/letters.ts";
import type { Results, UntoldResult } from "../../src/domain/ports/results.ts";
import { readResult, type ResultRecord, writeResult } from "../../src/domain/records/result-record.ts";
import { aNotice, command, EMAIL, HOUR, PERIOD, SMS, START } from "./notice-ledger-commands.ts";
import { deskOf, type Desk, type LedgerUnderTest } from "./notice-ledger-contract.ts";
import { sendingStock, type SendingStock } from "./sending-stock.ts";

export interface ResultsUnderTest extends LedgerUnderTest {
  readonly results: Results;
}

const run = Effect.runPromise;

const SENDING = ["routed", "claimed", "sending"] as const;

const said = (results: readonly ResultRecord[]): readonly string[] =>
  results.map(({ noticeId: id, generation, status }) => `${id} ${generation} ${status}`);

export const describeResultsContract = (name: string, makeResults: () => Promise<ResultsUnderTest>): void => {
  describe(`the results in ${name}`, () => {
    let world: ResultsUnderTest;
    let results: Results;
    let desk: Desk;
    let stock: SendingStock;
    beforeAll(async () => {
      world = await makeResults();
      results = world.results;
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

    it("tell of each final outcome once: taken, told by whoever took it, and marked", async () => {
      await run(world.ledger.ingest([aNotice("n")]));
      await desk.ask("route", "n", { runId: runId("run-1") });
      await desk.ask("claim", "n");
      await desk.ask("begin-send", "n");
      await desk.ask("definite-no", "n", { next: { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 } });
      await desk.ask("claim", "n", { epoch: 3 });
      await desk.ask("begin-send", "n", {
        ...{ epoch: 4, attemptId: attemptId("attempt-2"), provider: "sms-gateway" },
      });
      expect(await run(results.untold(10))).toEqual([]);
      await desk.at(START + 4);
      await desk.ask("accept", "n", { attemptId: attemptId("attempt-2"), providerMessageId: "m-9f3c" });
      const taken = await run(results.untold(10));
      expect(taken).toEqual([
        {
          noticeId: "n",
          period: PERIOD,
          generation: 1,
          epoch: 4,
          status: "sent",
          reason: null,
          channel: SMS,
          attempts: 2,
          billId: "bill-of-n",
          memberId: "user-of-n",
          policyVersion: 1,
          runId: "run-1",
          provider: "sms-gateway",
          providerMessageId: "m-9f3c",
          endedAt: START + 4,
          traceparent: null,
          mark: expect.any(String) as string, // a keeper's own
        },
      ]);
      expect(await run(results.untold(10))).toEqual([]);
      await run(results.told(taken));
      await run(results.told(taken));
      await desk.at(START + HOUR);
      expect(await run(results.untold(10))).toEqual([]);
    });

    it("tell of every way to end, and of nothing that goes on", async () => {
      for (const id of ["waiting", "cancelled", "expired", "suppressed"]) await desk.bring(id);
      await desk.bring("queued", "routed");
      await desk.bring("claimed", "routed", "claimed");
      await desk.bring("unpreparable", "routed", "claimed");
      await desk.bring("sending", ...SENDING);
      await desk.bring("doubtful", ...SENDING, "in_doubt");
      await desk.bring("sent", ...SENDING, "sent");
      await desk.bring("failed", ...SENDING, "failed");
      await desk.bring("wished", ...SENDING);
      await desk.ask("cancel", "cancelled");
      await desk.ask("cancel", "wished");
      await desk.ask("unpreparable", "unpreparable", {
        next: { kind: "fail", because: "the last channel" },
        reason: "render-notice: the template lacks a variable",
      });
      await run(world.ledger.suppress("user-of-suppressed", "asked for it", "operator"));
      await desk.ask("suppress", "suppressed");
      await desk.ask("definite-no", "wished");
      await desk.at(START + 100 * HOUR);
      await desk.ask("expire", "expired");
      const taken = await run(results.untold(99));
      expect([...said(taken)].sort()).toEqual([
        "cancelled 1 cancelled",
        "expired 1 expired",
        "failed 1 failed",
        "sent 1 sent",
        "suppressed 1 suppressed",
        "unpreparable 1 failed",
        "wished 1 cancelled",
      ]);
      expect(new Map(taken.map(({ noticeId, reason }) => [noticeId, reason]))).toEqual(
        new Map([
          ["cancelled", "the customer has paid"],
          ["expired", null],
          ["failed", "mailbox unknown"],
          ["sent", null],
          ["suppressed", null],
          ["unpreparable", "render-notice: the template lacks a variable"],
          ["wished", "mailbox unknown"],
        ]),
      );
      expect(taken.find(({ noticeId }) => noticeId === "expired")).toMatchObject({
        ...{ channel: null, policyVersion: null, attempts: 0, provider: null, providerMessageId: null },
        endedAt: START + 100 * HOUR,
      });
    });

    it("tell how a generation ended, whatever a replay has made of the notice since", async () => {
      await run(world.ledger.ingest([aNotice("n")]));
      await desk.ask("route", "n", { runId: runId("run-1") });
      await desk.ask("claim", "n");
      await desk.ask("begin-send", "n");
      await desk.ask("definite-no", "n");
      await run(world.ledger.activatePolicy(policyVersion(2), {}, "operator"));
      await desk.at(START + 5);
      await desk.ask("replay", "n");
      await desk.ask("route", "n", {
        epoch: 4,
        choice: { channel: SMS, policyVersion: policyVersion(2) },
      });
      await desk.ask("claim", "n", { epoch: 5 });
      await desk.ask("begin-send", "n", {
        ...{ epoch: 6, attemptId: attemptId("attempt-2") },
        gate: { ...command("begin-send", "n").gate, policyVersion: policyVersion(2) },
      });
      await desk.ask("accept", "n", { attemptId: attemptId("attempt-2") });
      const [first, second, ...others] = await run(results.untold(10));
      expect(others).toEqual([]);
      expect(first).toMatchObject({
        ...{ generation: 1, epoch: 3, status: "failed", reason: "mailbox unknown", channel: EMAIL },
        ...{ attempts: 1, policyVersion: 1, runId: "run-1", provider: null, endedAt: START },
      });
      expect(second).toMatchObject({
        ...{ generation: 2, status: "sent", channel: SMS, attempts: 1, policyVersion: 2 },
        ...{ providerMessageId: "message-1", endedAt: START + 5 },
      });
      expect((second?.epoch ?? 0) > (first?.epoch ?? 0)).toBe(true);
    });

    it("say nothing new where a provider accepts what had failed: that contradiction ends nothing", async () => {
      await desk.bring("n", ...SENDING, "failed");
      const before = await run(results.untold(9));
      await desk.ask("accept", "n");
      await desk.at(START + RETOLD_AFTER_MS);
      expect(await run(results.untold(9))).toEqual(before);
    });

    it("are told again where the relay has not marked them in time: it may have died before", async () => {
      await desk.bring("a", ...SENDING, "sent");
      await desk.bring("b", ...SENDING, "sent");
      expect(said(await run(results.untold(1)))).toEqual(["a 1 sent"]);
      await run(results.told(await run(results.untold(9))));
      await desk.at(START + RETOLD_AFTER_MS - 1);
      expect(await run(results.untold(9))).toEqual([]);
      await desk.at(START + RETOLD_AFTER_MS);
      expect(said(await run(results.untold(9)))).toEqual(["a 1 sent"]);
    });

    const sentTogether = async (...ids: readonly string[]): Promise<void> => {
      for (const id of ids) await desk.bring(id, ...SENDING);
      await run(
        world.ledger.apply(
          "accept",
          ids.map((id) => command("accept", id)),
        ),
      );
    };

    it("are marked one by one, also where they ended together", async () => {
      await sentTogether("a", "b", "c", "d");
      const taken = await run(results.untold(9));
      expect([...said(taken)].sort()).toEqual(["a 1 sent", "b 1 sent", "c 1 sent", "d 1 sent"]);
      const named = (...ids: readonly string[]): readonly UntoldResult[] =>
        taken.filter(({ noticeId }) => ids.includes(noticeId));
      await run(results.told(named("a", "c")));
      expect(await run(results.untoldCount)).toBe(2);
      await desk.at(START + RETOLD_AFTER_MS);
      const again = await run(results.untold(9));
      expect([...said(again)].sort()).toEqual(["b 1 sent", "d 1 sent"]);
      await run(results.told(named("b", "c")));
      expect(await run(results.untoldCount)).toBe(1);
      await run(results.told(again));
      expect(await run(results.untoldCount)).toBe(0);
      await run(results.told([]));
    });

    it("are counted as untold until they are marked, also while a relay has them in hand", async () => {
      expect(await run(results.untoldCount)).toBe(0);
      await sentTogether("a", "b");
      expect(await run(results.untoldCount)).toBe(2);
      const taken = await run(results.untold(9));
      expect(await run(results.untoldCount)).toBe(2);
      await run(results.told(taken));
      expect(await run(results.untoldCount)).toBe(0);
    });

    it("are what the written schema holds, and are read back as they were", async () => {
      await sentTogether("a");
      const [taken] = await run(results.untold(9));
      if (taken === undefined) throw new Error("nothing was told");
      const { mark, ...result } = taken;
      expect(mark).not.toBe("");
      expect(readResult(Buffer.from(writeResult(taken)))).toMatchObject({ success: result });
    });

    it("never lose an outcome, and tell of none that there is not, whatever relays die in between", async () => {
      let round = 0;
      const aStep = fc.constantFrom(
        ...(["send", "send", "fail", "fail and replay", "send three"] as const),
        ...(["take", "take", "take and die", "take and mark some", "wait"] as const),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(aStep, { maxLength: 12 }), async (steps) => {
          // What earlier rounds have left is told already; now and then it is cleared away.
          if (round++ % 20 === 0) await anew();
          let now = START;
          await desk.at(now);
          const countOf = (step: (typeof steps)[number]): number => {
            if (step === "send three") return 3;
            return step.startsWith("take") || step === "wait" ? 0 : 1;
          };
          const ids = await stock.take(steps.reduce((count, step) => count + countOf(step), 0));
          const apply = (type: "accept" | "definite-no", which: readonly string[]) =>
            run(
              world.ledger.apply(
                type,
                which.map((id) => command(type, id)),
              ),
            );
          const owed = new Set<string>();
          const heard: string[] = [];
          const relay = async (marks: "all" | "some" | "none"): Promise<number> => {
            const taken = await run(results.untold(3));
            const marked = taken.filter((_, n) => marks === "all" || (marks === "some" && n % 2 === 0));
            heard.push(...said(marked));
            await run(results.told(marked));
            return taken.length;
          };
          for (const step of steps) {
            const its = ids.splice(0, countOf(step));
            switch (step) {
              case "send":
              case "send three":
                await apply("accept", its);
                for (const id of its) owed.add(`${id} 1 sent`);
                break;
              case "fail":
              case "fail and replay":
                await apply("definite-no", its);
                for (const id of its) {
                  owed.add(`${id} 1 failed`);
                  if (step === "fail and replay") await desk.ask("replay", id);
                }
                break;
              case "take":
                await relay("all");
                break;
              case "take and mark some":
                await relay("some");
                break;
              case "take and die":
                await relay("none");
                break;
              case "wait":
                now += RETOLD_AFTER_MS;
                await desk.at(now);
            }
          }
          await desk.at(now + RETOLD_AFTER_MS);
          while ((await relay("all")) > 0);
          expect([...heard].sort()).toEqual([...owed].sort());
        }),
        { numRuns: 1_000 },
      );
    }, 240_000);
  });
};
