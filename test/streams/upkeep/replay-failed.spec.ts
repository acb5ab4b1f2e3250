import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyVersion } from "../../../src/domain/ids.ts";
import { replayFailed } from "../../../src/streams/upkeep/replay-failed.ts";
import { POLICY, worldWith, type World } from "./world.ts";

const AFTER_MS = 60_000;
const withResend = async (world: World, maxGenerations: number): Promise<void> =>
  world.activate({ ...POLICY, version: policyVersion(2), resend: { afterMs: AFTER_MS, maxGenerations } });

describe("replayFailed", () => {
  it("begins another generation of what failed long enough ago, where the policy asks for it", async () => {
    const world = await worldWith();
    await world.failed("n1");
    await withResend(world, 2);
    const duty = replayFailed(world.ports, world.limits());
    await world.clock.advance(AFTER_MS - 1);
    expect(await world.turn(duty)).toMatchObject({ found: 0 });
    await world.clock.advance(1);
    expect(await world.turn(duty)).toMatchObject({ found: 1, changed: 1 });
    const { notice, deadLetters } = world.view("n1");
    expect(notice).toMatchObject({ status: "ready", generation: 2, attemptNo: 0, channel: null });
    expect(deadLetters).toMatchObject([{ kind: "failed", generation: 1, state: "replaying" }]);
  });

  it("replays nothing under a policy that does not ask for it", async () => {
    const world = await worldWith();
    await world.failed("n1");
    await world.clock.advance(100 * AFTER_MS);
    expect(await world.turn(replayFailed(world.ports, world.limits()))).toMatchObject({ found: 0 });
  });

  it("never gives a notice more generations than the policy, with two upkeeps at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(fc.boolean()), async (most, whose) => {
        const world = await worldWith();
        await world.failed("n1");
        await withResend(world, most);
        const duties = [0, 1].map(() => replayFailed(world.ports, world.limits()));
        for (const first of whose) {
          await world.clock.advance(AFTER_MS);
          const order = first ? duties : [...duties].reverse();
          const turns = await Promise.all(order.map((duty) => world.turn(duty)));
          expect(turns.reduce((sum, { changed }) => sum + changed, 0)).toBeLessThanOrEqual(1);
          const { notice } = world.view("n1");
          expect(notice.generation).toBeLessThanOrEqual(Math.max(1, most));
          if (notice.status === "ready") await fail(world, notice.epoch);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Takes the present generation to its end again, on the channel that cannot be prepared. */
const fail = async (world: World, epoch: number): Promise<void> => {
  await world.win("route", "n1", { epoch });
  await world.win("claim", "n1", { epoch: epoch + 1 });
  await world.win("unpreparable", "n1", { epoch: epoch + 2, next: { kind: "fail", because: "no channel" } });
};
