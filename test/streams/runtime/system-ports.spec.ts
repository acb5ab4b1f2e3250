import { Clock, Duration, Effect, Random, Schedule } from "effect";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { effectContext, systemPorts } from "../../../src/streams/runtime/system-ports.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const promised = <A>(clock: VirtualClock, effect: Effect.Effect<A>): Promise<A> =>
  Effect.runPromiseWith(effectContext(clock.ports))(effect);

describe("an Effect in a pipeline's context", () => {
  it("sleeps by that pipeline's clock, and reads it", async () => {
    const clock = new VirtualClock({ wallMs: 5_000 });
    const seen = promised(
      clock,
      Effect.gen(function* () {
        const beganNanos = yield* Clock.Clock.pipe(Effect.flatMap((own) => own.monotonicTimeNanos));
        yield* Effect.sleep("1 hour");
        const endedNanos = yield* Clock.Clock.pipe(Effect.flatMap((own) => own.monotonicTimeNanos));
        return { wallMs: yield* Clock.currentTimeMillis, elapsedMs: Number(endedNanos - beganNanos) / 1e6 };
      }),
    );
    await clock.advance(3_600_000);
    expect(await seen).toEqual({ wallMs: 3_605_000, elapsedMs: 3_600_000 });
  });

  it("repeats by that pipeline's clock", async () => {
    const clock = new VirtualClock();
    const times: number[] = [];
    const tick = Effect.sync(() => times.push(clock.nowMs));
    const done = promised(
      clock,
      Effect.repeat(tick, Schedule.spaced(1_000).pipe(Schedule.upTo({ times: 3 }))),
    );
    await clock.runUntil(done, 60_000);
    expect(times).toEqual([0, 1_000, 2_000, 3_000]);
  });

  it("times out by that pipeline's clock", async () => {
    const clock = new VirtualClock();
    const timed = promised(
      clock,
      Effect.timeoutOrElse(Effect.never, { duration: 30_000, orElse: () => Effect.succeed("late") }),
    );
    await clock.advance(29_999);
    expect(clock.timers).toBe(1);
    await clock.advance(1);
    expect(await timed).toBe("late");
    expect(clock.timers).toBe(0);
  });

  it("lives by its own clock while another lives by another, side by side in one process", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 50 })), { maxLength: 12 }),
        fc.integer({ min: 1, max: 30 }),
        async (steps, everyMs) => {
          const clocks = [new VirtualClock(), new VirtualClock()] as const;
          const times: [number[], number[]] = [[], []];
          clocks.forEach((clock, index) => {
            const tick = Effect.sync(() => times[index as 0 | 1].push(clock.nowMs)); // two clocks, two lists
            Effect.runForkWith(effectContext(clock.ports))(Effect.repeat(tick, Schedule.spaced(everyMs)));
          });
          for (const [isFirst, ms] of steps) await clocks[isFirst ? 0 : 1].advance(ms);
          clocks.forEach((clock, index) => {
            const expected = Array.from(
              { length: Math.floor(clock.nowMs / everyMs) + 1 },
              (_, n) => n * everyMs,
            );
            expect(times[index as 0 | 1]).toEqual(expected);
          });
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("leaves no timer behind when a sleep is interrupted", async () => {
    const clock = new VirtualClock();
    const fiber = Effect.runForkWith(effectContext(clock.ports))(Effect.sleep("1 hour"));
    expect(clock.timers).toBe(1);
    fiber.interruptUnsafe();
    await clock.settle();
    expect(clock.timers).toBe(0);
  });

  it("never ends a sleep without end", async () => {
    const clock = new VirtualClock();
    let isOver = false;
    Effect.runForkWith(effectContext(clock.ports))(Effect.sleep(Duration.infinity)).addObserver(() => {
      isOver = true;
    });
    await clock.advance(1e12);
    expect(isOver).toBe(false);
  });

  it("draws the same random numbers for the same seed", async () => {
    const draw = (seed: number): Promise<readonly number[]> =>
      promised(
        new VirtualClock({ seed }),
        Effect.all([Random.next, Random.next, Random.nextIntBetween(1, 1_000)]),
      );
    expect(await draw(3)).toEqual(await draw(3));
    expect(await draw(3)).not.toEqual(await draw(4));
    for (const value of await draw(5)) expect(Number.isFinite(value)).toBe(true);
  });
});

describe("the system's own clock", () => {
  const { clock, random, newId } = systemPorts;

  it("never runs a timer too early, not by a fraction of a millisecond either", async () => {
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const ms = 1 + index * 0.37;
        const beganMs = clock.monotonicMs();
        await new Promise<void>((resolve) => {
          clock.after(ms, resolve);
        });
        expect(clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(ms);
      }),
    );
  });

  it("waits for months where it is told to: a timer that is too long for the machine is not run at once", () => {
    vi.useFakeTimers();
    try {
      const month = 30 * 24 * 3_600_000;
      const seen: string[] = [];
      clock.after(month, () => seen.push("a month"));
      clock.after(Infinity, () => seen.push("for ever"));
      const cancel = clock.after(month, () => seen.push("cancelled"));
      vi.advanceTimersByTime(month - 1_000);
      cancel();
      expect(seen).toEqual([]);
      vi.advanceTimersByTime(2_000);
      expect(seen).toEqual(["a month"]);
      vi.advanceTimersByTime(12 * month);
      expect(seen).toEqual(["a month"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("sets no timer for what never comes: it would keep the process", () => {
    vi.useFakeTimers();
    try {
      clock.after(Infinity, () => undefined);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("does not run what was cancelled", async () => {
    let ran = 0;
    const cancel = clock.after(1, () => {
      ran += 1;
    });
    cancel();
    await new Promise<void>((resolve) => {
      clock.after(5, resolve);
    });
    expect(ran).toBe(0);
  });

  it("runs what is to come soon after what is ready now, and before any timer", async () => {
    const seen: string[] = [];
    const over = new Promise<void>((resolve) => {
      clock.after(1, () => {
        seen.push("timer");
        resolve();
      });
    });
    clock.soon(() => seen.push("soon"));
    const ready = Promise.resolve().then(() => seen.push("promise"));
    seen.push("now");
    await Promise.all([over, ready]);
    expect(seen).toEqual(["now", "promise", "soon", "timer"]);
  });

  it("draws from [0, 1), and never the same id twice", () => {
    fc.assert(
      fc.property(fc.constant(null), () => {
        const drawn = random();
        expect(drawn >= 0 && drawn < 1).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(new Set(Array.from({ length: 1_000 }, newId)).size).toBe(1_000);
  });
});
