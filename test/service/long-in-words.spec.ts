import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { longInWords } from "../../src/service/long-in-words.ts";

describe("a stretch of time in words", () => {
  it.each([
    [604_800_000, "7 days"],
    [86_400_000, "24 h"],
    [7_200_000, "2 h"],
    [90_000, "90 s"],
    [999, "999 ms"],
  ])("%i ms is %s", (ms, words) => {
    expect(longInWords(ms)).toBe(words);
  });

  it("is never told by a number of less than two, but for seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2 ** 40 }), (ms) => {
        const [count = "", unit] = longInWords(ms).split(" ");
        expect(Number(count)).toBeGreaterThanOrEqual(unit === "s" ? 1 : 2);
      }),
      { numRuns: 1_000 },
    );
  });
});
