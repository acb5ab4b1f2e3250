import { describe, expect, it } from "vitest";
import { CommitPace } from "../../../src/adapters/kafka/commit-pace.ts";
import { SeatCommits } from "../../../src/adapters/kafka/seat-commits.ts";
import { Seats } from "../../../src/adapters/kafka/seats.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

type Told = ReadonlyMap<number, number>;

/** Two seats with epochs 7 and 8, and a broker that answers by a script. */
const place = (answers: readonly ((told: Told) => boolean)[]) => {
  const clock = new VirtualClock();
  const seats = new Seats();
  for (const [partition, epoch] of [
    [0, 7],
    [1, 8],
  ] as const) {
    seats.place(partition);
    const seat = seats.get(partition);
    if (seat !== undefined) seat.epoch = epoch;
  }
  const told: Told[] = [];
  const script = [...answers];
  let waited = 0;
  const gone: unknown[] = [];
  const member = {
    commit: async (offsets: Told) => {
      told.push(offsets);
      return script.shift()?.(offsets) ?? true;
    },
  };
  let present: typeof member | null = member;
  const commits = new SeatCommits({
    topic: "t",
    seats,
    pace: new CommitPace({ everyMs: 0, everyRecords: 1 }, clock),
    member: () => present,
    pause: async () => {
      waited += 1;
    },
    gone: (error) => gone.push(error),
  });
  const crash = (): void => {
    present = null;
    for (const { partition } of seats.all) seats.leave(partition);
  };
  return { commits, seats, told, waits: () => waited, gone, crash };
};

const named = (type: string): Error => Object.assign(new Error(type), { type });
const refusing = (error: Error) => (): boolean => {
  throw error;
};
const MARKS = [
  { partition: "0", epoch: 7, next: 5 },
  { partition: "1", epoch: 6, next: 9 },
] as const;

describe("a commit of what seats have finished", () => {
  it("tells the broker of the seats that hold, and answers stale for those that are over", async () => {
    const { commits, seats, told } = place([]);
    expect(await commits.commit(MARKS)).toEqual(["committed", "stale"]);
    expect(told).toEqual([new Map([[0, 5]])]);
    expect(seats.get(0)?.committed).toBe(5);
    expect(seats.get(1)?.committed).toBe(0);
  });

  it("goes nowhere when nothing of it holds, or nobody is there", async () => {
    const { commits, told, crash } = place([]);
    expect(await commits.commit(MARKS.slice(1))).toEqual(["stale"]);
    crash();
    expect(await commits.commit(MARKS)).toEqual(["stale", "stale"]);
    expect(told).toEqual([]);
  });

  it.each(["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "REBALANCE_IN_PROGRESS"])(
    "is stale where the group has moved on: %s",
    async (type) => {
      const { commits, seats } = place([refusing(named(type))]);
      expect(await commits.commit(MARKS)).toEqual(["stale", "stale"]);
      expect(seats.get(0)?.committed).toBe(0);
    },
  );

  it("is not called committed where the client never told a broker", async () => {
    const { commits } = place([() => false]);
    expect(await commits.commit(MARKS)).toEqual(["stale", "stale"]);
  });

  it("is stale where the topic is gone, whose seats end with it, so that no old place is committed to another log", async () => {
    const { commits, seats, told, waits, gone } = place([refusing(named("UNKNOWN_TOPIC_OR_PARTITION"))]);
    expect(await commits.commit(MARKS)).toEqual(["stale", "stale"]);
    expect([told.length, waits(), seats.get(0)?.committed]).toEqual([1, 0, 0]);
    expect(gone).toMatchObject([{ type: "UNKNOWN_TOPIC_OR_PARTITION" }]);
  });

  it("waits for a broker that is away, and is stale once its seats are lost meanwhile", async () => {
    const patient = place([
      refusing(named("NOT_COORDINATOR_FOR_GROUP")),
      refusing(named("REQUEST_TIMED_OUT")),
    ]);
    expect(await patient.commits.commit(MARKS)).toEqual(["committed", "stale"]);
    expect([patient.told.length, patient.waits()]).toEqual([3, 2]);
    const lost = place([
      () => {
        lost.crash();
        throw named("REQUEST_TIMED_OUT");
      },
    ]);
    expect(await lost.commits.commit(MARKS)).toEqual(["stale", "stale"]);
    expect(lost.told).toHaveLength(1);
  });

  it("fails where no waiting mends it", async () => {
    const { commits } = place([refusing(named("GROUP_AUTHORIZATION_FAILED"))]);
    await expect(commits.commit(MARKS)).rejects.toMatchObject({
      _tag: "Permanent",
      code: "kafka:GROUP_AUTHORIZATION_FAILED",
      message: "committing to t: GROUP_AUTHORIZATION_FAILED",
    });
  });
});
