/**
 * A delivery without a broker, ready made.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { memoryQueuedNotices } from "../../../src/adapters/memory/queued-notices.ts";
import { deliveryPipeline } from "../../../src/streams/delivery/delivery-pipeline.ts";
import { ledgerDelivery } from "../../../src/streams/delivery/ledger-delivery.ts";
import { EMAIL, SMS } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./delivery-world.ts";

describe("ledgerDelivery", () => {
  it("delivers the queued notices of its channel, those that are queued later too, and no other channel's", async () => {
    const world = await worldWith();
    for (const id of ["a", "b", "c"]) await world.queue(id);
    const ports = world.ports(EMAIL);
    const queued = memoryQueuedNotices(world.ledger);
    const running = deliveryPipeline(ports, ledgerDelivery(ports, { queued, pageCount: 2 })).start();
    await world.clock.advance(1_000);
    await world.queue("later");
    await world.queue("refused", { sends: ["rejected for good"] }); // and queued for text messages
    await world.clock.advance(5_000);
    const statuses = ["a", "b", "c", "later"].map((id) => world.view(id).notice.status);
    expect(statuses).toEqual(["sent", "sent", "sent", "sent"]);
    expect(world.view("refused").notice).toMatchObject({ status: "queued", channel: SMS });
    await world.clock.runUntil(running.drain(1_000), 60_000);
  });

  it("looks for itself where a hint was missed, within the time it was given", async () => {
    const world = await worldWith();
    const queued = memoryQueuedNotices(world.ledger);
    const ports = world.ports(EMAIL);
    const deaf = {
      ...queued,
      changed: (ms: number) => Effect.sleep(ms),
    };
    const running = deliveryPipeline(ports, ledgerDelivery(ports, { queued: deaf, idleMs: 250 })).start();
    await world.clock.advance(100);
    await world.queue("n1");
    await world.clock.advance(250);
    expect(world.view("n1").notice.status).toBe("sent");
    await world.clock.runUntil(running.drain(1_000), 60_000);
  });

  it("takes a record that it cannot keep for a bug: there is none in a ledger", async () => {
    const world = await worldWith();
    const { keepPoison } = ledgerDelivery(world.ports(), { queued: memoryQueuedNotices(world.ledger) });
    expect(() =>
      keepPoison({
        ...{ pipeline: "p", record: "n1#2", key: "n1", body: null, attempts: 1, stage: "s" },
        ...{ failure: "Undecodable", reason: "why", stack: null, atMs: 0 },
      }),
    ).toThrow("n1#2");
  });
});
