/**
 * What every implementation of `Doubts` promises, over a ledger of the same kind.
 */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { attemptId, noticeId, period, policyVersion } from "../../src/domain/ids.ts";
import type { CommandOf, CommandType } from "../../src/domain/lifecycle/commands.ts";
import type { Doubts } from "../../src/domain/ports/doubts.ts";
import type { NoticeLedger } from "../../src/domain/ports/notice-ledger.ts";
import { aNotice, command, PERIOD, SEND_WINDOW_MS, START } from "./notice-ledger-commands.ts";

export interface DoubtsDesk {
  readonly ledger: NoticeLedger;
  readonly doubts: Doubts;
  readonly setNow: (ms: number) => Promise<void>;
  readonly reset: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const run = Effect.runPromise;

export const describeDoubtsContract = (name: string, open: () => Promise<DoubtsDesk>): void => {
  describe(`doubts in ${name}`, () => {
    let desk: DoubtsDesk;
    beforeAll(async () => {
      desk = await open();
    });
    afterAll(() => desk.close());
    beforeEach(async () => {
      await desk.reset();
      await run(desk.ledger.activatePolicy(policyVersion(1), { version: 1 }, "operator:kim"));
    });

    const win = async <T extends CommandType>(asked: CommandOf<T>, type: T): Promise<void> => {
      const [answer] = await run(desk.ledger.apply(type, [asked]));
      if (answer === undefined || Result.isFailure(answer)) throw new Error(`${type} failed`);
      expect(answer.success, type).toMatchObject({ verdict: "won" });
    };

    const sending = async (id: string): Promise<void> => {
      await run(desk.ledger.ingest([aNotice(id)]));
      await win(command("route", id), "route");
      await win(command("claim", id), "claim");
      await win(command("begin-send", id, { attemptId: attemptId(`of-${id}`) }), "begin-send");
    };
    const doubtful = async (id: string): Promise<void> => {
      await sending(id);
      await win(command("doubt", id, { attemptId: attemptId(`of-${id}`) }), "doubt");
    };
    const read = (...ids: readonly string[]) =>
      run(desk.doubts.read(ids.map((id) => ({ noticeId: noticeId(id), period: PERIOD }))));

    it("brings the attempt in doubt and all that a copy is made from", async () => {
      await doubtful("n1");
      const [doubt] = await read("n1");
      const { userId, billId, purpose, contacts, routing, content } = aNotice("n1");
      expect(doubt).toMatchObject({
        notice: { noticeId: "n1", period: PERIOD, status: "in_doubt", epoch: 2, channel: "email" },
        attempt: { attemptId: "of-n1", state: "in_doubt", copies: 1, contentDigest: "digest" },
        contents: { userId, billId, purpose, contacts, routing, content },
      });
    });

    it("answers for each key in its place, and with nothing for what is in no doubt", async () => {
      await doubtful("b");
      await sending("on-its-way");
      await doubtful("a");
      const answers = await read("a", "unknown", "on-its-way", "b");
      expect(answers.map((each) => each?.attempt.attemptId ?? null)).toEqual(["of-a", null, null, "of-b"]);
      expect(
        await run(desk.doubts.read([{ noticeId: noticeId("a"), period: period(202401) }])),
        "another month's",
      ).toEqual([null]);
      expect(await read()).toEqual([]);
    });

    it("brings the attempt of this generation after a replay, and the newest count of copies", async () => {
      await sending("again");
      const more = { attemptId: attemptId("of-again") };
      await win(command("definite-no", "again", more), "definite-no");
      await win(command("replay", "again"), "replay");
      await win(command("route", "again", { epoch: 4 }), "route");
      await win(command("claim", "again", { epoch: 5 }), "claim");
      await win(command("begin-send", "again", { epoch: 6, attemptId: attemptId("second") }), "begin-send");
      await win(command("doubt", "again", { attemptId: attemptId("second") }), "doubt");
      await desk.setNow(START + SEND_WINDOW_MS + 2_000);
      await win(command("resend", "again", { attemptId: attemptId("second") }), "resend");
      const [doubt] = await read("again");
      expect(doubt?.attempt).toMatchObject({ attemptId: "second", generation: 2, copies: 2 });
    });

    it("knows nothing of a doubt that was resolved", async () => {
      await doubtful("n1");
      await win(command("accept", "n1", { attemptId: attemptId("of-n1") }), "accept");
      expect(await read("n1")).toEqual([null]);
    });
  });
};
