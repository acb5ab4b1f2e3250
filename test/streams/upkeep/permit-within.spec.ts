import { describe, expect, it } from "vitest";
import { ProviderGate } from "../../../src/streams/delivery/provider-gate.ts";
import { permitWithin } from "../../../src/streams/upkeep/permit-within.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const WAIT_MS = 1_000;

const fullGate = () => {
  const clock = new VirtualClock();
  const gate = new ProviderGate({
    provider: "scripted",
    limits: { maxInFlight: 1, perSecond: null },
    ports: clock.ports,
  });
  const taken = gate.tryTake();
  const stopping = new AbortController();
  return { clock, gate, taken, stopping, asked: () => permitWithin(gate, clock, WAIT_MS, stopping.signal) };
};

describe("permitWithin", () => {
  it("waits in line for its turn", async () => {
    const { clock, gate, taken, asked } = fullGate();
    const permit = asked();
    await clock.advance(WAIT_MS - 1);
    taken?.giveBack();
    (await permit)?.giveBack();
    expect([gate.inFlight, gate.inLine, clock.timers]).toEqual([0, 0, 0]);
  });

  it("leaves the line when its time is up", async () => {
    const { clock, gate, asked } = fullGate();
    const permit = asked();
    await clock.advance(WAIT_MS);
    expect(await permit).toBeNull();
    expect([gate.inFlight, gate.inLine]).toEqual([1, 0]);
  });

  it("leaves it at once when it is time to stop, and does not join it after that", async () => {
    const { clock, gate, stopping, asked } = fullGate();
    const permit = asked();
    stopping.abort();
    expect(await permit).toBeNull();
    expect(await asked()).toBeNull();
    expect([gate.inLine, clock.timers]).toEqual([0, 0]);
  });
});
