import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { effectContext } from "../../src/streams/runtime/system-ports.ts";
import { VirtualClock } from "./virtual-clock.ts";

describe("the virtual clock", () => {
  it("stands still until it is told to go on, and then runs what falls due", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.after(100, () => seen.push(`tea at ${clock.monotonicMs()}`));
    clock.after(3_600_000, () => seen.push(`supper at ${clock.monotonicMs()}`));
    await clock.settle();
    expect(seen).toEqual([]);
    await clock.advance(99);
    expect(seen).toEqual([]);
    await clock.advance(1);
    expect(seen).toEqual(["tea at 100"]);
    await clock.advance(3_600_000);
    expect(seen).toEqual(["tea at 100", "supper at 3600000"]);
    expect(clock.nowMs).toBe(3_600_100);
    expect(clock.timers).toBe(0);
  });

  it("always runs timers in order of time, those of one instant as they were set, and never a cancelled one", async () => {
    const order = fc.oneof(
      fc.record({ set: fc.nat(20) }),
      fc.record({ set: fc.nat(20) }),
      fc.record({ cancel: fc.nat(30) }),
      fc.record({ advance: fc.nat(8) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(order, { maxLength: 40 }), async (orders) => {
        const clock = new VirtualClock();
        const ran: string[] = [];
        const cancels: (() => void)[] = [];
        let model: { readonly name: number; readonly atMs: number }[] = [];
        const expected: string[] = [];
        let now = 0;
        for (const given of orders) {
          if ("set" in given) {
            const name = cancels.length;
            cancels.push(clock.after(given.set, () => ran.push(`${name} at ${clock.monotonicMs()}`)));
            model.push({ name, atMs: now + given.set });
          } else if ("cancel" in given) {
            cancels[given.cancel]?.();
            model = model.filter(({ name }) => name !== given.cancel);
          } else {
            await clock.advance(given.advance);
            now += given.advance;
            const due = model.filter(({ atMs }) => atMs <= now);
            due.sort((one, other) => one.atMs - other.atMs || one.name - other.name);
            expected.push(...due.map(({ name, atMs }) => `${name} at ${atMs}`));
            model = model.filter(({ atMs }) => atMs > now);
          }
          expect(ran).toEqual(expected);
          expect(clock.timers).toBe(model.length);
          expect(clock.nowMs).toBe(now);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("lets promises, `soon` and Effect have their turn between two timers", async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const chain = async (name: string): Promise<void> => {
      for (let hop = 0; hop < 20; hop += 1) await Promise.resolve();
      await new Promise<void>((resolve) => {
        clock.soon(resolve);
      });
      await Effect.runPromiseWith(effectContext(clock.ports))(Effect.yieldNow);
      seen.push(`${name} at ${clock.monotonicMs()}`);
    };
    const pending: Promise<void>[] = [];
    for (const ms of [1, 2, 2, 3]) clock.after(ms, () => pending.push(chain(`timer ${ms}`)));
    await clock.advance(10);
    expect(seen).toEqual(["timer 1 at 1", "timer 2 at 2", "timer 2 at 2", "timer 3 at 3"]);
    await Promise.all(pending);
  });

  it("runs what timers set in their turn, also for this very instant", async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    clock.after(5, () => {
      clock.after(0, () => seen.push(clock.monotonicMs()));
      clock.after(3, () => seen.push(clock.monotonicMs()));
      clock.after(100, () => seen.push(clock.monotonicMs()));
    });
    await clock.advance(10);
    expect(seen).toEqual([5, 8]);
  });

  it("moves an Effect's sleep", async () => {
    const clock = new VirtualClock();
    const slept = Effect.runPromiseWith(effectContext(clock.ports))(Effect.sleep("2 hours"));
    await clock.runUntil(slept, 3 * 3_600_000);
    expect(clock.nowMs).toBe(2 * 3_600_000);
  });

  it("runs until a predicate holds, and no longer", async () => {
    const clock = new VirtualClock();
    let count = 0;
    const tick = (): void => {
      count += 1;
      clock.after(10, tick);
    };
    clock.after(10, tick);
    await clock.runUntil(() => count === 4, 1_000);
    expect(clock.nowMs).toBe(40);
    expect(count).toBe(4);
  });

  it("says so when the time allowed was not enough, or when nothing is left to happen", async () => {
    const clock = new VirtualClock();
    await expect(clock.runUntil(() => false, 1_000)).rejects.toThrow(/nothing is left to happen/);
    clock.after(2_000, () => undefined);
    await expect(clock.runUntil(() => false, 1_000)).rejects.toThrow(/not reached within 1000 ms; 1 timers/);
    const refused = Promise.reject(new Error("no"));
    await expect(clock.runUntil(refused, 1_000)).rejects.toThrow("no");
  });

  it("steps the wall clock without touching elapsed time", async () => {
    const clock = new VirtualClock({ wallMs: 1_000_000 });
    await clock.advance(500);
    clock.stepWall(-3_600_000);
    expect(clock.wallMs()).toBe(1_000_500 - 3_600_000);
    expect(clock.monotonicMs()).toBe(500);
    await clock.advance(1);
    expect(clock.wallMs()).toBe(1_000_501 - 3_600_000);
  });

  it("gives the same random numbers and ids for the same seed, and others for another", () => {
    const draw = (seed: number): readonly unknown[] => {
      const { ports } = new VirtualClock({ seed });
      return [...Array.from({ length: 8 }, () => ports.random()), ports.newId(), ports.newId()];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7).slice(0, 8)).not.toEqual(draw(8).slice(0, 8));
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { ports } = new VirtualClock({ seed });
        const drawn = Array.from({ length: 50 }, () => ports.random());
        return drawn.every((value) => value >= 0 && value < 1) && new Set(drawn).size > 45;
      }),
      { numRuns: 1000 },
    );
  });

  it("does not keep what was cancelled: ten thousand deadlines that were met leave nothing behind", async () => {
    const clock = new VirtualClock();
    for (let index = 0; index < 10_000; index += 1) clock.after(30_000, () => undefined)();
    expect(clock.timers).toBe(0);
    const fired = clock.after(1, () => undefined);
    await clock.advance(5);
    fired();
    expect(clock.timers).toBe(0);
  });
});
