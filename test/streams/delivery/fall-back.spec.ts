/**
 * Whatever way a notice has left the journey, it comes back with its settlement.
 */
import { Result } from "effect";
import fc from "fast-check";
import { map } from "rxjs";
import { describe, expect, it } from "vitest";
import { attemptId } from "../../../src/domain/ids.ts";
import {
  type Failure,
  Permanent,
  Postponed,
  Transient,
  Unconfirmed,
  Undecodable,
} from "../../../src/failure.ts";
import type { Entitled, Permitted, Sent, SettlingType } from "../../../src/streams/delivery/bodies.ts";
import { fallBack, type WayOut } from "../../../src/streams/delivery/fall-back.ts";
import { Bug, type Diversion, type DivertedBy, type Rail } from "../../../src/streams/runtime/rail.ts";
import { through } from "../through.ts";
import { type DeliveryWorld, worldWith } from "./delivery-world.ts";

type Leaving = WayOut["stage"];
const LEAVING: readonly Leaving[] = [
  ...([
    "load-bill",
    "decrypt-contact",
    "render-notice",
    "take-permit",
    "begin-send",
    "call-provider",
  ] as const),
];

/** Entitled, which is every earlier rung too. */
const begun = async (world: DeliveryWorld): Promise<Entitled> => {
  const claimed = await world.claimed("n1");
  const permit: Permitted["permit"] = { done: () => undefined, giveBack: () => undefined };
  const rest = { permit, attemptId: attemptId("a-1"), mayStillLeave: () => true };
  return { ...claimed, ...rest } as Entitled; // what was rendered is not looked at any more
};

const left = async (world: DeliveryWorld, stage: string, failure: DivertedBy, body: Entitled) =>
  through(world.clock, [body], (items) =>
    items.pipe(
      map((rail): Rail<Sent, WayOut | Diversion<"elsewhere">> => {
        if (Result.isFailure(rail)) throw new Error("it was diverted before");
        return Result.fail({ stage, failure, envelope: rail.success } as WayOut); // by the stage's name
      }),
      fallBack(world.ports()),
    ),
  );

const failures: readonly (() => Failure | Bug)[] = [
  () => new Transient({ message: "away" }),
  () => new Permanent({ message: "never" }),
  () => new Unconfirmed({ message: "?" }),
  () => new Undecodable({ message: "no JSON" }),
  () => new Postponed({ message: "later", untilMs: 0 }),
  () => new Bug(new TypeError("kim@example.com has no name"), true),
];

describe("fallBack", () => {
  it("gives a notice whose provider has answered the settlement of that answer", async () => {
    const world = await worldWith();
    const from = await begun(world);
    const sent: Sent = {
      ...{ kind: "answered", from, attemptId: from.attemptId },
      outcome: { kind: "accepted", providerMessageId: "m-1", words: "accepted" },
    };
    const [settling] = await through(world.clock, [sent], fallBack(world.ports()));
    expect(settling).toMatchObject({
      success: { command: { type: "accept", providerMessageId: "m-1" }, claim: { noticeId: "n1", epoch: 2 } },
    });
  });

  it("lets those pass that left elsewhere", async () => {
    const world = await worldWith();
    const gone = new Permanent({ message: "not ours" });
    const [still] = await left(world, "claim-notice", gone, await begun(world));
    expect(still).toMatchObject({ failure: { failure: { message: "not ours" } } });
  });

  it("always finds one settlement for a way out: a doubt after the call alone, and before the right never an attempt", async () => {
    const world = await worldWith();
    const body = await begun(world);
    const before: readonly (SettlingType | undefined)[] = ["release", "unpreparable"];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...LEAVING),
        fc.constantFrom(...failures),
        async (stage, failureOf) => {
          const failure = failureOf();
          const [settling] = await left(world, stage, failure, body);
          if (settling === undefined || Result.isFailure(settling)) throw new Error("it has no settlement");
          const { command, claim, why } = settling.success;
          expect(claim).toEqual({ noticeId: body.notice.noticeId, epoch: body.notice.epoch });
          if (stage === "call-provider") expect(command?.type).toBe("doubt");
          else expect(before).toContain(command?.type);
          expect(why).not.toContain("kim@");
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
