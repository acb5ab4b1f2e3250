import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { policyVersion } from "../../../src/domain/ids.ts";
import { releasePauses } from "../../../src/streams/upkeep/release-pauses.ts";
import { EMAIL, SMS } from "../../contracts/notice-ledger-commands.ts";
import { POLICY, worldWith, type World } from "./world.ts";

const pausedNotice = async (world: World, id: string): Promise<void> => {
  await world.claimed(id);
  await Effect.runPromise(world.ledger.pause(EMAIL, "repairs", "operator:kim"));
  await world.win("step-back", id);
};

describe("releasePauses", () => {
  it("lifts a hold when nothing pauses its channel any more", async () => {
    const world = await worldWith();
    const duty = releasePauses(world.ports, world.limits());
    await pausedNotice(world, "n1");
    expect(await world.turn(duty)).toMatchObject({ found: 1, changed: 0 });
    expect(world.view("n1").notice).toMatchObject({ status: "ready", holdReason: "paused" });
    await Effect.runPromise(world.ledger.resume(EMAIL, "operator:kim"));
    expect(await world.turn(duty)).toMatchObject({ changed: 1 });
    expect(world.view("n1").notice).toMatchObject({ status: "ready", holdReason: null });
  });

  it("lifts none while the policy in force is paused, or everything is", async () => {
    const world = await worldWith();
    const duty = releasePauses(world.ports, world.limits());
    await pausedNotice(world, "n1");
    await Effect.runPromise(world.ledger.resume(EMAIL, "operator:kim"));
    await Effect.runPromise(world.ledger.pause("*", "audit", "operator:kim"));
    expect(await world.turn(duty)).toMatchObject({ changed: 0 });
    await Effect.runPromise(world.ledger.resume("*", "operator:kim"));
    await world.activate({ ...POLICY, version: policyVersion(2), paused: true });
    expect(await world.turn(duty)).toMatchObject({ changed: 0 });
    await world.activate({ ...POLICY, version: policyVersion(3) });
    expect(await world.turn(duty)).toMatchObject({ changed: 1 });
  });

  it("walks once over what stays paused, and again when a gate has changed or the time has come", async () => {
    const world = await worldWith();
    const duty = releasePauses(world.ports, world.limits({ pageCount: 2, rewalkMs: 60_000 }));
    for (const id of ["a", "b", "c"]) {
      await pausedNotice(world, id);
      await Effect.runPromise(world.ledger.resume(EMAIL, "operator:kim"));
    }
    await Effect.runPromise(world.ledger.pause(EMAIL, "repairs", "operator:kim"));
    const walked = async () => [await world.turn(duty), await world.turn(duty), await world.turn(duty)];
    expect((await walked()).map(({ found }) => found)).toEqual([2, 1, 0]);
    await world.clock.advance(60_000);
    expect((await walked()).map(({ found }) => found)).toEqual([2, 1, 0]);
    await Effect.runPromise(world.ledger.pause(SMS, "repairs", "operator:kim"));
    await Effect.runPromise(world.ledger.resume(EMAIL, "operator:kim"));
    expect((await walked()).map(({ changed }) => changed)).toEqual([2, 1, 0]);
  });

  it("leaves an operator's hold alone", async () => {
    const world = await worldWith();
    await world.ingest("n1");
    await world.win("hold", "n1", { reason: "operator" });
    expect(await world.turn(releasePauses(world.ports, world.limits()))).toMatchObject({ found: 0 });
    expect(world.view("n1").notice.holdReason).toBe("operator");
  });
});
