/**
 * Telling the ledger: an outcome that is known must not become a doubt because an answer was lost.
 */
import { describe, expect, it } from "vitest";
import { type Fates, type Fault, worldWith } from "./delivery-world.ts";

const settled = async (
  fates: Partial<Fates>,
  type: "accept" | "definite-no" | "doubt",
  faults: readonly Fault[],
) => {
  const world = await worldWith({ faults: { [type]: faults } });
  await world.queue("n1", fates);
  const ports = world.ports();
  const running = world.deliver(ports);
  await world.clock.advance(5_000);
  await world.clock.runUntil(running.drain(1_000), 60_000);
  expect(ports.leases.count).toBe(0);
  return { status: world.view("n1").notice.status, history: await world.history("n1"), world };
};

describe("settleNotice", () => {
  it("tells an acceptance until it is written, and writes it once", async () => {
    const faults: readonly Fault[] = ["transient", "unwritten", "lost", "none"];
    const { status, history, world } = await settled({}, "accept", faults);
    expect(status).toBe("sent");
    expect(history).toEqual(["T2", "T3", "T6", "T8"]);
    expect(world.copies).toHaveLength(1);
  });

  it("tells a refusal and a doubt until they are written, too", async () => {
    const refused = await settled({ sends: ["rejected for good"] }, "definite-no", ["lost", "unwritten"]);
    expect(refused.history).toEqual(["T2", "T3", "T6", "T9"]);
    const doubted = await settled({ sends: ["dropped"] }, "doubt", ["unwritten", "lost"]);
    expect(doubted.history).toEqual(["T2", "T3", "T6", "T10"]);
    expect(doubted.world.view("n1").deadLetters).toHaveLength(1);
  });
});
