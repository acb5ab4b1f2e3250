/**
 * Before the right to send: the provider's permit. Who waits for one is only claimed, so nothing is lost by waiting.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SendOutcome } from "../../../src/domain/ports/sender.ts";
import { WORKER } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./delivery-world.ts";

const DOWN: SendOutcome = { kind: "not-accepted", trouble: "down", retryAfterMs: null, words: "503" };

/** Half a second into a pause of a second. */
const pausedDelivery = async () => {
  const world = await worldWith();
  await world.queue("n1");
  const ports = world.ports();
  ports.gate.tryTake()?.done(DOWN);
  const running = world.deliver(ports);
  await world.clock.advance(500);
  return { world, ports, running };
};

describe("takePermit", () => {
  it("holds a notice that is only claimed for as long as the provider is paused, says why, and then goes on", async () => {
    const { world, running } = await pausedDelivery();
    expect(world.view("n1").notice.status).toBe("claimed");
    expect(running.health().oldest).toMatchObject({
      ...{ stage: "take-permit", state: "waiting" },
      reason: "scripted is paused, it is tried again in 500 ms: 503",
    });
    await world.clock.advance(600);
    expect(world.view("n1").notice.status).toBe("sent");
    await world.clock.runUntil(running.drain(1_000), 60_000);
  });

  it("leaves the line when the pipeline gives up, and the notice is somebody else's at once", async () => {
    const { world, ports, running } = await pausedDelivery();
    expect(ports.gate.inLine).toBe(1);
    await world.clock.runUntil(running.abort(), 60_000);
    expect([ports.gate.inLine, ports.gate.inFlight]).toEqual([0, 0]);
    expect(world.view("n1").notice).toMatchObject({ status: "queued", dueAt: world.now });
    expect(await world.history("n1")).toEqual(["T2", "T3", "T5"]);
  });

  it("never has more rights to send out than the provider takes requests, however many are claimed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer(),
        async (maxInFlight, count, seed) => {
          const world = await worldWith({ seed, maxInFlight });
          for (let at = 0; at < count; at += 1) await world.queue(`n${at}`, { sends: ["accepted slowly"] });
          const running = world.deliver(world.ports());
          while (world.ledger.notices().some(({ notice }) => notice.status !== "sent")) {
            await world.clock.advance(1_000);
            const sending = world.ledger.notices().filter(({ notice }) => notice.status === "sending");
            expect(sending.length).toBeLessThanOrEqual(maxInFlight);
            expect(world.claimedBy(WORKER).length + sending.length).toBeLessThanOrEqual(count);
          }
          await world.clock.runUntil(running.drain(1_000), 60_000);
        },
      ),
      { numRuns: 1_000 },
    );
  }, 120_000);
});
