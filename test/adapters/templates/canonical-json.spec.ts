import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, MAX_JSON_LENGTH } from "../../../src/adapters/templates/canonical-json.ts";

const textOf = (value: unknown): string => Result.getOrThrow(canonicalJson(value));

describe("canonical JSON", () => {
  it("has its keys in order and nothing that is not needed", () => {
    expect(textOf({ b: [1, null, true], a: { z: "ㄱ", y: undefined }, "": -0 })).toBe(
      '{"":0,"a":{"z":"ㄱ"},"b":[1,null,true]}',
    );
    expect(textOf([])).toBe("[]");
    expect(textOf({})).toBe("{}");
  });

  it("always is JSON of the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(sorted(JSON.parse(textOf(value))))).toBe(JSON.stringify(sorted(value)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("always escapes as JSON does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat({ max: 0xffff }), (text, unit) => {
        const whole = text + String.fromCharCode(unit);
        expect(textOf(whole)).toBe(JSON.stringify(whole));
        expect(textOf({ [whole]: 1 })).toBe(JSON.stringify({ [whole]: 1 }));
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps a field that is called __proto__", () => {
    const named = JSON.parse('{"__proto__": {"a": 1}, "b": 2}') as unknown;
    expect(textOf(named)).toBe('{"__proto__":{"a":1},"b":2}');
  });

  it("is refused beyond its length, before it is written", () => {
    expect(textOf("x".repeat(MAX_JSON_LENGTH - 2))).toHaveLength(MAX_JSON_LENGTH);
    expect(Result.isFailure(canonicalJson("x".repeat(MAX_JSON_LENGTH - 1)))).toBe(true);
    expect(Result.isFailure(canonicalJson({ ["k".repeat(MAX_JSON_LENGTH)]: 1 }))).toBe(true);
    expect(Result.isFailure(canonicalJson(new Array(MAX_JSON_LENGTH).fill(1)))).toBe(true);
  });
});

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .map(([key, inner]: [string, unknown]) => [key, sorted(inner)])
    .sort(([left], [right]) => (String(left) < String(right) ? -1 : 1));
};
