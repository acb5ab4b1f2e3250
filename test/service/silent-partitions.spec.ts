import { describe, expect, it } from "vitest";
import { SilentPartitions } from "../../src/service/silent-partitions.ts";
import type { PartitionHealth } from "../../src/streams/runtime/health.ts";

const partition = (more: Partial<PartitionHealth> = {}): PartitionHealth => ({
  ...{ partition: "3", epoch: 7, position: 100, committed: 100, lag: 42 },
  ...{ unfinished: 0, seenAgain: 0, oldest: null },
  ...more,
});
const email = (inFlight: number, ...partitions: readonly PartitionHealth[]) => ({
  ...{ pipeline: "deliver-email", state: "running" as const, inFlight, bytesInFlight: 0, partitions },
  window: { credits: 30, bytes: 1_000_000 },
});

/** Looks every ten seconds, and gives what the last look has found. */
type Health = Parameters<SilentPartitions["look"]>[0][number];
const looking = (looks: number, health: (nth: number) => Health, everyMs = 10_000): readonly string[] => {
  let nowMs = 0;
  const silent = new SilentPartitions({ monotonicMs: () => nowMs });
  let found: readonly string[] = [];
  for (let nth = 0; nth < looks; nth += 1) {
    found = silent.look([health(nth)]);
    nowMs += everyMs;
  }
  return found;
};

describe("partitions of which nothing comes", () => {
  it("are named after a minute, with what lies there", () => {
    expect(looking(6, () => email(0, partition()))).toEqual([]);
    expect(looking(7, () => email(0, partition()))).toEqual([
      "deliver-email: partition 3 is 42 records behind, and none of them has come for 60 s",
    ]);
  });

  it.each([
    ["that are worked on", () => email(1, partition({ unfinished: 1 }))],
    ["of which all was read", () => email(0, partition({ lag: 0 }))],
    ["whose end is not known", () => email(0, partition({ lag: null }))],
    ["that are another member's", () => email(0, partition({ epoch: null }))],
    ["for which there is no room", () => email(30, partition())],
    ["of a pipeline that ends", () => ({ ...email(0, partition()), state: "stopping" as const })],
    ["for whose bytes there is no room", () => ({ ...email(0, partition()), bytesInFlight: 1_000_000 })],
    ["that go on", (nth: number) => email(0, partition({ position: 100 + nth }))],
    ["that come and go", (nth: number) => email(0, partition({ epoch: nth }))],
  ] as const)("are not those %s", (_which, health) => {
    expect(looking(20, health)).toEqual([]);
  });

  it("are not known by whoever stood still itself", () => {
    expect(looking(5, () => email(0, partition()), 90_000)).toEqual([]);
  });

  it("are not those of an hour ago that have gone on since", () => {
    const health = (nth: number) => email(0, partition(nth === 9 ? { unfinished: 1 } : {}));
    expect(looking(10, health)).toEqual([]);
    expect(looking(16, health)).toEqual([]);
  });
});
