import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Transient } from "../../../src/failure.ts";
import { lapseLeases } from "../../../src/streams/upkeep/lapse-leases.ts";
import { ledgerLink } from "../../../src/streams/upkeep/ledger-link.ts";
import { LEASE_MS } from "../../contracts/notice-ledger-commands.ts";
import { worldWith, type World } from "./world.ts";

const SILENCE_MS = 10_000;

const dutyOf = (world: World) => {
  const link = ledgerLink(world.ledger, { clock: world.clock, silenceMs: SILENCE_MS });
  return { link, duty: lapseLeases(world.ports, link, world.limits({ leaseMs: LEASE_MS })) };
};

/** Turn for turn, as the loop does. */
const turnsFor = async (world: World, duty: ReturnType<typeof dutyOf>["duty"], ms: number) => {
  for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
    await world.clock.advance(1_000);
    await world.turn(duty);
  }
};

describe("lapseLeases", () => {
  it("queues again what its holder has left to lapse, for whoever claims it next", async () => {
    const world = await worldWith();
    const { duty } = dutyOf(world);
    await world.claimed("n1");
    await world.turn(duty);
    await turnsFor(world, duty, LEASE_MS - 1_000);
    expect(world.view("n1").notice, "within its lease").toMatchObject({ status: "claimed", lapses: 0 });
    await turnsFor(world, duty, 3_000);
    expect(world.view("n1").notice).toMatchObject({ status: "queued", owner: null, lapses: 1, epoch: 3 });
  });

  it("judges no lease that could not be renewed while the database was away", async () => {
    const world = await worldWith();
    const { link, duty } = dutyOf(world);
    await world.turn(duty);
    await world.claimed("n1");
    await turnsFor(world, duty, LEASE_MS - 2_000);
    const away = { ...world.ledger, now: Effect.fail(new Transient({ message: "the database is away" })) };
    const broken = ledgerLink(away, { clock: world.clock, silenceMs: SILENCE_MS });
    await expect(world.run(broken.since)).rejects.toThrow("away");
    // a silence of this process counts as much as a failure does
    await world.clock.advance(SILENCE_MS + 1);
    expect(await world.turn(duty)).toMatchObject({ found: 0 });
    expect(await world.run(link.since)).toBe(world.now);
    await turnsFor(world, duty, LEASE_MS - 2_000);
    expect(world.view("n1").notice.status).toBe("claimed");
    await turnsFor(world, duty, 3_000);
    expect(world.view("n1").notice.status).toBe("queued");
  });

  it("holds at the cap what keeps losing its workers", async () => {
    const world = await worldWith();
    const { link } = dutyOf(world);
    const duty = lapseLeases(world.ports, link, world.limits({ leaseMs: LEASE_MS, maxLapses: 1 }));
    await world.claimed("n1");
    await turnsFor(world, duty, LEASE_MS + 3_000);
    expect(world.view("n1").notice).toMatchObject({ status: "ready", holdReason: "lapses" });
  });

  it("never lapses a lease within one lease of its own connection, nor before it has passed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: LEASE_MS * 2 }),
        fc.integer({ min: 0, max: LEASE_MS * 2 }),
        async (connectedAfterMs, laterMs) => {
          const world = await worldWith();
          await world.claimed("n1");
          await world.clock.advance(connectedAfterMs);
          // a silence of any length is none, so that the whole time counts as one connection
          const link = ledgerLink(world.ledger, { clock: world.clock, silenceMs: Infinity });
          const duty = lapseLeases(world.ports, link, world.limits({ leaseMs: LEASE_MS }));
          await world.turn(duty);
          await world.clock.advance(laterMs);
          const { changed } = await world.turn(duty);
          const isPast = connectedAfterMs + laterMs > LEASE_MS;
          expect(changed).toBe(isPast && laterMs >= LEASE_MS ? 1 : 0);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
