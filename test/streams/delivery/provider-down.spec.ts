/** A provider that is away for a while, behind its gate: who waits is served, and hardly anybody notices. */
import { describe, expect, it } from "vitest";
import { memoryProviderJournal } from "../../../src/adapters/memory/provider-journal.ts";
import { simulatedSender } from "../../../src/adapters/providers/simulated.ts";
import type { SendOutcome } from "../../../src/domain/ports/sender.ts";
import type { GateChange } from "../../../src/streams/delivery/gate-words.ts";
import { ProviderGate } from "../../../src/streams/delivery/provider-gate.ts";
import { aRequest, EMAIL } from "../../contracts/sender-requests.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const SECOND_MS = 1_000;

describe("a provider that is down for a minute", () => {
  it("holds everybody up and harms nobody: some are turned away once, and all are accepted in the end", async () => {
    const clock = new VirtualClock();
    const isDown = (): boolean => clock.nowMs >= 5 * SECOND_MS && clock.nowMs < 65 * SECOND_MS;
    const sender = simulatedSender({
      channel: EMAIL,
      journal: memoryProviderJournal(clock),
      ports: clock.ports,
      faults: { rejectedShare: 0 },
      isDown,
    });
    const gate = new ProviderGate({
      provider: sender.provider,
      limits: { maxInFlight: 50, perSecond: null },
      ports: clock.ports,
    });
    const changes: GateChange[] = [];
    gate.onChange((change) => changes.push(change));
    const outcomes: SendOutcome["kind"][] = [];
    const acceptedAtMs: number[] = [];

    const deliver = async (about: string): Promise<void> => {
      for (;;) {
        const permit = await gate.take(new AbortController().signal);
        const [sent] = sender.send([aRequest(about)]);
        if (sent === undefined) throw new Error("no outcome");
        const outcome = await sent;
        permit.done(outcome);
        outcomes.push(outcome.kind);
        if (outcome.kind !== "accepted") continue;
        acceptedAtMs.push(clock.nowMs);
        return;
      }
    };
    const all = Promise.all(Array.from({ length: 600 }, (_, nth) => deliver(`n${nth}`)));
    await clock.advance(30 * SECOND_MS);
    expect(gate.waiting).toMatch(/^simulated-email is paused, it is (being )?tried/);
    await clock.runUntil(all, 200 * SECOND_MS);

    const turnedAway = outcomes.filter((kind) => kind !== "accepted").length;
    expect(new Set(outcomes)).toEqual(new Set(["accepted", "not-accepted"]));
    expect(acceptedAtMs).toHaveLength(600);
    // Those that were under way when it went down, and one a probe: 1 + 2 + 4 + 8 + 16 + 30 s reach over the minute.
    expect(turnedAway).toBeLessThanOrEqual(50 + 6);
    // It is found again within the longest pause, and loaded again within some rounds of a second.
    expect(Math.max(...acceptedAtMs)).toBeLessThan((65 + 30 + 25) * SECOND_MS);
    expect(changes.at(-1)).toEqual({ type: "provider:pause:done", provider: "simulated-email" });
    expect(gate.state).toBe("open");
    expect(gate.inFlight).toBe(0);
  });
});
