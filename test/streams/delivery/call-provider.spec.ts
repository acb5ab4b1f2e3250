/**
 * The provider's call: one copy for a right, and the permit back whatever comes of it.
 */
import { describe, expect, it } from "vitest";
import type { DeliveryPorts } from "../../../src/streams/delivery/delivery-ports.ts";
import { EMAIL } from "../../contracts/notice-ledger-commands.ts";
import { type SendFate, SLOW_MS, worldWith } from "./delivery-world.ts";

const sentWith = async (fate: SendFate, change: (ports: DeliveryPorts) => DeliveryPorts = (same) => same) => {
  const world = await worldWith();
  await world.queue("n1", { sends: [fate, "unknown"] });
  const ports = change(world.ports());
  const tookMs: number[] = [];
  ports.gate.onAnswer((ms) => tookMs.push(ms));
  const running = world.deliver(ports);
  await world.clock.advance(SLOW_MS + 10);
  const seen = { tookMs: [...tookMs], copies: world.copies.length, inFlight: ports.gate.inFlight };
  const { status } = world.view("n1").notice;
  await world.clock.runUntil(running.drain(1_000), 60_000);
  return { ...seen, status, world };
};

describe("callProvider", () => {
  it("hands one copy over under the attempt's own key, and measures how long the provider takes", async () => {
    const { world, tookMs, copies, inFlight, status } = await sentWith("accepted slowly");
    expect({ tookMs, copies, inFlight, status }).toEqual({
      tookMs: [SLOW_MS],
      copies: 1,
      inFlight: 0,
      status: "sent",
    });
    const [copy] = world.copies;
    expect(copy?.request).toMatchObject({ reference: "n1/1", channel: EMAIL });
    expect(copy?.request.providerKey).toBe(world.view("n1").attempts[0]?.attemptId);
  });

  it("takes a sender that answers nothing for a provider that may have accepted", async () => {
    const { status, inFlight } = await sentWith("accepted", (ports) => ({
      ...ports,
      sender: { ...ports.sender, send: () => [] },
    }));
    expect({ status, inFlight }).toEqual({ status: "in_doubt", inFlight: 0 });
  });

  it("takes a bug in a sender for the same, and gives the permit back", async () => {
    const { status, inFlight, tookMs } = await sentWith("throws");
    expect({ status, inFlight, tookMs }).toEqual({ status: "in_doubt", inFlight: 0, tookMs: [] });
  });

  it("asks nobody without a right: the permit goes back, and nothing is measured", async () => {
    const { status, inFlight, tookMs, copies } = await sentWith("accepted", (ports) => ({
      ...ports,
      policies: { ...ports.policies, active: () => null }, // of which no gate can be made
    }));
    expect({ inFlight, tookMs, copies }).toEqual({ inFlight: 0, tookMs: [], copies: 0 });
    expect(status).toBe("ready");
  });
});
