/**
 * A run to its end, by one dispatcher or by several, whatever its pages meet.
 */
import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { carryOutRun } from "../../../src/streams/intake/carry-out-run.ts";
import { EMAIL } from "../../contracts/notice-ledger-commands.ts";
import { intakeWorld, type PageFault, RUN } from "./intake-world.ts";

const LONG_MS = 3_600_000;
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `n${n}`);

describe("carryOutRun", () => {
  it("routes every candidate, closes the run, and says so", async () => {
    const world = await intakeWorld();
    await world.ingest(names(10));
    await world.open(100);
    const inHand = carryOutRun(world.ports());
    await world.clock.runUntil(inHand.done, LONG_MS);
    expect(await inHand.done).toBe("closed");
    expect(world.statuses()).toEqual({ queued: 10 });
    expect(world.read()).toMatchObject({ state: "closed", figures: { admitted: 10, published: 10 } });
  });

  it("goes on with what another left behind, and begins again after a page whose fate is not known", async () => {
    const world = await intakeWorld();
    await world.ingest(names(7));
    await world.open(100);
    const inHand = carryOutRun(world.ports("d1", ["lost", "unwritten", "transient"]));
    await world.clock.runUntil(inHand.done, LONG_MS);
    expect(await world.routedTimes()).toEqual(Array(7).fill(1));
    expect(world.read().figures.admitted).toBe(7);
  });

  it("leaves the run open when it is stopped, and whoever comes next ends it", async () => {
    const world = await intakeWorld();
    await world.ingest(names(30));
    await world.open(100);
    const first = carryOutRun(world.ports("d1", ["slow", "slow", "slow"]));
    await world.clock.advance(600);
    await world.clock.runUntil(first.drain(10_000), LONG_MS);
    expect(await first.done).toBe("stopped");
    expect(world.read().state).toBe("open");
    expect(world.statuses()["ready"]).toBeGreaterThan(0);
    const second = carryOutRun(world.ports("d2"));
    await world.clock.runUntil(second.done, LONG_MS);
    expect(world.statuses()).toEqual({ queued: 30 });
    expect(await world.routedTimes()).toEqual(Array(30).fill(1));
  });

  it("rejects with the words of what cannot be mended by waiting, and with what is missing", async () => {
    const world = await intakeWorld();
    await world.ingest(names(2));
    await world.open(100);
    const broken = carryOutRun(world.ports("d1", ["permanent"]));
    await expect(world.clock.runUntil(broken.done, LONG_MS)).rejects.toThrow("the schema is behind");
    world.active = null;
    const without = carryOutRun(world.ports());
    await expect(world.clock.runUntil(without.done, LONG_MS)).rejects.toThrow("no policy is active");
    expect(world.statuses()).toEqual({ ready: 2 });
  });

  it("waits while everything is paused, looks at no candidate meanwhile, and is finished by a resume", async () => {
    const world = await intakeWorld();
    await world.ingest(names(10));
    await world.open(100);
    await Effect.runPromise(world.ledger.pause("*", "a test", "operator:kim"));
    const inHand = carryOutRun(world.ports());
    await world.clock.advance(600_000);
    expect(world.read()).toMatchObject({ state: "open", figures: { pages: 0, candidates: 0 } });
    await Effect.runPromise(world.ledger.resume("*", "operator:kim"));
    await world.clock.runUntil(inHand.done, 10_000);
    expect(world.read()).toMatchObject({ state: "closed", figures: { candidates: 10, admitted: 10 } });
  });

  it("looks once a minute, not at every turn, at what the pause of a channel keeps back", async () => {
    const world = await intakeWorld();
    await world.ingest(names(10));
    await world.open(100);
    await Effect.runPromise(world.ledger.pause(EMAIL, "a test", "operator:kim"));
    const inHand = carryOutRun(world.ports());
    await world.clock.advance(59_000);
    expect(world.read()).toMatchObject({ state: "open", figures: { candidates: 10, admitted: 0 } });
    await world.clock.advance(60_000);
    expect(world.read().figures.candidates).toBe(20);
    await Effect.runPromise(world.ledger.resume(EMAIL, "operator:kim"));
    await world.clock.runUntil(inHand.done, 10_000);
    expect(world.read()).toMatchObject({ state: "closed", figures: { admitted: 10 } });
  });

  it("is stopped while it waits for a pause to end", async () => {
    const world = await intakeWorld();
    await world.open(100);
    await world.ingest(names(1));
    await Effect.runPromise(world.ledger.pause("*", "a test", "operator:kim"));
    const inHand = carryOutRun(world.ports());
    await world.clock.advance(1_000);
    await world.clock.runUntil(inHand.drain(1_000), LONG_MS);
    expect(await inHand.done).toBe("stopped");
  });

  it("ends where somebody else has closed the run", async () => {
    const world = await intakeWorld();
    await world.open(100);
    await Effect.runPromise(world.runs.close(RUN));
    const inHand = carryOutRun(world.ports());
    await world.clock.runUntil(inHand.done, LONG_MS);
    expect(await inHand.done).toBe("closed");
  });

  it("shares the cap exactly between two dispatchers, and admits nothing twice, whatever pages fail and whoever is stopped", async () => {
    const faults = fc.array(
      fc.constantFrom<PageFault[]>("none", "none", "transient", "lost", "unwritten", "late", "slow"),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(14),
        fc.nat(14),
        fc.integer({ min: 1, max: 4 }),
        faults,
        faults,
        fc.nat(1_000),
        async (candidates, cap, pageCount, one, other, stopAtMs) => {
          const world = await intakeWorld();
          await world.ingest(names(candidates));
          await world.open(cap);
          const first = carryOutRun(world.ports("d1", one, pageCount));
          const second = carryOutRun(world.ports("d2", other, pageCount));
          await world.clock.advance(stopAtMs);
          await world.clock.runUntil(Promise.all([first.drain(1_000), first.done]), LONG_MS);
          await world.clock.runUntil(second.done, LONG_MS);
          const admitted = Math.min(cap, candidates);
          const run = world.read();
          expect(run.state).toBe("closed");
          expect(run.figures.admitted).toBe(admitted);
          const times = await world.routedTimes();
          expect(times.filter((each) => each === 1)).toHaveLength(admitted);
          expect(times.filter((each) => each > 1)).toEqual([]);
          expect(world.ledger.notices().filter(({ notice }) => notice.runId === RUN)).toHaveLength(admitted);
          expect(run.figures.published + run.figures.publishFailed).toBeLessThanOrEqual(admitted);
        },
      ),
      { numRuns: 1_000 },
    );
  }, 480_000);
});
