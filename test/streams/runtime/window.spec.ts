import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_WINDOW, Window } from "../../../src/streams/runtime/window.ts";

const silent = (): void => undefined;

describe("the window", () => {
  it("has as much room as it has credits, and says when there is more", () => {
    let told = 0;
    const window = new Window({ credits: 2, bytes: 1_000 }, () => {
      told += 1;
    });
    window.take(10);
    window.take(20);
    expect(window.freeRecords).toBe(0);
    expect(told).toBe(0);
    window.give(10);
    expect(window.freeRecords).toBe(1);
    expect(window.freeBytes).toBe(980);
    expect(told).toBe(1);
  });

  it("has no room for a record when its bytes are used up, whatever its credits say", () => {
    const window = new Window({ credits: 100, bytes: 50 }, silent);
    window.take(49);
    expect(window.freeRecords).toBe(99);
    window.take(1);
    expect(window.freeRecords).toBe(0);
    window.give(1);
    expect(window.freeRecords).toBe(99);
  });

  it("is below zero after a shrink, until enough has been settled", () => {
    const window = new Window({ credits: 10, bytes: 1_000 }, silent);
    for (let count = 0; count < 8; count += 1) window.take(1);
    window.resize({ credits: 5 });
    expect(window.freeRecords).toBe(-3);
    for (let count = 0; count < 4; count += 1) window.give(1);
    expect(window.freeRecords).toBe(1);
    expect(window.inFlight).toBe(4);
  });

  it("never counts otherwise than a list of what is out", () => {
    const order = fc.oneof(
      fc.record({ take: fc.nat({ max: 100 }) }),
      fc.record({ give: fc.nat({ max: 50 }) }),
      fc.record({
        resize: fc.record(
          { credits: fc.integer({ min: 1, max: 30 }), bytes: fc.integer({ min: 1, max: 900 }) },
          { requiredKeys: [] },
        ),
      }),
    );
    fc.assert(
      fc.property(fc.array(order, { maxLength: 60 }), (orders) => {
        let told = 0;
        let gains = 0;
        const window = new Window({ credits: 10, bytes: 500 }, () => {
          told += 1;
        });
        const out: number[] = [];
        let { credits, bytes } = { credits: 10, bytes: 500 };
        for (const given of orders) {
          if ("take" in given) {
            out.push(given.take);
            window.take(given.take);
          } else if ("give" in given) {
            if (out.length === 0) continue;
            const [weight = 0] = out.splice(given.give % out.length, 1);
            window.give(weight);
            gains += 1;
          } else {
            window.resize(given.resize);
            credits = given.resize.credits ?? credits;
            bytes = given.resize.bytes ?? bytes;
            gains += 1;
          }
          const weight = out.reduce((sum, one) => sum + one, 0);
          expect(window.inFlight).toBe(out.length);
          expect(window.bytesInFlight).toBe(weight);
          expect(window.freeBytes).toBe(bytes - weight);
          expect(window.freeRecords).toBe(weight >= bytes ? 0 : credits - out.length);
          expect(window.limits).toEqual({ credits, bytes });
          expect(told).toBe(gains);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses a credit back that nobody had taken: somebody counts wrongly", () => {
    expect(() => {
      new Window(DEFAULT_WINDOW, silent).give(0);
    }).toThrow("nobody had taken");
  });

  it("always refuses limits below one, and rounds down what is between", () => {
    fc.assert(
      fc.property(fc.oneof(fc.double({ max: 0.999 }), fc.constant(Number.NaN)), (limit) => {
        expect(() => new Window({ credits: limit, bytes: 1 }, silent)).toThrow(/at least 1 of its credits/);
        expect(() => new Window({ credits: 1, bytes: limit }, silent)).toThrow(/at least 1 of its bytes/);
        const window = new Window({ credits: 1, bytes: 1 }, silent);
        expect(() => {
          window.resize({ credits: limit });
        }).toThrow(/at least 1 of its credits/);
        expect(window.limits).toEqual({ credits: 1, bytes: 1 });
      }),
      { numRuns: 1000 },
    );
    expect(new Window({ credits: 7.9, bytes: 10 }, silent).freeRecords).toBe(7);
  });
});
