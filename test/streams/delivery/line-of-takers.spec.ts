/** Who waits is served in order, and whoever leaves is never called. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineOfTakers, type Place } from "../../../src/streams/delivery/line-of-takers.ts";

describe("the line of takers", () => {
  it("calls in the order of coming, passing over whoever has left", () => {
    const line = new LineOfTakers<string>();
    line.join("a");
    const b = line.join("b");
    line.join("c");
    line.leave(b);
    line.leave(b);
    expect([line.length, line.call(), line.call(), line.call(), line.length]).toEqual([2, "a", "c", null, 0]);
  });

  it("always holds exactly those who came and neither left nor were called, in order", () => {
    const order = fc.oneof(fc.constant("join" as const), fc.constant("call" as const), fc.nat({ max: 40 }));
    fc.assert(
      fc.property(fc.array(order, { maxLength: 60 }), (orders) => {
        const line = new LineOfTakers<number>();
        const places: Place<number>[] = [];
        let model: number[] = [];
        for (const given of orders) {
          if (given === "join") {
            model.push(places.length);
            places.push(line.join(places.length));
          } else if (given === "call") expect(line.call()).toBe(model.shift() ?? null);
          else {
            const place = places[given];
            if (place === undefined) continue;
            line.leave(place);
            model = model.filter((one) => one !== given);
          }
          expect(line.length).toBe(model.length);
        }
        for (const one of model) expect(line.call()).toBe(one);
      }),
      { numRuns: 1_000 },
    );
  });
});
