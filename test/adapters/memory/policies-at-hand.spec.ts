/**
 * Policies in memory: the active one is looked at again by itself, a version is read once, and a ledger that is away changes nothing.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { memoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { instant, policyVersion } from "../../../src/domain/ids.ts";
import { Transient } from "../../../src/failure.ts";
import { LOOK_EVERY_MS, policiesAtHand } from "../../../src/adapters/memory/policies-at-hand.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const stored = (version: number) => ({
  version,
  zone: "Asia/Seoul",
  channels: [{ channel: "email", maxAttempts: 3, backoff: { firstMs: 60_000, factor: 2, capMs: 600_000 } }],
  expiresAfterMs: 259_200_000,
});

const begun = async () => {
  const clock = new VirtualClock();
  const ledger = memoryLedger({ now: () => instant(START + Math.floor(clock.nowMs)) });
  const activate = (version: number) =>
    Effect.runPromise(ledger.activatePolicy(policyVersion(version), stored(version), "operator:kim"));
  const asked: (number | string)[] = [];
  const around = { isAway: false };
  const policies = await Effect.runPromise(
    policiesAtHand(
      {
        now: ledger.now,
        policy: (version) =>
          Effect.suspend(() => {
            asked.push(version);
            return around.isAway ? Effect.fail(new Transient({ message: "away" })) : ledger.policy(version);
          }),
      },
      clock,
    ),
  );
  return { clock, activate, asked, around, policies };
};

describe("policiesAtHand", () => {
  it("finds a policy that somebody activates within a second, by itself", async () => {
    const { clock, activate, policies } = await begun();
    expect(policies.active()).toBeNull();
    await activate(1);
    await clock.advance(LOOK_EVERY_MS);
    expect(policies.active()?.version).toBe(1);
    await activate(2);
    await clock.advance(LOOK_EVERY_MS);
    expect(policies.active()?.version).toBe(2);
    expect(policies.pinned(policyVersion(1))?.version, "kept").toBe(1);
    policies.stop();
    await clock.advance(LOOK_EVERY_MS);
    expect(clock.timers).toBe(0);
  });

  it("keeps what it has while the ledger is away, and goes on with the ledger's time", async () => {
    const { clock, activate, around, policies } = await begun();
    await activate(1);
    await clock.advance(LOOK_EVERY_MS);
    around.isAway = true;
    await activate(2);
    await clock.advance(60_000);
    expect(policies.active()?.version).toBe(1);
    expect(policies.now()).toBe(START + clock.nowMs);
    around.isAway = false;
    await clock.advance(LOOK_EVERY_MS);
    expect(policies.active()?.version).toBe(2);
    policies.stop();
  });

  it("reads a version once, and none that is not there", async () => {
    const { clock, activate, asked, policies } = await begun();
    await activate(1);
    await activate(2);
    const wanted = [policyVersion(1), policyVersion(7)];
    await Effect.runPromise(policies.fetch(wanted));
    await Effect.runPromise(policies.fetch(wanted));
    expect(asked.filter((version) => version === 1)).toHaveLength(1);
    expect(policies.pinned(policyVersion(1))?.version).toBe(1);
    expect(policies.pinned(policyVersion(7))).toBeNull();
    policies.stop();
    await clock.settle();
  });
});
