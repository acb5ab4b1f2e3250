/**
 * What the log is told of a committed page, and what it costs when the log is away: time, nothing else.
 */
import { describe, expect, it } from "vitest";
import { Transient } from "../../../src/failure.ts";
import { carryOutRun } from "../../../src/streams/intake/carry-out-run.ts";
import { EMAIL } from "../../contracts/notice-ledger-commands.ts";
import { intakeWorld, type IntakeWorld } from "./intake-world.ts";

const carriedOut = async (world: IntakeWorld): Promise<void> => {
  await world.ingest(["a", "b", "c", "d"]);
  await world.open(100);
  await world.clock.runUntil(carryOutRun(world.ports("d1", [], 3, true)).done, 60_000);
};

describe("publishRequest", () => {
  it("tells the log of each notice as it is queued, once its page is committed", async () => {
    const world = await intakeWorld();
    await carriedOut(world);
    expect(world.published.map(({ noticeId }) => noticeId).sort()).toEqual(["a", "b", "c", "d"]);
    for (const { noticeId, epoch, channel } of world.published) {
      const row = world.ledger.notices().find(({ notice }) => notice.noticeId === noticeId);
      expect(row?.notice).toMatchObject({ status: "queued", epoch, channel });
      expect(channel).toBe(EMAIL);
    }
    expect(world.read().figures).toMatchObject({ published: 4, publishFailed: 0 });
  });

  it("leaves to the sweeper what a log does not take, and the run goes on", async () => {
    const world = await intakeWorld();
    world.logFailure = new Transient({ message: "the broker is away" });
    await carriedOut(world);
    expect(world.statuses()).toEqual({ queued: 4 });
    expect(world.read()).toMatchObject({ state: "closed", figures: { published: 0, publishFailed: 4 } });
    const due = world.ledger.notices().map(({ notice }) => notice.republishAt);
    expect(due.every((at) => at !== null && at <= world.now + 60_000)).toBe(true);
  });
});
