/**
 * The queued rows as a log: a page is claimed, waits, is handed over or given back, and is never forgotten.
 */
import { Effect, Fiber } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryQueuedNotices } from "../../../src/adapters/memory/queued-notices.ts";
import type { QueuedNotices } from "../../../src/domain/ports/queued-notices.ts";
import { Permanent, Transient, Unconfirmed } from "../../../src/failure.ts";
import { ledgerLog } from "../../../src/streams/delivery/ledger-log.ts";
import { effectContext } from "../../../src/streams/runtime/system-ports.ts";
import { EMAIL, LEASE_MS, WORKER } from "../../contracts/notice-ledger-commands.ts";
import { type DeliveryWorld, worldWith } from "./delivery-world.ts";

type PageFault = "none" | "transient" | "lost" | "late" | "permanent";

const MANY = { records: 10, bytes: Infinity };

const logOn = (world: DeliveryWorld, faults: readonly PageFault[] = []) => {
  const { leases } = world.ports();
  const queued = memoryQueuedNotices(world.ledger);
  const left = [...faults];
  const claimPage: QueuedNotices["claimPage"] = (page) =>
    Effect.suspend(() => {
      switch (left.shift() ?? "none") {
        case "none":
          return queued.claimPage(page);
        case "transient":
          return Effect.fail(new Transient({ message: "the database is away" }));
        case "lost":
          return Effect.andThen(queued.claimPage(page), Effect.fail(new Unconfirmed({ message: "lost" })));
        case "late":
          return Effect.tap(queued.claimPage(page), () => Effect.sleep(300));
        case "permanent":
          return Effect.fail(new Permanent({ message: "the schema is behind" }));
      }
    });
  const source = ledgerLog({
    queued: { ...queued, claimPage },
    ...{ channel: EMAIL, worker: WORKER, leases, leaseMs: LEASE_MS, pageCount: 2 },
  });
  Effect.runSync(source.open());
  return { source, leases };
};

const queuedWorld = async (count: number): Promise<DeliveryWorld> => {
  const world = await worldWith();
  for (let n = 0; n < count; n += 1) await world.queue(`n${n}`);
  return world;
};

describe("ledgerLog", () => {
  it("hands over what it has claimed, at most as many as were asked for, each with its claim and a lease", async () => {
    const world = await queuedWorld(3);
    const { source, leases } = logOn(world);
    const one = await world.run(source.pull({ records: 1, bytes: Infinity }));
    const more = await world.run(source.pull(MANY));
    const all = [...one.records, ...more.records];
    expect([one.records.length, more.records.length]).toEqual([1, 2]);
    expect(all.map(({ body }) => body.claim?.notice.status)).toEqual(Array(3).fill("claimed"));
    expect(new Set(all.map(({ token }) => token)).size).toBe(3);
    expect(leases.count).toBe(3);
    await world.run(source.close);
    expect(world.claimedBy(WORKER)).toEqual([]);
  });

  it("waits until something is queued, and then not a moment longer", async () => {
    const world = await queuedWorld(0);
    const { source } = logOn(world);
    const pulled = world.run(source.pull(MANY));
    await world.clock.advance(5_000);
    await world.queue("n1");
    await world.clock.settle();
    expect((await pulled).records).toHaveLength(1);
    await world.run(source.close);
  });

  it("waits for a ledger that is away for minutes; what cannot be mended by waiting it says", async () => {
    const world = await queuedWorld(1);
    const { source } = logOn(world, Array<PageFault>(120).fill("transient"));
    const pulled = world.run(source.pull(MANY));
    await world.clock.runUntil(pulled, 180_000);
    expect((await pulled).records).toHaveLength(1);
    await world.run(source.close);
    await expect(world.run(logOn(world, ["permanent"]).source.pull(MANY))).rejects.toThrow("schema");
  });

  it("gives back a page that comes after it was closed", async () => {
    const world = await queuedWorld(1);
    const { source, leases } = logOn(world, ["late"]);
    const pull = Effect.runForkWith(effectContext(world.clock.ports))(source.pull(MANY));
    await world.clock.advance(100);
    pull.interruptUnsafe();
    await world.run(source.close);
    expect(world.claimedBy(WORKER)).toEqual(["n0"]);
    await world.clock.advance(300);
    expect(world.claimedBy(WORKER)).toEqual([]);
    expect(leases.count).toBe(0);
  });

  it("loses nothing of a page that is interrupted at any moment, and hands nothing over twice", async () => {
    const fault = fc.constantFrom<PageFault[]>("none", "none", "transient", "lost", "late");
    await fc.assert(
      fc.asyncProperty(
        fc.nat(8),
        fc.array(fault, { maxLength: 6 }),
        fc.array(fc.record({ records: fc.integer({ min: 1, max: 3 }), patienceMs: fc.nat(1_500) }), {
          maxLength: 6,
        }),
        async (count, faults, pulls) => {
          const world = await queuedWorld(count);
          const { source, leases } = logOn(world, faults);
          const handedOver: string[] = [];
          for (const { records, patienceMs } of pulls) {
            const pull = Effect.runForkWith(effectContext(world.clock.ports))(
              source.pull({ records, bytes: Infinity }),
            );
            await world.clock.advance(patienceMs);
            pull.interruptUnsafe();
            const exit = Effect.runPromise(Fiber.await(pull));
            await world.clock.advance(300);
            const ended = await exit;
            if (ended._tag === "Success") {
              expect(ended.value.records.length).toBeLessThanOrEqual(records);
              handedOver.push(...ended.value.records.map(({ token }) => token));
            }
          }
          expect(new Set(handedOver).size).toBe(handedOver.length);
          await world.run(source.close);
          expect(leases.count).toBe(0);
          const ours = world.claimedBy(WORKER).length;
          const lost = faults.filter((each) => each === "lost").length;
          expect(ours, "only a page whose answer was lost has to lapse").toBeLessThanOrEqual(2 * lost);
          const queued = world.ledger.notices().filter(({ notice }) => notice.status === "queued");
          expect(queued.length + ours).toBe(count);
        },
      ),
      { numRuns: 1_000 },
    );
  }, 240_000);
});
