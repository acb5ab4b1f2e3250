import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fifo } from "../../../src/streams/runtime/fifo.ts";
import { growth } from "../../support/growth.ts";

interface Item {
  readonly number: number;
}

describe("a waiting line", () => {
  it("gives things back in the order in which they came", () => {
    const line = new Fifo<Item>();
    line.push({ number: 1 });
    line.push({ number: 2 });
    expect(line.first).toEqual({ number: 1 });
    expect(line.shift()).toEqual({ number: 1 });
    line.push({ number: 3 });
    expect(line.shift()).toEqual({ number: 2 });
    expect(line.size).toBe(1);
    expect(line.shift()).toEqual({ number: 3 });
    expect(line.shift()).toBeUndefined();
    expect(line.first).toBeUndefined();
  });

  it("always does as an array does, over the large moves too", () => {
    const order = fc.oneof(
      { weight: 6, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 900 }) }) },
      { weight: 6, arbitrary: fc.record({ shift: fc.integer({ min: 1, max: 900 }) }) },
      { weight: 1, arbitrary: fc.record({ clear: fc.constant(true) }) },
    );
    fc.assert(
      fc.property(fc.array(order, { maxLength: 20 }), (orders) => {
        const line = new Fifo<Item>();
        let naive: Item[] = [];
        let number = 0;
        for (const given of orders) {
          if ("push" in given) {
            for (let time = 0; time < given.push; time += 1) {
              const item = { number: (number += 1) };
              line.push(item);
              naive.push(item);
            }
          } else if ("shift" in given) {
            const gone = naive.slice(0, given.shift);
            naive = naive.slice(given.shift);
            const wrong = gone.find((item) => line.shift() !== item);
            expect(wrong).toBeUndefined();
            if (gone.length < given.shift) expect(line.shift()).toBeUndefined();
          } else {
            line.clear();
            naive = [];
          }
          expect(line.size).toBe(naive.length);
          expect(line.first).toBe(naive[0]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("costs the same with 1,000 and with 100,000 waiting", () => {
    const steadyState = (waiting: number): (() => void) => {
      const line = new Fifo<Item>();
      for (let number = 0; number < waiting; number += 1) line.push({ number });
      return () => {
        // as many turns as there are items, so that the large moves are in it
        for (let turn = 0; turn < 100_000; turn += 1) {
          const item = line.shift();
          if (item !== undefined) line.push(item);
        }
      };
    };
    expect(growth(steadyState(1_000), steadyState(100_000))).toBeLessThan(20);
  });
});
