import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PipelineEvent, Events } from "../../../src/streams/runtime/events.ts";

const told = { type: "record:repeat:seen", record: "0@7" } as const;

describe("events", () => {
  it("reach every listener, with the pipeline's name and the time", () => {
    const events = new Events("halves", () => 1_234);
    const seen: PipelineEvent[] = [];
    events.on((event) => seen.push(event));
    events.on((event) => seen.push(event));
    events.emit(told);
    const expected = { ...told, pipeline: "halves", atMs: 1_234 };
    expect(seen).toEqual([expected, expected]);
  });

  it("are not even made while nobody listens", () => {
    let asked = 0;
    const events = new Events("halves", () => (asked += 1));
    expect(events.heard).toBe(false);
    events.emit(told);
    expect(asked).toBe(0);
    const stop = events.on(() => undefined);
    expect(events.heard).toBe(true);
    stop();
    expect(events.heard).toBe(false);
  });

  it("lose a listener that throws, and nothing else: watching does not change the work", () => {
    const events = new Events("halves", () => 0);
    let seen = 0;
    let thrown = 0;
    events.on(() => {
      thrown += 1;
      throw new Error("the disk of the log is full");
    });
    events.on(() => {
      seen += 1;
    });
    events.emit(told);
    events.emit(told);
    expect({ seen, thrown }).toEqual({ seen: 2, thrown: 1 });
  });

  it("lose an asynchronous listener that fails, without ending the process", async () => {
    const events = new Events("halves", () => 0);
    let asked = 0;
    const failing = async (): Promise<void> => {
      asked += 1;
      await Promise.resolve();
      throw new Error("the log is far away");
    };
    // oxlint-disable-next-line typescript/no-misused-promises -- what somebody without a linter would write
    events.on(failing);
    events.emit(told);
    await new Promise<void>((resolve) => setImmediate(resolve));
    events.emit(told);
    expect(asked).toBe(1);
  });

  it("never reach a listener that has stopped listening, not even in the telling in which it stopped", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(
          fc.record({ listener: fc.nat({ max: 5 }), stops: fc.nat({ max: 5 }), at: fc.nat({ max: 4 }) }),
          {
            maxLength: 6,
          },
        ),
        (count, plans) => {
          const events = new Events("halves", () => 0);
          const stops: (() => void)[] = [];
          const stopped = new Set<number>();
          const disturbed: number[] = [];
          let round = 0;
          for (let listener = 0; listener < count; listener += 1) {
            stops.push(
              events.on(() => {
                if (stopped.has(listener)) disturbed.push(listener);
                for (const plan of plans) {
                  if (plan.listener !== listener || plan.at !== round) continue;
                  stops[plan.stops]?.();
                  stopped.add(plan.stops);
                }
              }),
            );
          }
          for (; round < 5; round += 1) events.emit(told);
          expect(disturbed).toEqual([]);
          expect(events.heard).toBe(
            Array.from({ length: count }, (_, index) => index).some((index) => !stopped.has(index)),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });
});
