/**
 * What the ledger is told once a provider was asked, or the right to ask it was refused.
 */
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attemptId } from "../../../src/domain/ids.ts";
import type { SendOutcome } from "../../../src/domain/ports/sender.ts";
import { afterSending } from "../../../src/streams/delivery/after-sending.ts";
import { EMAIL, SMS } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./delivery-world.ts";

const ID = attemptId("a-1");

const begun = async () => {
  const world = await worldWith();
  return { world, ports: world.ports(), claimed: await world.claimed("n1") };
};

describe("afterSending", () => {
  it("tells of each outcome what the table has for it, and of a doubt never another channel", async () => {
    const { ports, claimed } = await begun();
    const told = (outcome: SendOutcome) =>
      afterSending(ports, { kind: "answered", from: claimed, attemptId: ID, outcome }).command;
    expect(told({ kind: "accepted", providerMessageId: "m", words: "yes" })).toMatchObject({
      type: "accept",
    });
    expect(told({ kind: "rejected", forGood: true, words: "no" })).toMatchObject({
      type: "definite-no",
      outcome: "rejected",
      next: { kind: "queue", channel: SMS, attemptNo: 1, dueInMs: 0 },
    });
    expect(told({ kind: "rejected", forGood: false, words: "full" })).toMatchObject({
      next: { channel: EMAIL, attemptNo: 2 },
    });
    expect(
      told({ kind: "not-accepted", trouble: "busy", retryAfterMs: 90_000, words: "busy" }),
    ).toMatchObject({ outcome: "not_handed_over", next: { channel: EMAIL, attemptNo: 1, dueInMs: 90_000 } });
    expect(told({ kind: "not-handed-over", trouble: null, words: "late" })).toMatchObject({
      outcome: "not_handed_over",
      next: { channel: EMAIL, attemptNo: 1 },
    });
    expect(told({ kind: "unknown", words: "?" })).toMatchObject({ type: "doubt", attemptId: ID });
    expect(afterSending(ports, { kind: "lost", from: claimed }).command).toBeNull();
  });

  it("says nothing that the ledger could not store, whatever a provider's answer holds", async () => {
    const text = fc.string({
      unit: fc.constantFrom("\0", "a", "홍", "\n", "'"),
      minLength: 1,
      maxLength: 12,
    });
    const { world, ports, claimed } = await begun();
    await world.win("begin-send", "n1", { attemptId: ID });
    await fc.assert(
      fc.asyncProperty(text, text, async (providerMessageId, words) => {
        const outcome = { kind: "accepted", providerMessageId, words } as const;
        const { command } = afterSending(ports, { kind: "answered", from: claimed, attemptId: ID, outcome });
        if (command?.type !== "accept") throw new Error("that is no acceptance");
        const [answer] = await world.run(world.ledger.apply("accept", [command]));
        expect(answer !== undefined && Result.isSuccess(answer)).toBe(true);
        expect(`${command.providerMessageId} ${command.evidence}`).not.toContain("\0");
      }),
      { numRuns: 1_000 },
    );
  });

  it("closes a right that may have been won and was not used, once the notice is given back", async () => {
    const told = async (isWritten: boolean) => {
      const { world, ports, claimed } = await begun();
      if (isWritten) await world.win("begin-send", "n1", { attemptId: ID });
      const words = "the answer was lost";
      const settlement = afterSending(ports, { kind: "unsure", from: claimed, attemptId: ID, words });
      const { command, andThen } = settlement;
      if (command?.type !== "release" || andThen === undefined) throw new Error("it was not given back");
      await world.run(world.ledger.apply("release", [command]));
      await world.run(world.ledger.apply("definite-no", [andThen]));
      await expect(world.win("begin-send", "n1", { attemptId: ID }), "a late one").rejects.toThrow("not won");
      const { notice, attempts } = world.view("n1");
      expect(notice).toMatchObject({ status: "queued", attemptNo: 1, channel: EMAIL });
      return attempts.map(({ state }) => state);
    };
    expect(await told(true)).toEqual(["not_handed_over"]);
    expect(await told(false)).toEqual([]);
  });
});
