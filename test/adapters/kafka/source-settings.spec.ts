import { describe, expect, it } from "vitest";
import { type KafkaSourceOptions, settingsOf } from "../../../src/adapters/kafka/source-settings.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const needed: KafkaSourceOptions<string> = { topic: "t", groupId: "g", body: () => "" };

describe("how a topic is consumed", () => {
  it("is whole where nothing but the topic and the group are given", () => {
    const settings = settingsOf(needed, () => 1);
    expect(settings).toMatchObject({ topic: "t", groupId: "g" });
    expect(Object.values(settings)).not.toContain(undefined);
    expect(() => settings.told({ type: "group:rebalance:begin", topic: "t" })).not.toThrow();
  });

  it("leaves room by default: signs of life within a session, a partition's fetch within one answer, that within the buffer", () => {
    const settings = settingsOf(needed, () => 1);
    expect(settings.heartbeatMs * 3).toBeLessThanOrEqual(settings.sessionTimeoutMs);
    expect(settings.sessionTimeoutMs).toBeLessThan(settings.rebalanceTimeoutMs);
    expect(settings.maxWaitMs).toBeLessThan(settings.heartbeatMs);
    expect(settings.partitionFetchBytes).toBeLessThanOrEqual(settings.fetchBytes);
    expect(settings.fetchBytes).toBeLessThanOrEqual(settings.bufferBytes);
  });

  it("is what was given, also where that is nothing at all: zero is a number", () => {
    const given = {
      ...{ sessionTimeoutMs: 1, rebalanceTimeoutMs: 2, heartbeatMs: 3, maxWaitMs: 0, fetchBytes: 5 },
      ...{ partitionFetchBytes: 6, bufferBytes: 7, commitEveryMs: 0, commitEveryRecords: 9 },
      ...{ revokeDeadlineMs: 0, clock: new VirtualClock(), told: () => undefined },
    };
    const nextEpoch = (): number => 7;
    expect(settingsOf({ ...needed, ...given }, nextEpoch)).toEqual({
      ...{ topic: "t", groupId: "g", nextEpoch, past: { hasJoined: false } },
      ...given,
    });
  });
});
