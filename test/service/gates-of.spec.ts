import { tmpdir } from "node:os";
import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { channelId } from "../../src/domain/ids.ts";
import type { SendOutcome } from "../../src/domain/ports/sender.ts";
import { loadConfig } from "../../src/service/config/load.ts";
import { gatesOf } from "../../src/service/gates-of.ts";
import type { ProviderGate } from "../../src/streams/delivery/provider-gate.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const EMAIL = channelId("email");
const LIMITS = { maxInFlight: 100, perSecond: null, sendWindowMs: 1_000, answerWindowMs: 1_000 };
const LOST: SendOutcome = { kind: "unknown", words: "the connection was reset" };

describe("the gates of the configured providers", () => {
  const gateWith = (written: Readonly<Record<string, string>>) => {
    const flags = Object.entries(written).map(([name, text]) => ({
      flag: "--set",
      path: `providers.email.${name}`,
      text,
    }));
    const loaded = loadConfig({ folder: tmpdir(), environment: {}, flags });
    if (Result.isFailure(loaded)) throw new Error(JSON.stringify(loaded.failure));
    const clock = new VirtualClock();
    const senders = new Map([[EMAIL, { provider: "simulated-email", limits: LIMITS }]]);
    const gate = gatesOf(loaded.success.config, senders, { clock }).get(EMAIL);
    if (gate === undefined) throw new Error("there is no gate for email");
    return { gate, clock };
  };

  const lose = (gate: ProviderGate, times: number): void => {
    for (let nth = 0; nth < times; nth += 1) gate.tryTake()?.done(LOST);
  };

  it("pause a provider after as many troubles as are written, for as long as is written", () => {
    const { gate } = gateWith({ breakerTroublesInARow: "3", breakerFirstPauseMs: "700" });
    lose(gate, 2);
    expect(gate.state).toBe("open");
    lose(gate, 1);
    expect([gate.state, gate.whenOpenInMs]).toEqual(["paused", 700]);
  });

  it("look at the part that is written, once there are as many as are written", () => {
    const { gate } = gateWith({
      ...{ breakerTroublesInARow: "1000", breakerMinOutcomes: "4", breakerTroubleShare: "0.5" },
    });
    for (let nth = 0; nth < 2; nth += 1)
      gate.tryTake()?.done({ kind: "accepted", providerMessageId: "m", words: "taken" });
    lose(gate, 1);
    expect(gate.state).toBe("open");
    lose(gate, 1);
    expect(gate.state).toBe("paused");
  });

  it("pause by the defaults where nothing is written", () => {
    const { gate } = gateWith({});
    lose(gate, 9);
    expect(gate.state).toBe("open");
    lose(gate, 1);
    expect([gate.state, gate.whenOpenInMs]).toEqual(["paused", 1_000]);
  });
});
