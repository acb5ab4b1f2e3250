import { describe, expect, it } from "vitest";
import { Transient } from "../../../src/failure.ts";
import { republishQueued } from "../../../src/streams/upkeep/republish-queued.ts";
import { worldWith } from "./world.ts";

const MINUTE_MS = 60_000;
const TERMS = { republishMs: MINUTE_MS, republishCapMs: 4 * MINUTE_MS };

describe("republishQueued", () => {
  it("tells the log again of what nobody has claimed, each time after a longer wait", async () => {
    const world = await worldWith(undefined, true);
    const duty = republishQueued(world.ports, world.limits(TERMS));
    await world.queued("n1");
    const waits: number[] = [];
    let lastMs = 0;
    for (let second = 0; second < 16 * 60; second += 1) {
      await world.clock.advance(1_000);
      const { changed } = await world.turn(duty);
      if (changed === 0) continue;
      waits.push(world.clock.nowMs - lastMs);
      lastMs = world.clock.nowMs;
    }
    expect(waits).toEqual([1, 1, 2, 4, 4, 4].map((minutes) => minutes * MINUTE_MS));
    expect(world.published).toHaveLength(6);
    expect(world.published[0]).toMatchObject({ noticeId: "n1", epoch: 1, channel: "email" });
  });

  it("counts only what the log has taken, and does not press on while it takes nothing", async () => {
    const world = await worldWith(undefined, true);
    const duty = republishQueued(world.ports, world.limits({ ...TERMS, pageCount: 1 }));
    await world.queued("a");
    await world.queued("b");
    await world.clock.advance(MINUTE_MS);
    world.logFailure = new Transient({ message: "the log is away" });
    expect(await world.turn(duty)).toEqual({ found: 1, changed: 0, more: false });
    world.logFailure = null;
    for (let turn = 0; turn < 4; turn += 1) await world.turn(duty);
    expect(world.published.map(({ noticeId }) => noticeId).sort()).toEqual(["a", "b"]);
  });

  it("says nothing of what was claimed", async () => {
    const world = await worldWith(undefined, true);
    await world.claimed("n1");
    await world.clock.advance(10 * MINUTE_MS);
    expect(await world.turn(republishQueued(world.ports, world.limits(TERMS)))).toMatchObject({ found: 0 });
  });
});
