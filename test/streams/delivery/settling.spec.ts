/**
 * What the ledger is told of each way in which a delivery can end.
 */
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attemptId } from "../../../src/domain/ids.ts";
import { MAX_ASKED_DELAY_MS } from "../../../src/domain/fall-back.ts";
import type { SendOutcome } from "../../../src/domain/ports/sender.ts";
import {
  type Failure,
  Permanent,
  Postponed,
  Transient,
  Unconfirmed,
  Undecodable,
} from "../../../src/failure.ts";
import { afterLostRight, afterPreparing } from "../../../src/streams/delivery/after-preparing.ts";
import { afterSending } from "../../../src/streams/delivery/after-sending.ts";
import { EMAIL, SMS } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./delivery-world.ts";

const ID = attemptId("a-1");

const begun = async () => {
  const world = await worldWith();
  return { world, ports: world.ports(), claimed: await world.claimed("n1") };
};

describe("a settlement", () => {
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
    const { world, ports, claimed } = await begun();
    await world.win("begin-send", "n1", { attemptId: ID });
    const outcome = { kind: "accepted", providerMessageId: "m\0", words: "\0 yes" } as const;
    const { command } = afterSending(ports, { kind: "answered", from: claimed, attemptId: ID, outcome });
    if (command?.type !== "accept") throw new Error("that is no acceptance");
    const [answer] = await world.run(world.ledger.apply("accept", [command]));
    expect(answer !== undefined && Result.isSuccess(answer) && answer.success.verdict).toBe("won");
  });

  it("always gives back after a wait that can be stored: not at once, not all together, not for ever", async () => {
    const { world, ports, claimed } = await begun();
    const number = fc.oneof(fc.double(), fc.integer({ min: -10_000, max: 200_000_000 }));
    fc.assert(
      fc.property(number, fc.boolean(), (ms, isPostponed) => {
        const failure: Failure = isPostponed
          ? new Postponed({ message: "later", untilMs: world.clock.wallMs() + ms })
          : new Transient({ message: "away", retryAfterMs: ms });
        const { command } = afterPreparing(ports, claimed, failure, "why");
        if (command?.type !== "release") throw new Error("it was not given back");
        expect(Number.isSafeInteger(command.dueInMs)).toBe(true);
        expect(command.dueInMs).toBeGreaterThanOrEqual(5_000);
        expect(command.dueInMs).toBeLessThanOrEqual(MAX_ASKED_DELAY_MS);
        if (ms >= 10_000 && ms <= MAX_ASKED_DELAY_MS) expect(command.dueInMs).toBeGreaterThanOrEqual(ms);
      }),
      { numRuns: 1_000 },
    );
    const waits = Array.from({ length: 20 }, () => {
      const { command } = afterPreparing(ports, claimed, new Unconfirmed({ message: "?" }), "why");
      return command?.type === "release" ? command.dueInMs : null;
    });
    expect(new Set(waits).size).toBeGreaterThan(10);
  });

  it("ends the channel for what will never be prepared, without an attempt", async () => {
    const { ports, claimed } = await begun();
    for (const failure of [
      new Permanent({ message: "no key" }),
      new Undecodable({ message: "no JSON" }),
      { _tag: "Bug" } as const,
    ])
      expect(afterPreparing(ports, claimed, failure, "why").command).toMatchObject({
        type: "unpreparable",
        epoch: claimed.notice.epoch,
        next: { kind: "queue", channel: SMS, attemptNo: 1 },
      });
  });

  it("gives a notice back whose right was not written, and leaves one whose right was", async () => {
    const { world, ports, claimed } = await begun();
    const { command } = afterLostRight(ports, claimed, "the answer was lost");
    if (command?.type !== "release") throw new Error("it was not given back");
    const verdict = async () => {
      const [answer] = await world.run(world.ledger.apply("release", [command]));
      return answer !== undefined && Result.isSuccess(answer) ? answer.success.verdict : null;
    };
    await world.win("begin-send", "n1", { attemptId: ID });
    expect(await verdict()).toBe("lost");
    expect(world.view("n1").notice.status).toBe("sending");

    const other = await begun();
    const release = afterLostRight(other.ports, other.claimed, "lost").command;
    if (release?.type !== "release") throw new Error("it was not given back");
    await other.world.run(other.world.ledger.apply("release", [release]));
    expect(other.world.view("n1").notice.status).toBe("queued");
    await expect(other.world.win("begin-send", "n1", { attemptId: ID }), "late").rejects.toThrow("not won");
  });
});
