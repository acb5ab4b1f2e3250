import { Effect, type Fiber } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Permanent, Transient } from "../../../src/failure.ts";
import {
  mayRetryInPlace,
  type RetryPolicy,
  retrySchedule,
} from "../../../src/streams/runtime/retry-schedule.ts";
import { effectContext } from "../../../src/streams/runtime/system-ports.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** Retries what never succeeds, by a schedule; each try takes `tryMs`. Gives the times at which the tries began. */
const triesOf = async (
  policy: RetryPolicy,
  {
    seed = 1,
    tryMs = 0,
    failure = () => new Transient({ message: "no" }),
    onTry = () => undefined,
  }: {
    readonly seed?: number;
    readonly tryMs?: number;
    readonly failure?: () => Transient;
    readonly onTry?: (clock: VirtualClock) => void;
  } = {},
): Promise<readonly number[]> => {
  const clock = new VirtualClock({ seed });
  const triedAtMs: number[] = [];
  const once = Effect.suspend(() => {
    triedAtMs.push(clock.nowMs);
    onTry(clock);
    return Effect.andThen(Effect.sleep(tryMs), Effect.fail(failure()));
  });
  const fiber: Fiber.Fiber<never, Transient> = Effect.runForkWith(effectContext(clock.ports))(
    Effect.retry(once, { schedule: retrySchedule(policy).schedule }),
  );
  let isOver = false;
  fiber.addObserver(() => {
    isOver = true;
  });
  await clock.runUntil(() => isOver, 10 * 3_600_000);
  return triedAtMs;
};

const gaps = (timesMs: readonly number[]): readonly number[] =>
  timesMs.slice(1).map((atMs, index) => atMs - (timesMs[index] ?? 0));

describe("the retry schedule", () => {
  it("waits twice as long each time, give or take a fifth, up to its cap, and then gives up", async () => {
    const [first = 0, second = 0, third = 0, fourth = 0, ...more] = gaps(
      await triesOf({ times: 4, firstMs: 100, capMs: 300 }),
    );
    expect(first).toBeGreaterThanOrEqual(80);
    expect(first).toBeLessThanOrEqual(120);
    expect(second).toBeGreaterThanOrEqual(160);
    expect(second).toBeLessThanOrEqual(240);
    expect(third).toBe(300);
    expect(fourth).toBe(300);
    expect(more).toEqual([]);
  });

  it("spreads its waits, so that those who failed together do not come again together", async () => {
    const firstWaits = await Promise.all(
      Array.from(
        { length: 200 },
        async (_, seed) => gaps(await triesOf({ times: 1, firstMs: 100 }, { seed }))[0] ?? 0,
      ),
    );
    expect(new Set(firstWaits).size).toBeGreaterThan(190);
    expect(Math.min(...firstWaits)).toBeLessThan(85);
    expect(Math.max(...firstWaits)).toBeGreaterThan(115);
  });

  it("always keeps within number, cap, jitter and budget", async () => {
    const policy = fc.integer({ min: 1, max: 1_000 }).chain((capMs) =>
      fc.record({
        times: fc.nat({ max: 8 }),
        firstMs: fc.integer({ min: 0, max: capMs }),
        capMs: fc.constant(capMs),
        budgetMs: fc.nat({ max: 3_000 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(policy, fc.nat({ max: 200 }), fc.integer(), async (given, tryMs, seed) => {
        const triedAtMs = await triesOf(given, { seed, tryMs });
        expect(triedAtMs.length).toBeLessThanOrEqual(given.times + 1);
        gaps(triedAtMs).forEach((gapMs, index) => {
          const wait = gapMs - tryMs;
          const nominal = given.firstMs * 2 ** index;
          expect(wait).toBeGreaterThanOrEqual(Math.min(given.capMs, 0.8 * nominal) - 0.001);
          expect(wait).toBeLessThanOrEqual(Math.min(given.capMs, 1.2 * nominal) + 0.001);
        });
        // no retry is decided on when the budget, counted from the first failure, is used up
        for (const atMs of triedAtMs.slice(1))
          expect(atMs).toBeLessThanOrEqual(tryMs + given.budgetMs + given.capMs);
        const last = (triedAtMs.at(-1) ?? 0) + tryMs;
        expect(triedAtMs.length === given.times + 1 || last - tryMs > given.budgetMs).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("never tries sooner than the other side asked", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 1_000 }), fc.integer(), async (retryAfterMs, seed) => {
        const failure = (): Transient => new Transient({ message: "slow down", retryAfterMs });
        const triedAtMs = await triesOf({ times: 2, firstMs: 50 }, { seed, failure });
        expect(triedAtMs).toHaveLength(3);
        for (const gapMs of gaps(triedAtMs)) expect(gapMs).toBeGreaterThanOrEqual(retryAfterMs);
      }),
      { numRuns: 1000 },
    );
  });

  it("counts its budget in elapsed time: setting the wall clock changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -7_200_000, max: 7_200_000 }), async (stepMs) => {
        const policy = { times: 20, firstMs: 100, capMs: 100, budgetMs: 1_000 };
        const onTry = (clock: VirtualClock): void => {
          clock.stepWall(stepMs);
        };
        expect(await triesOf(policy, { onTry })).toEqual(await triesOf(policy));
      }),
      { numRuns: 100 },
    );
  });

  it("refuses waits that would hold a credit for too long, and says what to do instead", () => {
    expect(() => retrySchedule({ capMs: 1_001 })).toThrow(
      /retry\.capMs is 1001.*between 0 and 1000.*retryLater/,
    );
    expect(() => retrySchedule({ firstMs: 300, capMs: 200 })).toThrow(
      /retry\.firstMs is 300.*between 0 and 200/,
    );
    expect(() => retrySchedule({ times: -1 })).toThrow(/retry\.times/);
    expect(() => retrySchedule({ budgetMs: Number.NaN })).toThrow(/retry\.budgetMs/);
  });

  it("is for what is Transient only, and not for what asks for more patience than may be had in place", () => {
    expect(mayRetryInPlace(new Transient({ message: "no" }), 1_000)).toBe(true);
    expect(mayRetryInPlace(new Transient({ message: "no", retryAfterMs: 1_000 }), 1_000)).toBe(true);
    expect(mayRetryInPlace(new Transient({ message: "no", retryAfterMs: 1_001 }), 1_000)).toBe(false);
    expect(mayRetryInPlace(new Permanent({ message: "no" }), 1_000)).toBe(false);
  });
});
