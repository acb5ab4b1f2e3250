import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromIterable } from "../../../src/adapters/memory/iterable-source.ts";
import { memoryDeadLetters } from "../../../src/adapters/memory/dead-letters.ts";
import { pipeline, type PipelineOptions } from "../../../src/streams/runtime/pipeline.ts";
import { checkLimits, type PipelineLimits } from "../../../src/streams/runtime/pipeline-limits.ts";

type Limits = Omit<PipelineLimits, "name">;

const made = (limits: Limits) =>
  pipeline({
    name: "bills",
    source: fromIterable("numbers", [1, 2, 3]),
    flow: (numbers) => numbers,
    diversions: {},
    deadLetters: memoryDeadLetters(),
    ...limits,
  } satisfies PipelineOptions<number, number, never>);

/** For each option, how it is given, and values that are wrong for it. */
const OPTIONS: Readonly<
  Record<string, { readonly give: (value: number) => Limits; readonly wrong: readonly number[] }>
> = {
  "window.credits": { give: (credits) => ({ window: { credits } }), wrong: [0, 0.5, Infinity] },
  "window.bytes": { give: (bytes) => ({ window: { bytes } }), wrong: [0] },
  delayRoom: { give: (delayRoom) => ({ delayRoom }), wrong: [1.5, Infinity] },
  "breaker.bugs": { give: (bugs) => ({ breaker: { bugs } }), wrong: [0] },
  "breaker.withinMs": { give: (withinMs) => ({ breaker: { withinMs } }), wrong: [0] },
  "restarts.most": { give: (most) => ({ restarts: { most } }), wrong: [2.5, Infinity] },
  "restarts.withinMs": { give: (withinMs) => ({ restarts: { withinMs } }), wrong: [0, Infinity] },
  "restarts.firstMs": { give: (firstMs) => ({ restarts: { firstMs } }), wrong: [Infinity] },
  "restarts.capMs": { give: (capMs) => ({ restarts: { capMs } }), wrong: [Infinity] },
  "commit.everyMs": { give: (everyMs) => ({ commit: { everyMs } }), wrong: [Infinity] },
  strandedAfterMs: { give: (strandedAfterMs) => ({ strandedAfterMs }), wrong: [0] },
  closeWithinMs: { give: (closeWithinMs) => ({ closeWithinMs }), wrong: [Infinity] },
};

describe("a pipeline's limits", () => {
  it("are refused when they are wrong, by pipeline, option and value, with what to give", () => {
    expect(() => made({ window: { credits: Infinity } })).toThrow(
      new RangeError(
        'pipeline "bills": window.credits is Infinity: give how many records may be unfinished at once, at least 1; memory follows from it, so it has an end',
      ),
    );
  });

  it.each(Object.entries(OPTIONS))("refuse what makes no sense as %s", (option, { give, wrong }) => {
    for (const value of [Number.NaN, -1, -Infinity, ...wrong]) {
      const making = (): unknown => made(give(value));
      expect(making, String(value)).toThrow(RangeError);
      expect(making, String(value)).toThrow(`pipeline "bills": ${option} is ${value}: give `);
    }
  });

  it("are never refused within their bounds", () => {
    const ms = fc.integer({ min: 1, max: 1e9 });
    const limits = fc.record(
      {
        window: fc.record(
          { credits: fc.integer({ min: 1, max: 1e6 }), bytes: fc.constantFrom(1, 1e9, Infinity) },
          { requiredKeys: [] },
        ),
        delayRoom: fc.nat(1e6),
        breaker: fc.record({ bugs: fc.constantFrom(1, 1e6, Infinity), withinMs: ms }, { requiredKeys: [] }),
        restarts: fc.record(
          { most: fc.nat(1e6), withinMs: ms, firstMs: fc.nat(1e6), capMs: fc.nat(1e6) },
          { requiredKeys: [] },
        ),
        commit: fc.record({ everyMs: fc.nat(1e6) }, { requiredKeys: [] }),
        strandedAfterMs: fc.oneof(ms, fc.constant(Infinity)),
        closeWithinMs: fc.nat(1e6),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(limits, (given) => {
        checkLimits({ name: "bills", ...given });
      }),
      { numRuns: 1000 },
    );
  });

  it("are looked at when the window is resized, too, and the window stays as it was", async () => {
    const running = made({ window: { credits: 5 } }).start();
    expect(() => {
      running.resize({ credits: Infinity });
    }).toThrow('pipeline "bills": window.credits is Infinity');
    expect(running.health().window.credits).toBe(5);
    expect((await running.done).how).toBe("completed");
  });
});
