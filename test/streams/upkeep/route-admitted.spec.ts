import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { instant } from "../../../src/domain/ids.ts";
import { Transient } from "../../../src/failure.ts";
import { releasePauses } from "../../../src/streams/upkeep/release-pauses.ts";
import { routeAdmitted } from "../../../src/streams/upkeep/route-admitted.ts";
import { EMAIL, START } from "../../contracts/notice-ledger-commands.ts";
import { POLICY, worldWith, type World } from "./world.ts";

/** Routed before, put off by a quiet hour. */
const putOff = async (world: World, id: string, forMs: number): Promise<void> => {
  await world.claimed(id);
  await world.win("step-back", id, { reopensAt: instant(world.now + forMs) });
};

describe("routeAdmitted", () => {
  it("queues what was put off when it is due again, and tells the log after the commit", async () => {
    const world = await worldWith(undefined, true);
    const duty = routeAdmitted(world.ports, world.limits());
    await putOff(world, "n1", 5_000);
    expect(await world.turn(duty)).toMatchObject({ found: 0 });
    await world.clock.advance(5_000);
    expect(await world.turn(duty)).toMatchObject({ found: 1, changed: 1 });
    const { notice } = world.view("n1");
    expect(notice).toMatchObject({ status: "queued", channel: EMAIL, epoch: 4 });
    expect(world.published).toMatchObject([{ noticeId: "n1", epoch: 4, channel: EMAIL }]);
  });

  it("admits nobody: what was never routed waits for a run", async () => {
    const world = await worldWith();
    await world.ingest("fresh");
    expect(await world.turn(routeAdmitted(world.ports, world.limits()))).toMatchObject({ found: 0 });
    expect(world.view("fresh").notice.status).toBe("ready");
  });

  it("begins a replayed notice anew, by the policy in force", async () => {
    const world = await worldWith();
    await world.failed("n1");
    await world.win("replay", "n1");
    await world.turn(routeAdmitted(world.ports, world.limits()));
    expect(world.view("n1").notice).toMatchObject({ status: "queued", generation: 2, policyVersion: 1 });
  });

  it("keeps what a log does not take queued", async () => {
    const world = await worldWith(undefined, true);
    await putOff(world, "n1", 0);
    world.logFailure = new Transient({ message: "the log is away" });
    expect(await world.turn(routeAdmitted(world.ports, world.limits()))).toMatchObject({ changed: 1 });
    expect(world.view("n1").notice.status).toBe("queued");
    expect(world.published).toEqual([]);
  });

  it("holds what is due on a paused channel, and routes it when the pause is over", async () => {
    const world = await worldWith();
    await putOff(world, "n1", 0);
    await Effect.runPromise(world.ledger.pause(EMAIL, "repairs", "operator:kim"));
    const duty = routeAdmitted(world.ports, world.limits());
    await world.turn(duty);
    expect(world.view("n1").notice).toMatchObject({ status: "ready", holdReason: "paused" });
    expect(await world.turn(duty), "not walked over again").toMatchObject({ found: 0 });
    await Effect.runPromise(world.ledger.resume(EMAIL, "operator:kim"));
    await world.turn(releasePauses(world.ports, world.limits()));
    await world.turn(duty);
    expect(world.view("n1").notice.status).toBe("queued");
  });

  it("fetches the policy that a notice is pinned to, and goes on with it next time", async () => {
    const world = await worldWith();
    const duty = routeAdmitted(world.ports, world.limits());
    await putOff(world, "n1", 0);
    world.putAway(POLICY);
    expect(await world.turn(duty)).toMatchObject({ found: 1, changed: 0 });
    expect(await world.turn(duty)).toMatchObject({ found: 1, changed: 1 });
    expect(world.view("n1").notice).toMatchObject({ status: "queued", policyVersion: 1 });
  });

  it("routes nothing before a policy is in force", async () => {
    const world = await worldWith();
    await putOff(world, "n1", 0);
    const policies = { ...world.ports.policies, active: () => null };
    expect(await world.turn(routeAdmitted({ ...world.ports, policies }, world.limits()))).toMatchObject({
      found: 0,
    });
    expect(world.now).toBe(START);
  });
});
