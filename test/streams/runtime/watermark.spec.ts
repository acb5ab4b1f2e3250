import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Watermark } from "../../../src/streams/runtime/watermark.ts";
import { growth } from "../../support/growth.ts";

/** The watermark as anybody would first write it: a list that is looked through. */
class NaiveWatermark {
  readonly records: { readonly offset: number; isFinished: boolean }[] = [];
  readonly #from: number;

  constructor(from: number) {
    this.#from = from;
  }

  get unfinished(): number | undefined {
    return this.records.find(({ isFinished }) => !isFinished)?.offset;
  }

  get expected(): number {
    return (this.records.at(-1)?.offset ?? this.#from - 1) + 1;
  }

  /** All below the first unfinished record: up to the one before it. */
  get position(): number {
    const firstUnfinished = this.records.findIndex(({ isFinished }) => !isFinished);
    const done = firstUnfinished === -1 ? this.records : this.records.slice(0, firstUnfinished);
    return (done.at(-1)?.offset ?? this.#from - 1) + 1;
  }

  get span(): number {
    const firstUnfinished = this.records.findIndex(({ isFinished }) => !isFinished);
    return firstUnfinished === -1 ? 0 : this.records.length - firstUnfinished;
  }
}

describe("the watermark", () => {
  it("stays below the oldest unfinished record, and jumps over all that was finished behind it", () => {
    const watermark = new Watermark(10);
    const [ten, eleven, twelve] = [watermark.append(10), watermark.append(11), watermark.append(12)];
    expect(watermark.finish(twelve)).toBe(false);
    expect(watermark.finish(eleven)).toBe(false);
    expect(watermark.position).toBe(10);
    expect(watermark.oldest).toBe(10);
    expect(watermark.finish(ten)).toBe(true);
    expect(watermark.position).toBe(13);
    expect(watermark.oldest).toBeUndefined();
  });

  it("counts a gap in the offsets as finished: nothing will come of it", () => {
    const watermark = new Watermark(0);
    const late = watermark.append(500);
    expect(watermark.position).toBe(0);
    watermark.finish(late);
    expect(watermark.position).toBe(501);
  });

  it("is always where the naive watermark is, whatever finishes in whatever order", () => {
    const order = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ append: fc.nat({ max: 3 }), times: fc.integer({ min: 1, max: 40 }) }),
      },
      { weight: 8, arbitrary: fc.record({ finish: fc.nat({ max: 400 }) }) },
      { weight: 3, arbitrary: fc.record({ finishOldest: fc.integer({ min: 1, max: 60 }) }) },
    );
    fc.assert(
      fc.property(fc.nat({ max: 1_000 }), fc.array(order, { maxLength: 60 }), (from, orders) => {
        const watermark = new Watermark(from);
        const naive = new NaiveWatermark(from);
        const slots: number[] = [];
        const finish = (index: number): void => {
          const record = naive.records[index];
          const slot = slots[index];
          if (record === undefined || slot === undefined) {
            expect(watermark.finish(index + 1_000_000)).toBe(false);
            return;
          }
          const before = naive.position;
          record.isFinished = true;
          expect(watermark.finish(slot)).toBe(naive.position > before);
        };
        for (const given of orders) {
          if ("append" in given) {
            for (let time = 0; time < given.times; time += 1) {
              const offset = naive.expected + given.append;
              naive.records.push({ offset, isFinished: false });
              slots.push(watermark.append(offset));
            }
          } else if ("finish" in given) {
            finish(given.finish);
          } else {
            for (let time = 0; time < given.finishOldest; time += 1) {
              finish(naive.records.findIndex(({ isFinished }) => !isFinished));
            }
          }
          expect(watermark.position).toBe(naive.position);
          expect(watermark.oldest).toBe(naive.unfinished);
          expect(watermark.expected).toBe(naive.expected);
          expect(watermark.span).toBe(naive.span);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("never takes an offset that does not ascend: its source has broken its promise", () => {
    fc.assert(
      fc.property(fc.nat({ max: 100 }), fc.nat({ max: 200 }), (newest, next) => {
        const watermark = new Watermark(0);
        watermark.append(newest);
        const append = (): number => watermark.append(next);
        if (next > newest) expect(append).not.toThrow();
        else expect(append).toThrow(`offset ${next} arrived after ${newest}`);
      }),
      { numRuns: 1000 },
    );
    expect(() => new Watermark(0).append(Number.NaN)).toThrow("offset NaN arrived");
  });

  it("ends at the same place in every order of completion, at thousands in flight", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), fc.infiniteStream(fc.nat()), (count, draws) => {
        const watermark = new Watermark(0);
        const slots = Array.from({ length: count }, (_, offset) => watermark.append(offset));
        for (let left = slots.length; left > 0; left -= 1) {
          const [draw] = [draws.next().value as number]; // an infinite stream always has a next
          const at = draw % left;
          const slot = slots[at] ?? 0;
          slots[at] = slots[left - 1] ?? 0;
          watermark.finish(slot);
        }
        expect(watermark.position).toBe(count);
        expect(watermark.span).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it("costs the same for each completion at 1,000 and at 50,000 in flight", () => {
    const steadyState = (inFlight: number): (() => void) => {
      const watermark = new Watermark(0);
      let next = 0;
      let state = 7;
      const slots = Array.from({ length: inFlight }, () => watermark.append(next++));
      return () => {
        for (let count = 0; count < 2_000; count += 1) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          const at = state % inFlight;
          watermark.finish(slots[at] ?? 0);
          slots[at] = watermark.append(next++);
        }
      };
    };
    expect(growth(steadyState(1_000), steadyState(50_000))).toBeLessThan(3);
  });
});
