import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { type Failure, Transient } from "../../../src/failure.ts";
import { type DutyTurn, NOTHING_FOUND } from "../../../src/streams/upkeep/duty.ts";
import { DutyLoop } from "../../../src/streams/upkeep/duty-loop.ts";
import { type UpkeepEvent, UpkeepEvents } from "../../../src/streams/upkeep/upkeep-events.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const SWEEP_MS = 1_000;
const CAP_MS = 10_000;

const loopOf = (turn: () => Effect.Effect<DutyTurn, Failure>, settle?: () => Promise<void>) => {
  const clock = new VirtualClock();
  const events = new UpkeepEvents();
  const told: UpkeepEvent[] = [];
  events.on((event) => void told.push(event));
  const beganMs: number[] = [];
  const once = Effect.suspend(() => {
    beganMs.push(clock.nowMs);
    return turn();
  });
  const duty = { name: "duty", once, ...(settle === undefined ? {} : { settle }) };
  const limits = { sweepMs: SWEEP_MS, failureCapMs: CAP_MS };
  const loop = new DutyLoop(duty, { system: clock.ports, limits, events });
  const waits = () => beganMs.slice(1).map((ms, before) => ms - (beganMs[before] ?? 0));
  return { clock, loop, told, beganMs, waits };
};

describe("DutyLoop", () => {
  it("rests a sweep interval after less than a page, never in step with its neighbours", async () => {
    const { clock, loop, waits } = loopOf(() => Effect.succeed(NOTHING_FOUND));
    await clock.advance(20 * SWEEP_MS);
    await loop.stop();
    expect(waits().length).toBeGreaterThan(15);
    expect(waits().every((ms) => ms >= 0.8 * SWEEP_MS && ms <= 1.2 * SWEEP_MS)).toBe(true);
    expect(new Set(waits()).size).toBeGreaterThan(5);
  });

  it("goes on at once after a full page", async () => {
    let pages = 3;
    const { clock, loop, beganMs } = loopOf(() => {
      pages -= 1;
      return Effect.succeed({ found: 2, changed: 1, more: pages > 0 });
    });
    await clock.settle();
    expect(beganMs).toEqual([0, 0, 0]);
    expect(loop.health()).toMatchObject({ turns: 3, changed: 3, failing: null });
    await loop.stop();
  });

  it("waits for a ledger that fails, longer and longer, and says why", async () => {
    let isAway = true;
    const { clock, loop, told, waits } = loopOf(() =>
      isAway
        ? Effect.fail(new Transient({ message: "the database is away" }))
        : Effect.succeed(NOTHING_FOUND),
    );
    await clock.advance(60_000);
    expect(waits().every((ms, each) => ms >= Math.min(CAP_MS, 250 * 2 ** each) / 2 && ms <= CAP_MS)).toBe(
      true,
    );
    expect(waits().length).toBeLessThan(20);
    expect(loop.health()).toMatchObject({ failing: "Transient: the database is away", lastDoneAgoMs: null });
    expect(told[0]).toMatchObject({ type: "duty:fail:done", duty: "duty", failure: "Transient" });
    isAway = false;
    await clock.advance(CAP_MS);
    expect(loop.health()).toMatchObject({ failing: null, bugs: 0 });
    await loop.stop();
  });

  it("survives a bug, counts it, and shows where it was thrown but not what was thrown", async () => {
    let bugs = 2;
    const { clock, loop, told } = loopOf(() => {
      if (bugs === 0) return Effect.succeed(NOTHING_FOUND);
      bugs -= 1;
      throw new Error("kim@example.com");
    });
    await clock.advance(CAP_MS);
    expect(loop.health()).toMatchObject({ bugs: 2, failing: null });
    expect(told.map(({ type }) => type)).toEqual(["duty:break:done", "duty:break:done"]);
    expect(JSON.stringify(told)).not.toContain("kim");
    await loop.stop();
  });

  it("stops after the turn under way, and when what its turns have begun has ended", async () => {
    const steps: string[] = [];
    let finish: () => void = () => {};
    const { clock, loop, beganMs } = loopOf(
      () =>
        Effect.as(
          Effect.delay(
            Effect.sync(() => void steps.push("turn")),
            500,
          ),
          NOTHING_FOUND,
        ),
      () =>
        new Promise((resolve) => {
          finish = () => {
            steps.push("settled");
            resolve();
          };
        }),
    );
    await clock.settle();
    const stopped = loop.stop().then(() => void steps.push("stopped"));
    await clock.advance(500);
    finish();
    await stopped;
    await clock.advance(10 * SWEEP_MS);
    expect(steps).toEqual(["turn", "settled", "stopped"]);
    expect(beganMs).toEqual([0]);
    expect(clock.timers).toBe(0);
  });

  it("stops at once while it rests", async () => {
    const { clock, loop } = loopOf(() => Effect.succeed(NOTHING_FOUND));
    await clock.advance(10);
    await loop.stop();
    expect(clock.timers).toBe(0);
  });
});
