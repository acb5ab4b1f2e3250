import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventCounts, MOST_REMEMBERED } from "../../../src/adapters/telemetry/event-counts.ts";
import type { RuntimeEvent } from "../../../src/streams/runtime/events.ts";

const counting = () => {
  const seen: (readonly [string, ...(string | number)[]])[] = [];
  const counts = new EventCounts({
    itemSeconds: (...value) => seen.push(["item", ...value]),
    stageSeconds: (...value) => seen.push(["stage", ...value]),
    batchSize: (...value) => seen.push(["size", ...value]),
  });
  const tell = (event: RuntimeEvent, atMs = 0, pipeline = "p"): void => {
    counts.listen({ ...event, pipeline, atMs });
  };
  return { counts, tell, seen };
};

const admit = (record: string): RuntimeEvent => ({ type: "item:admit:done", record, attempt: 1 });
const settle = (record: string): RuntimeEvent => ({
  type: "item:settle:done",
  record,
  stage: "s",
  disposition: "done",
});
const handBack = (record: string): RuntimeEvent => ({
  type: "item:hand-back:done",
  record,
  stage: "s",
  reason: "drain",
});

describe("counts of a pipeline's events", () => {
  it("measure an item from its admission to its settlement", () => {
    const { counts, tell, seen } = counting();
    tell(admit("0@1"), 1_000);
    tell(settle("0@1"), 3_500);
    expect(seen).toEqual([["item", "p", 2.5]]);
    expect(counts.admitted.all).toEqual([{ labels: ["p"], count: 1 }]);
    expect(counts.settled.all).toEqual([{ labels: ["p", "done"], count: 1 }]);
  });

  it("count what came again: of a rebalance, how much was seen twice", () => {
    const { counts, tell } = counting();
    for (const record of ["0@7", "0@8"]) tell({ type: "record:repeat:seen", record });
    expect(counts.repeated.all).toEqual([{ labels: ["p"], count: 2 }]);
  });

  it("measure each call of a batch, by its stage", () => {
    const { tell, seen } = counting();
    tell({ type: "batch:call:done", stage: "claim-notice", count: 500, elapsedMs: 20 });
    expect(seen).toEqual([
      ["size", "p", "claim-notice", 500],
      ["stage", "p", "claim-notice", 0.02],
    ]);
  });

  it("keep two pipelines apart, also when their records have the same name", () => {
    const { tell, seen } = counting();
    tell(admit("0@1"), 0, "p");
    tell(admit("0@1"), 500, "q");
    tell(settle("0@1"), 1_000, "p");
    tell(settle("0@1"), 1_000, "q");
    expect(seen).toEqual([
      ["item", "p", 1],
      ["item", "q", 0.5],
    ]);
  });

  it("never remember more than what is in flight, and nothing of a pipeline that has ended", () => {
    const steps = fc.array(fc.tuple(fc.constantFrom("admit", "settle", "handBack"), fc.nat({ max: 9 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (story) => {
        const { counts, tell } = counting();
        const inFlight = new Set<number>();
        for (const [what, record] of story) {
          if (what === "admit") inFlight.add(record);
          else inFlight.delete(record);
          tell({ admit, settle, handBack }[what](String(record)));
          expect(counts.remembered).toBe(inFlight.size);
        }
        tell({ type: "pipeline:end:done", how: "drained", cause: null });
        expect(counts.remembered).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("go on without the time of an item where too many would have to be remembered", () => {
    const { counts, tell, seen } = counting();
    for (let record = 0; record <= MOST_REMEMBERED; record += 1) tell(admit(String(record)));
    expect(counts.remembered).toBe(MOST_REMEMBERED);
    tell(settle(String(MOST_REMEMBERED)));
    expect(seen).toEqual([]);
    expect(counts.settled.all).toEqual([{ labels: ["p", "done"], count: 1 }]);
  });

  it("never show a negative time, whatever the wall clock does", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (from, until) => {
        const { tell, seen } = counting();
        tell(admit("r"), from);
        tell(settle("r"), until);
        expect(seen.every(([, , seconds]) => Number(seconds) >= 0)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
