/**
 * The claim of what a log only hints at: records that come twice, late or out of order.
 */
import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromIterable } from "../../../src/adapters/memory/iterable-source.ts";
import { type ChannelId, noticeId } from "../../../src/domain/ids.ts";
import type { Request } from "../../../src/streams/delivery/bodies.ts";
import { asItIs } from "../../../src/streams/delivery/consume-requests.ts";
import { deliveryPipeline } from "../../../src/streams/delivery/delivery-pipeline.ts";
import { PERIOD, SMS } from "../../contracts/notice-ledger-commands.ts";
import { type DeliveryWorld, worldWith } from "./delivery-world.ts";

const record = (id: string, epoch: number): Request => ({
  noticeId: noticeId(id),
  period: PERIOD,
  epoch,
  claim: null,
});

/** To the end of a log with these records. */
const delivered = async (world: DeliveryWorld, records: readonly Request[], channel?: ChannelId) => {
  const ports = world.ports(channel);
  const running = deliveryPipeline(ports, {
    source: fromIterable("requests", records),
    read: asItIs,
    keepPoison: () => {
      throw new Error("all can be read");
    },
  }).start();
  await world.clock.runUntil(running.done, 600_000);
  await world.clock.advance(60_000);
  return ports;
};

describe("claimNotice", () => {
  it("claims what the ledger has queued, and leaves alone what it refuses", async () => {
    const world = await worldWith();
    await world.queue("n1");
    await world.queue("ended");
    await world.win("cancel", "ended");
    const { leases } = await delivered(world, [record("n1", 1), record("ended", 1), record("unknown", 1)]);
    expect(await world.history("n1")).toEqual(["T2", "T3", "T6", "T8"]);
    expect(await world.history("ended")).toEqual(["T2", "T14"]);
    expect(leases.count).toBe(0);
  });

  it("claims by the newest of several records that lie in one batch, in whatever order", async () => {
    for (const epochs of [
      [1, 0],
      [0, 1],
      [1, 1],
    ]) {
      const world = await worldWith();
      await world.queue("n1");
      await delivered(
        world,
        epochs.map((epoch) => record("n1", epoch)),
      );
      expect(world.view("n1").notice.status, epochs.join()).toBe("sent");
      expect(world.copies).toHaveLength(1);
    }
  });

  it("sends nothing of another channel, whose record lay in the wrong place: it is free for its own at once", async () => {
    const world = await worldWith();
    await world.queue("n1"); // for e-mail
    const { leases } = await delivered(world, [record("n1", 1)], SMS);
    expect(world.copies).toEqual([]);
    expect(await world.history("n1")).toEqual(["T2", "T3", "T5"]);
    expect(leases.count).toBe(0);
    await delivered(world, [record("n1", 3)]);
    expect(world.copies.map(({ request }) => request.channel)).toEqual(["email"]);
  });

  it("renews no lease of a notice whose policy is not to be found: it is free to lapse", async () => {
    const world = await worldWith();
    await world.queue("n1");
    world.policies.clear();
    const { leases } = await delivered(world, [record("n1", 1)]);
    expect(leases.count).toBe(0);
    expect(world.view("n1").notice.leaseUntil).toBeLessThan(world.now);
    expect(await Effect.runPromise(world.ledger.due("lapse", 10))).toHaveLength(1);
  });

  it("never lets more than one copy leave, however often and in whatever order records come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ id: fc.constantFrom("a", "b", "c"), epoch: fc.integer({ min: 0, max: 2 }) }), {
          maxLength: 12,
        }),
        async (records) => {
          const world = await worldWith({ credits: 4 });
          for (const id of ["a", "b", "c"]) await world.queue(id);
          const { leases, gate } = await delivered(
            world,
            records.map(({ id, epoch }) => record(id, epoch)),
          );
          expect([leases.count, gate.inFlight]).toEqual([0, 0]);
          const references = world.copies.map(({ request }) => request.reference);
          expect(new Set(references).size).toBe(references.length);
          for (const id of ["a", "b", "c"]) {
            const { status } = world.view(id).notice;
            expect(["queued", "claimed", "sent"]).toContain(status);
            const isNamed = records.some((each) => each.id === id && each.epoch === 1);
            if (!isNamed) expect(status).toBe("queued");
          }
        },
      ),
      { numRuns: 1_000 },
    );
  }, 240_000);
});
