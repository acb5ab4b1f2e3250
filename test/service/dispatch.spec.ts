/**
 * The role that opens runs as planned and carries them out, on memory adapters and a virtual clock.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import type { Runs } from "../../src/domain/ports/runs.ts";
import { Transient } from "../../src/failure.ts";
import { type DispatchEvent, startDispatch } from "../../src/service/dispatch.ts";
import type { Wiring } from "../../src/service/wiring.ts";
import { intakeWorld, type IntakeWorld } from "../streams/intake/intake-world.ts";

const MINUTE_MS = 60_000;

/** Every five minutes. */
const dispatchOn = (world: IntakeWorld, runs: Runs = world.runs, name = "dispatcher-1") => {
  const { policies, worker, system } = world.ports(name);
  const events: DispatchEvent[] = [];
  const config = {
    dispatch: { cron: "*/5 * * * *", zone: "Asia/Seoul", capPerRun: 100, pageSize: 3 },
    kafka: { brokers: null },
  };
  const { ledger } = world;
  const wiring = { runs, ledger, policies, worker, system, config, kafka: null } as unknown as Wiring; // what dispatching looks at
  return { events, dispatch: startDispatch(wiring, (event) => events.push(event)) };
};

const stopped = async (
  world: IntakeWorld,
  ...all: readonly ReturnType<typeof dispatchOn>[]
): Promise<void> => {
  const ends = all.map(({ dispatch }) => Promise.all([dispatch.stop(1_000), dispatch.done]));
  await world.clock.runUntil(Promise.all(ends), 10 * MINUTE_MS);
};

const keys = (world: IntakeWorld): readonly string[] =>
  Effect.runSync(world.runs.recent(100)).map(({ key }) => key);

describe("startDispatch", () => {
  it("opens one run at each planned time, however many dispatchers there are, and carries it out", async () => {
    const world = await intakeWorld();
    await world.ingest(["a", "b", "c", "d"]);
    const all = [dispatchOn(world), dispatchOn(world, world.runs, "dispatcher-2")];
    await world.clock.advance(11 * MINUTE_MS);
    expect(keys(world)).toHaveLength(2);
    expect(world.statuses()).toEqual({ queued: 4 });
    const opened = all.flatMap(({ events }) => events.filter(({ type }) => type === "run:open:done"));
    expect(opened).toHaveLength(2);
    await stopped(world, ...all);
    expect(world.clock.timers).toBe(0);
  });

  it("opens the planned run once the database is back, and does not skip it", async () => {
    const world = await intakeWorld();
    await world.ingest(["a"]);
    let isAway = false;
    const open: Runs["open"] = (request) =>
      Effect.suspend(() =>
        isAway ? Effect.fail(new Transient({ message: "the database is away" })) : world.runs.open(request),
      );
    const one = dispatchOn(world, { ...world.runs, open });
    await world.clock.advance(2_000);
    isAway = true;
    await world.clock.advance(6 * MINUTE_MS);
    expect(keys(world)).toEqual([]);
    expect(one.events).toContainEqual({ type: "run:carry-out:failed", message: "the database is away" });
    isAway = false;
    await world.clock.advance(2_000);
    expect(keys(world)).toHaveLength(1);
    expect(world.statuses()).toEqual({ queued: 1 });
    await stopped(world, one);
  });

  it("catches up one run for all planned times that it slept over, and none from before there was any run", async () => {
    const world = await intakeWorld();
    const before = dispatchOn(world);
    await world.clock.advance(2_000);
    expect(keys(world)).toEqual([]);
    await world.clock.advance(5 * MINUTE_MS);
    expect(keys(world)).toHaveLength(1);
    await stopped(world, before);
    await world.clock.advance(60 * MINUTE_MS);
    const after = dispatchOn(world);
    await world.clock.advance(2_000);
    expect(keys(world)).toHaveLength(2);
    await stopped(world, after);
  });

  it("writes a trigger down as skipped that comes while its own run is under way, and does not make up for it", async () => {
    const world = await intakeWorld();
    await world.ingest(["a", "b"]);
    await world.open(10);
    await Effect.runPromise(world.ledger.pause("*", "a test", "operator:kim"));
    const one = dispatchOn(world);
    await world.clock.advance(4 * MINUTE_MS);
    const [skipped] = Effect.runSync(world.runs.recent(1));
    expect(skipped).toMatchObject({ state: "skipped" });
    expect(skipped?.key).toMatch(/^cron /);
    await Effect.runPromise(world.ledger.resume("*", "operator:kim"));
    await world.clock.advance(MINUTE_MS);
    expect(world.read().state).toBe("closed");
    expect(keys(world)).toEqual([skipped?.key, "k"]);
    await stopped(world, one);
    expect(world.clock.timers).toBe(0);
  });

  it("tells once, and not every second, what stands in its way", async () => {
    const world = await intakeWorld();
    const away: Runs["current"] = Effect.fail(new Transient({ message: "the database is away" }));
    const one = dispatchOn(world, { ...world.runs, current: away });
    await world.clock.advance(MINUTE_MS);
    expect(one.events).toEqual([{ type: "run:carry-out:failed", message: "the database is away" }]);
    await stopped(world, one);
  });

  it("goes on with a run that was left open", async () => {
    const world = await intakeWorld();
    await world.ingest(["a", "b"]);
    await world.open(10);
    const one = dispatchOn(world);
    await world.clock.advance(2_000);
    expect(world.read().state).toBe("closed");
    expect(one.events).toMatchObject([{ type: "run:carry-out:done", run: { figures: { admitted: 2 } } }]);
    await stopped(world, one);
  });
});
