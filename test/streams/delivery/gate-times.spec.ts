/**
 * When a notice may leave, by the rules in force.
 */
import { describe, expect, it } from "vitest";
import { policyVersion } from "../../../src/domain/ids.ts";
import { gateFor, reopensAt } from "../../../src/streams/delivery/gate-times.ts";
import { SEND_WINDOW_MS } from "../../contracts/notice-ledger-commands.ts";
import { POLICY, worldWith } from "./delivery-world.ts";

const MINUTE_MS = 60_000;

const begun = async () => {
  const world = await worldWith();
  return { world, ports: world.ports(), claimed: await world.claimed("n1") };
};

describe("the gate's times", () => {
  it("waits out quiet hours that begin before a right to send would have ended", async () => {
    const { world, ports, claimed } = await begun();
    const minuteOf = (ms: number): number => {
      const local = new Date(ms + 9 * 60 * MINUTE_MS); // Seoul
      return local.getUTCHours() * 60 + local.getUTCMinutes();
    };
    // from the next whole minute on, for an hour
    const nextMinute = Math.ceil((world.now + 1) / MINUTE_MS) * MINUTE_MS;
    const fromMinute = minuteOf(nextMinute);
    const quietHours = [{ fromMinute, untilMinute: (fromMinute + 60) % 1_440 }];
    await world.activate({ ...POLICY, version: policyVersion(2), quietHours });
    expect(reopensAt(ports, claimed, SEND_WINDOW_MS), "long enough").toBeNull();
    await world.clock.advance(nextMinute - world.now - SEND_WINDOW_MS / 2);
    expect(gateFor(ports, claimed), "still open").not.toBeNull();
    expect(reopensAt(ports, claimed)).toBeNull();
    expect(reopensAt(ports, claimed, SEND_WINDOW_MS)).toBe(nextMinute + 60 * MINUTE_MS);
    await world.clock.advance(SEND_WINDOW_MS);
    expect(gateFor(ports, claimed)).toBeNull();
    expect(reopensAt(ports, claimed)).toBe(nextMinute + 60 * MINUTE_MS);
  });

  it("are not known without a policy, nor where the recipient's own hours cannot be read", async () => {
    const { world, ports, claimed } = await begun();
    const routing = { quietHours: "at night" };
    const unreadable = { ...claimed, contents: { ...claimed.contents, routing } };
    expect([gateFor(ports, unreadable), reopensAt(ports, unreadable)]).toEqual([null, null]);
    world.active = null;
    expect([gateFor(ports, claimed), reopensAt(ports, claimed)]).toEqual([null, null]);
  });
});
