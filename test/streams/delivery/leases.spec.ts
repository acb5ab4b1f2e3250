/**
 * Leases from the claim to the end of it: renewed for as long as somebody works on the notice, and not a moment longer.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { noticeId } from "../../../src/domain/ids.ts";
import { Transient } from "../../../src/failure.ts";
import { Leases } from "../../../src/streams/delivery/leases.ts";
import { LEASE_MS, PERIOD, WORKER } from "../../contracts/notice-ledger-commands.ts";
import { type DeliveryWorld, worldWith } from "./delivery-world.ts";

const held = (id: string, epoch = 2) => ({ noticeId: noticeId(id), period: PERIOD, epoch });
const leasesOn = ({ ledger, clock }: DeliveryWorld, apply = ledger.apply): Leases =>
  new Leases({ ledger: { apply }, worker: WORKER, leaseMs: LEASE_MS, system: clock.ports });

const claimed = async (...ids: readonly string[]): Promise<DeliveryWorld> => {
  const world = await worldWith();
  for (const id of ids) {
    await world.queue(id);
    await world.win("claim", id);
  }
  return world;
};

describe("Leases", () => {
  it("renews what is held in time, forgets what is dropped, and gives the rest back", async () => {
    const world = await claimed("kept", "dropped");
    const leases = leasesOn(world);
    leases.take(held("kept"));
    leases.take(held("dropped"));
    leases.drop(held("dropped"));
    for (let minute = 0; minute < 10; minute += 1) {
      await world.clock.advance(60_000);
      expect(world.view("kept").notice.leaseUntil).toBeGreaterThan(world.now + LEASE_MS / 2);
    }
    expect(world.view("dropped").notice.leaseUntil, "free to lapse").toBeLessThan(world.now);
    await world.run(leases.giveBack);
    expect(world.view("kept").notice).toMatchObject({ status: "queued", dueAt: world.now });
    expect(leases.count).toBe(0);
    await world.clock.advance(60_000);
    expect(world.clock.timers, "nothing rings for nobody").toBe(0);
  });

  it("is not forgotten by whoever ends an earlier claim of the notice", async () => {
    const world = await claimed("n1");
    const leases = leasesOn(world);
    leases.take(held("n1", 2));
    leases.take(held("n1", 4));
    leases.drop(held("n1", 2));
    expect(leases.count).toBe(1);
    leases.drop(held("n1", 4));
    expect(leases.count).toBe(0);
  });

  it("forgets a lease that the ledger says is lost", async () => {
    const world = await claimed("n1");
    const leases = leasesOn(world);
    leases.take(held("n1"));
    await world.win("cancel", "n1");
    await world.clock.advance(LEASE_MS);
    expect(leases.count).toBe(0);
  });

  it("is renewed again once a ledger that was away has come back, before it lapses", async () => {
    const world = await claimed("n1");
    let isAway = true;
    const leases = leasesOn(world, (type, batch) =>
      Effect.suspend(() =>
        isAway ? Effect.fail(new Transient({ message: "away" })) : world.ledger.apply(type, batch),
      ),
    );
    leases.take(held("n1"));
    await world.clock.advance(LEASE_MS / 2);
    isAway = false;
    await world.clock.advance(LEASE_MS / 4);
    expect(world.view("n1").notice.leaseUntil).toBeGreaterThan(world.now + LEASE_MS / 2);
    await world.run(leases.giveBack);
  });

  it("gives back every batch, and asks again where the ledger does not answer", async () => {
    const ids = Array.from({ length: 1_100 }, (_, n) => `n${n}`);
    const world = await claimed(...ids);
    const failing = ["first", "third"];
    const leases = leasesOn(world, (type, batch) =>
      Effect.suspend(() =>
        failing.pop() === undefined
          ? world.ledger.apply(type, batch)
          : Effect.fail(new Transient({ message: "away" })),
      ),
    );
    for (const id of ids) leases.take(held(id));
    await world.clock.runUntil(world.run(leases.giveBack), 10_000);
    expect(world.claimedBy(WORKER)).toEqual([]);
  });

  it("is kept for as long as its notice waits for a permit", async () => {
    const world = await worldWith({ maxInFlight: 1 });
    await world.queue("n1");
    const ports = world.ports();
    const permit = ports.gate.tryTake();
    const running = world.deliver(ports);
    for (let minute = 0; minute < 30; minute += 1) {
      await world.clock.advance(60_000);
      expect(world.view("n1").notice).toMatchObject({ status: "claimed", epoch: 2 });
      expect(world.view("n1").notice.leaseUntil).toBeGreaterThan(world.now);
    }
    expect(running.health().oldest).toMatchObject({ stage: "take-permit", state: "waiting" });
    permit?.giveBack();
    await world.clock.runUntil(() => world.view("n1").notice.status === "sent", 10_000);
    await world.clock.runUntil(running.drain(1_000), 60_000);
  });
});
