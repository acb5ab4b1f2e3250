import { describe, expect, it } from "vitest";
import { releasePolicyHolds } from "../../../src/streams/upkeep/release-policy-holds.ts";
import { POLICY, worldWith, type World } from "./world.ts";

const REWALK_MS = 60_000;

const heldForItsPolicy = async (world: World, id: string): Promise<void> => {
  await world.claimed(id);
  await world.win("step-back", id);
  await world.win("hold", id, { epoch: 3, reason: "policy" });
};

describe("releasePolicyHolds", () => {
  it("fetches the policy that a held notice is pinned to, and lifts the hold", async () => {
    const world = await worldWith();
    await heldForItsPolicy(world, "n1");
    world.putAway(POLICY);
    expect(await world.turn(releasePolicyHolds(world.ports, world.limits()))).toMatchObject({ changed: 1 });
    expect(world.view("n1").notice.holdReason).toBeNull();
  });

  it("looks again only a walk later for a policy that is nowhere", async () => {
    const world = await worldWith();
    const duty = releasePolicyHolds(world.ports, world.limits({ rewalkMs: REWALK_MS }));
    await heldForItsPolicy(world, "n1");
    world.putAway(POLICY);
    world.stored.clear();
    expect(await world.turn(duty)).toMatchObject({ found: 1, changed: 0 });
    expect(await world.turn(duty), "remembered").toMatchObject({ found: 0 });
    world.stored.set(POLICY.version, POLICY);
    await world.clock.advance(REWALK_MS);
    expect(await world.turn(duty)).toMatchObject({ found: 1, changed: 1 });
  });
});
