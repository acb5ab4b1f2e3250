/**
 * What every settlement is made of.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStep, storable } from "../../../src/streams/delivery/settling.ts";
import { EMAIL, SMS } from "../../contracts/notice-ledger-commands.ts";
import { worldWith } from "./delivery-world.ts";

describe("the next step", () => {
  it("follows the pinned policy and the contacts that there are, and spreads out what failed together", async () => {
    const world = await worldWith();
    const ports = world.ports();
    const both = await world.claimed("both");
    expect(nextStep(ports, both, "rejected-for-good", null)).toMatchObject({ kind: "queue", channel: SMS });
    const one = await world.claimed("one", { contacts: { [EMAIL]: "contact:one" } });
    expect(nextStep(ports, one, "rejected-for-good", null)).toMatchObject({ kind: "fail" });
    expect(nextStep(ports, one, "provider-fault", 30_000)).toMatchObject({ channel: EMAIL, dueInMs: 30_000 });
    const waits = Array.from({ length: 20 }, () => nextStep(ports, one, "rejected-for-now", null));
    expect(new Set(waits.map((step) => (step.kind === "queue" ? step.dueInMs : 0))).size).toBeGreaterThan(10);
  });

  it("is a bug of whoever claims a notice without a channel", async () => {
    const world = await worldWith();
    const { notice, ...rest } = await world.claimed("n1");
    const without = { ...rest, notice: { ...notice, channel: null } };
    expect(() => nextStep(world.ports(), without, "unusable", null)).toThrow(
      "n1 was claimed without a channel",
    );
  });
});

describe("storable", () => {
  it("never holds what the ledger refuses, and always leaves everything else as it was", () => {
    const text = fc.string({ unit: fc.constantFrom("\0", "a", "홍", "\u{1f4c4}", "\n") });
    fc.assert(
      fc.property(text, (given) => {
        const stored = storable(given);
        expect(stored).not.toContain("\0");
        expect(stored).toHaveLength(given.length);
        [...given].forEach((letter, at) =>
          expect([...stored][at]).toBe(letter === "\0" ? "\u{fffd}" : letter),
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
