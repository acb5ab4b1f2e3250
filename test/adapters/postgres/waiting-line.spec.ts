import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaitingLine } from "../../../src/adapters/postgres/waiting-line.ts";

describe("the waiting line", () => {
  it("calls who has waited longest, and nobody when it is empty", () => {
    const line = new WaitingLine<string>();
    expect(line.call()).toBeUndefined();
    line.join("first");
    line.join("second");
    expect([line.call(), line.call(), line.call()]).toEqual(["first", "second", undefined]);
  });

  it("is a queue, whatever is done with it in whatever order", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat())), (steps) => {
        const line = new WaitingLine<number>();
        const model: number[] = [];
        for (const step of steps) {
          if (step === null) expect(line.call()).toBe(model.shift());
          else {
            line.join(step);
            model.push(step);
          }
          expect(line.length).toBe(model.length);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
