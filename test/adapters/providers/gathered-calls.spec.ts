import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GatheredCalls } from "../../../src/adapters/providers/gathered-calls.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

describe("gathered calls", () => {
  it("sends at once what comes alone, and together what comes while calls are under way", async () => {
    const clock = new VirtualClock();
    const batches: (readonly string[])[] = [];
    const answers: (() => void)[] = [];
    const calls = new GatheredCalls<string>({
      concurrency: 1,
      maxBatch: 3,
      soon: clock.soon,
      call: (batch) => {
        batches.push(batch);
        return new Promise((resolve) => answers.push(resolve));
      },
    });
    calls.add("a");
    await clock.settle();
    for (const item of ["b", "c", "d", "e"]) calls.add(item);
    await clock.settle();
    expect(batches).toEqual([["a"]]);
    answers[0]?.();
    await clock.settle();
    expect(batches).toEqual([["a"], ["b", "c", "d"]]);
    expect(calls.takeWaiting()).toEqual(["e"]);
    answers[1]?.();
    await clock.settle();
    expect(batches).toHaveLength(2);
    expect(clock.nowMs).toBe(0);
  });

  it("always sends each item once, in order, within its limits, also after a call that failed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(
          fc.record({ waitMs: fc.nat({ max: 5 }), callMs: fc.nat({ max: 20 }), fails: fc.boolean() }),
          {
            maxLength: 30,
          },
        ),
        async (concurrency, maxBatch, items) => {
          const clock = new VirtualClock();
          const sent: number[] = [];
          let out = 0;
          const calls = new GatheredCalls<number>({
            concurrency,
            maxBatch,
            soon: clock.soon,
            call: (batch) => {
              out += 1;
              expect(out).toBeLessThanOrEqual(concurrency);
              expect(batch.length).toBeGreaterThan(0);
              expect(batch.length).toBeLessThanOrEqual(maxBatch);
              sent.push(...batch);
              const { callMs = 0, fails = false } = items[batch[0] ?? 0] ?? {};
              return new Promise((resolve, reject) => {
                clock.after(callMs, () => {
                  out -= 1;
                  if (fails) reject(new Error("failed"));
                  else resolve();
                });
              });
            },
          });
          for (const [at, { waitMs }] of items.entries()) {
            calls.add(at);
            if (waitMs > 0) await clock.advance(waitMs);
          }
          await clock.advance(10_000);
          expect(sent).toEqual([...items.keys()]);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
