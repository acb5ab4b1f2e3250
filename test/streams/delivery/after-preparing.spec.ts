/**
 * What the ledger is told of a notice that left the journey before its right to send was used.
 */
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_ASKED_DELAY_MS } from "../../../src/domain/fall-back.ts";
import { attemptId } from "../../../src/domain/ids.ts";
import {
  type Failure,
  Permanent,
  Postponed,
  Transient,
  Unconfirmed,
  Undecodable,
} from "../../../src/failure.ts";
import { afterLostRight, afterPreparing } from "../../../src/streams/delivery/after-preparing.ts";
import { SMS } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./delivery-world.ts";

const ID = attemptId("a-1");

const begun = async () => {
  const world = await worldWith();
  return { world, ports: world.ports(), claimed: await world.claimed("n1") };
};

describe("afterPreparing", () => {
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
});

describe("afterLostRight", () => {
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
