import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readItems } from "../../src/domain/bill-items.ts";
import { anyText } from "./text-arbitraries.ts";

const RUNS = { numRuns: 1_000 };
const totalOf = (...amounts: readonly unknown[]) => {
  const read = readItems(amounts.map((amount) => ({ label: "x", amount })));
  return Result.isSuccess(read) ? read.success.total : read.failure;
};

describe("readItems", () => {
  it("reads the lines of a bill, from JSON or as they are, and adds them up", () => {
    const items = [
      { label: "기본료", amount: 33_000 },
      { label: "할인", amount: -3_000, note: "family" },
    ];
    expect(Result.getOrThrow(readItems(items))).toEqual({ items, total: 30_000 });
    expect(Result.getOrThrow(readItems(JSON.stringify(items)))).toEqual({ items, total: 30_000 });
  });

  it("adds decimals up exactly, and writes no places that are not there", () => {
    expect(totalOf("0.1", "0.2")).toBe("0.3");
    expect(totalOf("0.5", "0.50")).toBe(1);
    expect(totalOf("-0.25", 0.2)).toBe("-0.05");
    expect(totalOf(...new Array<string>(20).fill("999999999999999"))).toBe("19999999999999980");
  });

  it("always adds whole numbers up as whole numbers are", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 50 }),
        (amounts) => {
          expect(totalOf(...amounts)).toBe(amounts.reduce((sum, amount) => sum + amount, 0));
          expect(totalOf(...amounts.map(String))).toBe(amounts.reduce((sum, amount) => sum + amount, 0));
        },
      ),
      RUNS,
    );
  });

  it.each([
    ["no json", "is no list in JSON"],
    ['{"label":"x"}', "is no list in JSON"],
    ["[]", "is an empty list"],
    ["[null]", "has no label of 1 to 200 characters in line 1"],
    ['[{"label":"x","amount":1},{"label":" ","amount":1}]', "has no label of 1 to 200 characters in line 2"],
    ['[{"label":"x","amount":"33,000"}]', "has no amount in line 1"],
    ['[{"label":"x","amount":1e300}]', "has no amount in line 1"],
    ['[{"label":"x","amount":null}]', "has no amount in line 1"],
    ['[{"label":"x","amount":0.12345}]', "has no amount in line 1"],
  ])("refuses %s: it %s", (written, problem) => {
    const read = readItems(written);
    expect(Result.isFailure(read) && read.failure).toContain(problem);
  });

  it("takes 500 lines and no more", () => {
    const lines = (count: number) => readItems(new Array(count).fill({ label: "x", amount: 1 }));
    expect(Result.getOrThrow(lines(500)).total).toBe(500);
    expect(Result.isFailure(lines(501))).toBe(true);
  });

  it("never throws, and never repeats what was written", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.jsonValue(),
          fc.jsonValue().map((value) => [value]),
        ),
        (written) => {
          const read = readItems(written);
          if (Result.isFailure(read)) expect(read.failure).toMatch(/^(is|has) [a-zA-Z0-9 :,[\]{}"…]+$/);
        },
      ),
      RUNS,
    );
  });
});
