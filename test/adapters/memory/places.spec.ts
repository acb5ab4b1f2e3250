import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Placed, Places } from "../../../src/adapters/memory/places.ts";
import { growth } from "../../support/growth.ts";

describe("a line of places", () => {
  it("lets the smallest place go first, whenever it came", () => {
    const line = new Places();
    for (const place of [3, 1, 2]) line.push({ place });
    expect(line.take(2)).toEqual([{ place: 1 }, { place: 2 }]);
    line.push({ place: 0 });
    expect(line.take(9)).toEqual([{ place: 0 }, { place: 3 }]);
    expect(line.take(1)).toEqual([]);
  });

  it("always gives what a sorted list gives", () => {
    const order = fc.oneof(fc.record({ push: fc.array(fc.nat(50)) }), fc.record({ take: fc.nat(8) }));
    fc.assert(
      fc.property(fc.array(order, { maxLength: 30 }), (orders) => {
        const line = new Places<Placed & { readonly id: number }>();
        let naive: number[] = [];
        let id = 0;
        for (const given of orders) {
          if ("push" in given) {
            for (const place of given.push) {
              line.push({ place, id: (id += 1) });
              naive.push(place);
            }
          } else {
            naive.sort((one, other) => one - other);
            expect(line.take(given.take).map(({ place }) => place)).toEqual(naive.slice(0, given.take));
            naive = naive.slice(given.take);
          }
          expect(line.size).toBe(naive.length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("costs little more with 100,000 waiting than with 1,000", () => {
    const steadyState = (waiting: number): (() => void) => {
      const line = new Places<Placed>();
      let place = 0;
      for (; place < waiting; place += 1) line.push({ place });
      return () => {
        for (let turn = 0; turn < 500; turn += 1) {
          const back = line.take(2);
          for (const item of back.slice(1)) line.push(item); // to where it was
          line.push({ place: (place += 1) });
        }
      };
    };
    // a hundred times as many are less than seven more levels on ten
    expect(growth(steadyState(1_000), steadyState(100_000))).toBeLessThan(10);
  });
});
