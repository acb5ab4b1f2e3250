import { describe, expect, it } from "vitest";
import { holdUps } from "../../src/service/hold-ups.ts";
import type { ItemHealth } from "../../src/streams/runtime/health.ts";
import type { DutyHealth } from "../../src/streams/upkeep/duty-loop.ts";

const hung = (record: string): ItemHealth => ({
  ...{ state: "stuck", record, key: "k", stage: "call-provider", ageMs: 31_200 },
});

describe("holdUps", () => {
  it("is nothing while all goes on, whatever waits for a known reason", () => {
    const waiting: ItemHealth = { ...hung("1@1"), state: "waiting", reason: "the provider is paused" };
    expect(holdUps([], [])).toBeNull();
    expect(holdUps([{ pipeline: "deliver-email", overBudget: [waiting] }], [])).toBeNull();
  });

  it("names the record that hangs, where it lies and how long, after what is wrong with the log", () => {
    expect(
      holdUps([{ pipeline: "deliver-email", overBudget: [hung("3@1042")] }], ["the brokers are away"]),
    ).toBe("the brokers are away; deliver-email: record 3@1042 has been in call-provider for 31 s");
  });

  it("names a few and counts the others, and shows nothing that is no record's name", () => {
    const overBudget = ["1@1", "1@2", "hong@example.com", "1@4", "1@5"].map(hung);
    const said = holdUps([{ pipeline: "deliver-email", overBudget }], []);
    expect(said).toMatch(/and 2 records more$/);
    expect(said).not.toContain("example.com");
  });

  it("names duties that go on failing, and why is left to the log", () => {
    const duty = { name: "lapse-leases", turns: 9, changed: 0, bugs: 0, lastDoneAgoMs: 3_600_000 };
    const failing = "Transient: lapsing leases: hong@example.com is away";
    const said = (more: Pick<DutyHealth, "failing" | "failingForMs">) =>
      holdUps([], [], [{ ...duty, ...more }]);
    expect(said({ failing, failingForMs: 45_300 })).toBe("upkeep: lapse-leases fails for 45 s (Transient)");
    expect(said({ failing: "a bug: TypeError at x", failingForMs: 30_000 })).toBe(
      "upkeep: lapse-leases fails for 30 s (a bug)",
    );
    // a hiccup, however long it had rested before
    expect(said({ failing, failingForMs: 2_000 })).toBeNull();
    expect(said({ failing: null, failingForMs: null })).toBeNull();
  });
});
