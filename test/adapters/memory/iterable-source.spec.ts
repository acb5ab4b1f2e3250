import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromIterable } from "../../../src/adapters/memory/iterable-source.ts";
import type { AssignmentListener, OffsetSource } from "../../../src/streams/runtime/source.ts";

interface Assigned {
  readonly partition: string;
  readonly epoch: number;
  readonly position: number;
}

const open = (source: OffsetSource<unknown>): Assigned => {
  let assigned: Assigned | null = null;
  const listener: AssignmentListener = {
    assigned: (partition, epoch, position) => {
      assigned = { partition, epoch, position };
    },
    revoked: () => Effect.void,
    lost: () => undefined,
  };
  Effect.runSync(source.open(listener));
  if (assigned === null) throw new Error("nothing was assigned");
  return assigned;
};

const pull = <Body>(source: OffsetSource<Body>, records: number) =>
  Effect.runSync(source.pull({ records, bytes: Infinity }));

describe("an iterable as a source", () => {
  it("hands its elements over in order, counted from 0, and says when there are no more", () => {
    const source = fromIterable("letters", ["a", "b", "c"]);
    expect(open(source)).toEqual({ partition: "0", epoch: 1, position: 0 });
    expect(pull(source, 2)).toEqual({
      records: [
        { partition: "0", offset: 0, key: "0", body: "a" },
        { partition: "0", offset: 1, key: "1", body: "b" },
      ],
      ended: false,
    });
    expect(pull(source, 2)).toEqual({
      records: [{ partition: "0", offset: 2, key: "2", body: "c" }],
      ended: true,
    });
  });

  it("keys its elements as it is told to", () => {
    const source = fromIterable("bills", [{ member: "m7" }], {
      key: ({ member }, offset) => `${member}/${offset}`,
    });
    open(source);
    expect(pull(source, 1).records[0]?.key).toBe("m7/0");
  });

  it("reads an endless iterable only as far as it is asked for", () => {
    let read = 0;
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield (read += 1);
      },
    };
    const source = fromIterable("endless", endless);
    open(source);
    expect(pull(source, 5).records.map(({ body }) => body)).toEqual([1, 2, 3, 4, 5]);
    expect(read).toBe(5);
  });

  it("begins anew at the first uncommitted element, and takes no commit of an earlier opening", () => {
    const source = fromIterable("letters", ["a", "b", "c", "d"]);
    const { epoch } = open(source);
    pull(source, 3);
    const commit = (of: number, next: number) =>
      Effect.runSync(source.commit([{ partition: "0", epoch: of, next }]));
    expect(commit(epoch, 2)).toEqual(["committed"]);
    const again = open(source);
    expect(again).toEqual({ partition: "0", epoch: epoch + 1, position: 2 });
    expect(commit(epoch, 4)).toEqual(["stale"]);
    expect(pull(source, 9)).toMatchObject({
      records: [
        { offset: 2, body: "c" },
        { offset: 3, body: "d" },
      ],
      ended: true,
    });
  });

  it("never loses an element or changes one's offset, however it is pulled, committed and opened again", () => {
    const order = fc.oneof(
      { weight: 4, arbitrary: fc.record({ pull: fc.integer({ min: 1, max: 6 }) }) },
      { weight: 2, arbitrary: fc.record({ commitBack: fc.nat({ max: 4 }) }) },
      { weight: 1, arbitrary: fc.constant("open" as const) },
    );
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.array(order, { maxLength: 30 }), (count, orders) => {
        const source = fromIterable(
          "numbers",
          Array.from({ length: count }, (_, number) => `element ${number}`),
        );
        let { epoch, position: next } = open(source);
        let committed = 0;
        let isEnded = false;
        for (const given of orders) {
          if (given === "open") {
            ({ epoch, position: next } = open(source));
            expect(next).toBe(committed);
            isEnded = false;
          } else if ("pull" in given) {
            if (isEnded) continue;
            const { records, ended } = pull(source, given.pull);
            expect(records.length).toBeLessThanOrEqual(given.pull);
            for (const { offset, body } of records) {
              expect({ offset, body }).toEqual({ offset: next, body: `element ${next}` });
              next += 1;
            }
            expect(ended || records.length === given.pull).toBe(true);
            if (ended) expect(next).toBe(count);
            isEnded = ended;
          } else {
            committed = Math.max(committed, next - given.commitBack);
            Effect.runSync(source.commit([{ partition: "0", epoch, next: committed }]));
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("has nothing to begin when nothing was opened: it is iterated over for the first time then", () => {
    let begun = 0;
    const elements = {
      [Symbol.iterator]: (): Iterator<number> => {
        begun += 1;
        return [1, 2][Symbol.iterator]();
      },
    };
    const source = fromIterable("numbers", elements);
    expect(begun).toBe(0);
    open(source);
    expect(begun).toBe(1);
  });

  it("refuses to begin anew what can be iterated over only once, instead of losing what is left of it", () => {
    function* once(): Generator<number> {
      yield* [1, 2, 3];
    }
    const source = fromIterable("once", once());
    open(source);
    expect(pull(source, 1).records.map(({ body }) => body)).toEqual([1]);
    expect(() => open(source)).toThrow("once can be iterated over only once");
  });

  it("lets go of what it iterates over when it is closed, or opened again", () => {
    let held = 0;
    function* rows(): Generator<number> {
      held += 1;
      try {
        for (let number = 0; ; number += 1) yield number;
      } finally {
        held -= 1;
      }
    }
    const source = fromIterable("rows", { [Symbol.iterator]: rows });
    open(source);
    pull(source, 3);
    expect(held).toBe(1);
    open(source);
    pull(source, 3);
    expect(held).toBe(1);
    Effect.runSync(source.close);
    expect(held).toBe(0);
  });
});
