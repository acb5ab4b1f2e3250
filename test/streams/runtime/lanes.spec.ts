import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lanes } from "../../../src/streams/runtime/lanes.ts";

interface Item {
  readonly key: string;
  readonly number: number;
}

describe("lanes", () => {
  it("let one item of a key in at a time, and the next in its turn", () => {
    const lanes = new Lanes<Item>();
    const [first, second, third] = [1, 2, 3].map((number) => ({ key: "a", number }));
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("three were made");
    expect(lanes.enter("a", first)).toBe(true);
    expect(lanes.enter("a", second)).toBe(false);
    expect(lanes.enter("a", third)).toBe(false);
    expect(lanes.enter("b", { key: "b", number: 4 })).toBe(true);
    expect(lanes.waiting).toBe(2);
    expect(lanes.leave("a")).toBe(second);
    expect(lanes.leave("a")).toBe(third);
    expect(lanes.leave("a")).toBeUndefined();
    expect(lanes.enter("a", first)).toBe(true);
  });

  it("give back all that waits behind an item that will come again, and begin anew", () => {
    const lanes = new Lanes<Item>();
    const [first, second, third] = [1, 2, 3].map((number) => ({ key: "a", number }));
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("three were made");
    for (const item of [first, second, third]) lanes.enter("a", item);
    expect(lanes.abandon("a")).toEqual([second, third]);
    expect(lanes.waiting).toBe(0);
    expect(lanes.leave("a")).toBeUndefined();
    expect(lanes.enter("a", second)).toBe(true);
  });

  it("always do as a plain list for each key does", () => {
    const key = fc.constantFrom("a", "b", "c", "__proto__");
    const order = fc.oneof(
      { weight: 4, arbitrary: fc.record({ enter: key }) },
      { weight: 3, arbitrary: fc.record({ leave: key }) },
      { weight: 1, arbitrary: fc.record({ abandon: key }) },
    );
    fc.assert(
      fc.property(fc.array(order, { maxLength: 80 }), (orders) => {
        const lanes = new Lanes<Item>();
        const naive = new Map<string, Item[]>();
        let number = 0;
        for (const given of orders) {
          if ("enter" in given) {
            const item = { key: given.enter, number };
            number += 1;
            const line = naive.get(item.key) ?? [];
            naive.set(item.key, [...line, item]);
            expect(lanes.enter(item.key, item)).toBe(line.length === 0);
          } else if ("leave" in given) {
            const [, ...behind] = naive.get(given.leave) ?? [];
            naive.set(given.leave, behind);
            expect(lanes.leave(given.leave)).toBe(behind[0]);
          } else {
            const [head, ...behind] = naive.get(given.abandon) ?? [];
            naive.set(given.abandon, head === undefined ? [] : [head]);
            expect(lanes.abandon(given.abandon)).toEqual(behind);
          }
          const waiting = [...naive.values()].reduce((sum, line) => sum + Math.max(0, line.length - 1), 0);
          expect(lanes.waiting).toBe(waiting);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
