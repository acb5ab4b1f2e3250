import { describe, expect, it } from "vitest";
import { CommitPace } from "../../../src/adapters/kafka/commit-pace.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const paced = () => {
  const clock = new VirtualClock();
  const pace = new CommitPace({ everyMs: 200, everyRecords: 1_000 }, clock);
  const sentAt: number[] = [];
  const commit = (records: number): void => {
    pace.due(records).then(
      () => sentAt.push(clock.nowMs),
      () => undefined,
    );
  };
  return { clock, pace, sentAt, commit };
};

describe("the pace of commits", () => {
  it("sends the first at once, and the next when the time has passed", async () => {
    const { clock, sentAt, commit } = paced();
    commit(1);
    await clock.advance(50);
    commit(1);
    await clock.advance(149);
    expect(sentAt).toEqual([0]);
    await clock.advance(1);
    expect(sentAt).toEqual([0, 200]);
  });

  it("does not let many finished records wait", async () => {
    const { clock, sentAt, commit } = paced();
    commit(1);
    await clock.advance(10);
    commit(1_000);
    await clock.settle();
    expect(sentAt).toEqual([0, 10]);
  });

  it("sends what waits at once when the partitions are about to go, and waits again when new ones have come", async () => {
    const { clock, pace, sentAt, commit } = paced();
    commit(1);
    await clock.advance(10);
    commit(1);
    pace.hurry();
    await clock.settle();
    commit(1);
    await clock.settle();
    expect(sentAt).toEqual([0, 10, 10]);
    pace.calm();
    commit(1);
    await clock.advance(199);
    expect(sentAt).toHaveLength(3);
    await clock.advance(1);
    expect(sentAt).toEqual([0, 10, 10, 210]);
    expect(clock.timers).toBe(0);
  });
});
