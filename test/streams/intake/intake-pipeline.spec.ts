/**
 * One walk through a run's candidates, from the rows to the log.
 */
import { describe, expect, it } from "vitest";
import { intakePipeline } from "../../../src/streams/intake/intake-pipeline.ts";
import { type IntakeWorld, intakeWorld, type PageFault } from "./intake-world.ts";

const begun = async (ids: readonly string[]) => {
  const world = await intakeWorld();
  await world.ingest(ids);
  await world.open(100);
  return world;
};

const walked = async (world: IntakeWorld, faults: readonly PageFault[] = []) => {
  const failures: string[] = [];
  const running = intakePipeline(world.ports("d1", faults, 2, true), ({ message }) =>
    failures.push(message),
  ).start();
  await world.clock.runUntil(running.done, 3_600_000);
  return { failures, ended: await running.done };
};

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `n${at}`);

describe("intakePipeline", () => {
  it("routes page after page, tells the log of each, and ends with the last one", async () => {
    const world = await begun(names(7));
    const { failures, ended } = await walked(world);
    expect({ failures, ended }).toEqual({
      failures: [],
      ended: { how: "completed", lives: 1, handedBack: 0 },
    });
    expect(world.statuses()).toEqual({ queued: 7 });
    expect(world.published.map(({ noticeId }) => noticeId).sort()).toEqual([...names(7)].sort());
  });

  it("ends its walk at a page whose commit is not known, and calls that no failure", async () => {
    const world = await begun(names(7));
    const { failures, ended } = await walked(world, ["none", "lost"]);
    expect(failures).toEqual([]);
    expect(ended.how).toBe("completed");
    expect(world.statuses(), "two pages were written").toEqual({ queued: 4, ready: 3 });
    expect(world.published, "of which one is known").toHaveLength(2);
  });

  it("says what has failed for good, once, and leaves its candidates as they were", async () => {
    const world = await begun(names(7));
    const { failures, ended } = await walked(world, ["none", "permanent"]);
    expect(failures).toEqual(["routing a page: the schema is behind"]);
    expect(ended.how).toBe("completed");
    expect(world.statuses()).toEqual({ queued: 2, ready: 5 });
  });

  it("says of a bug where it is, and nothing of what it tripped over", async () => {
    const world = await begun(names(3));
    const { failures } = await walked(world, ["bug"]);
    expect(failures).toEqual([
      expect.stringMatching(/^routing a page: a bug in our program: SyntaxError at .*intake-world/),
    ]);
    expect(failures.join()).not.toContain("kim");
    expect(world.statuses()).toEqual({ ready: 3 });
  });

  it("takes no page after it was told to drain, and publishes the one in hand", async () => {
    const world = await begun(names(20));
    const failures: Error[] = [];
    const running = intakePipeline(world.ports("d1", ["slow", "slow", "slow"], 2, true), (failure) =>
      failures.push(failure),
    ).start();
    await world.clock.advance(600);
    await world.clock.runUntil(running.drain(10_000), 60_000);
    const queued = world.statuses()["queued"] ?? 0;
    expect(queued).toBeGreaterThan(0);
    expect(queued).toBeLessThan(20);
    expect(world.published).toHaveLength(queued);
    expect(failures).toEqual([]);
  });
});
