import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { declaredFields } from "../../../src/adapters/templates/declared.ts";
import { fitValues } from "../../../src/adapters/templates/fit-values.ts";

const fieldsOf = (listed: unknown) =>
  declaredFields(listed, new Set(), (words) => {
    throw new Error(words);
  });

const fit = (kind: string, value: unknown): unknown => {
  const fitted = fitValues(fieldsOf({ it: kind }), [{ it: value }]);
  return Result.isSuccess(fitted) ? fitted.success["it"] : `${fitted.failure.path} ${fitted.failure.words}`;
};

describe("a value for a template", () => {
  it("is passed on as it is where it fits", () => {
    const fitting: readonly [string, readonly unknown[]][] = [
      ["text", ["", "홍길동", "two\nlines", 7, -0.5]],
      ["number", [0, "25", "-1.5", 1e14]],
      ["amount", [0, "12.3400", -5, "999999999999999999"]],
      ["month", [202611, "202611", "2026-01"]],
      ["date", ["2026-11-30", "2028-02-29", "2000-02-29"]],
      ["flag", [true, false]],
    ];
    for (const [kind, values] of fitting) for (const value of values) expect(fit(kind, value)).toBe(value);
  });

  it("is refused by the variable's name where it does not", () => {
    const unfit: readonly [string, readonly unknown[]][] = [
      ["text", [true, {}, [], Number.NaN, "a\u0007b", "\udc00"]],
      ["number", ["x", "", " 1", "1e3", 1e21, Number.POSITIVE_INFINITY, true]],
      ["amount", ["1,000", "1.23456", "-", 1e21, {}]],
      ["month", [202613, 202600, "2026-1", "26-11", 20261, 202611.5]],
      ["date", ["2026-02-29", "2026-04-31", "2026-13-01", "2026-11-00", 20261121, "1900-02-29"]],
      ["flag", [1, "true"]],
    ];
    for (const [kind, values] of unfit)
      for (const value of values)
        expect(fit(kind, value), `${kind} ${String(value)}`).toMatch(/^it (is|holds) /);
  });

  it("is named by its place in a list", () => {
    const fields = fieldsOf({ items: [{ label: "text", "parts?": [{ name: "text" }] }] });
    const pathOf = (items: unknown): unknown => {
      const fitted = fitValues(fields, [{ items }]);
      return Result.isFailure(fitted) ? `${fitted.failure.path} ${fitted.failure.words}` : fitted.success;
    };
    expect(pathOf([{ label: "a" }, {}])).toBe("items[1].label is missing");
    expect(pathOf([{ label: "a", parts: [{ name: "x" }, { name: 1 }, {}] }])).toBe(
      "items[0].parts[2].name is missing",
    );
    expect(pathOf([null])).toBe("items[0] is no object");
    expect(pathOf([["label"]])).toBe("items[0] is no object");
    expect(pathOf({ length: 1, 0: { label: "a" } })).toBe("items is no list");
    expect(pathOf(new Array(1_001).fill({ label: "a" }))).toBe("items has more than 1000 items");
  });
});
