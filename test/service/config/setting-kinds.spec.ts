import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PROVIDER_SETTINGS } from "../../../src/service/config/providers.ts";
import { SECTIONS } from "../../../src/service/config/sections.ts";
import { choices, msOrNever, whole } from "../../../src/service/config/setting-kinds.ts";
import type { Setting } from "../../../src/service/config/setting.ts";

const every: readonly (readonly [string, Setting<unknown>])[] = [
  ...Object.entries(SECTIONS).flatMap(([section, settings]) =>
    Object.entries(settings).map(([name, setting]) => [`${section}.${name}`, setting] as const),
  ),
  ...Object.entries(PROVIDER_SETTINGS).map(([name, setting]) => [`providers.x.${name}`, setting] as const),
];

const asText = (value: unknown): string => (Array.isArray(value) ? value.join(",") : String(value));

describe.each(every)("the setting %s", (_path, setting) => {
  it("accepts its own default, written in a file or as text", () => {
    expect(setting.read(setting.default)).toEqual(Result.succeed(setting.default));
    if (setting.default === null) return;
    expect(setting.read(setting.fromText(asText(setting.default)))).toEqual(Result.succeed(setting.default));
  });

  it("says what it is for, and what to write", () => {
    expect(setting.says).toMatch(/^[A-Z\w].*\.$/);
    expect(setting.fix).toMatch(/^(write|list) /);
  });
});

describe("a whole number", () => {
  const lease = whole(5, 1, 10, { says: "For a test." });

  it("is always accepted within its limits, and never beyond, as number and as text alike", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -5, max: 20 }), fc.double()), (value) => {
        const fits = Number.isInteger(value) && value >= 1 && value <= 10;
        expect(Result.isSuccess(lease.read(value))).toBe(fits);
        if (Number.isInteger(value) && Math.abs(value) < 1e9) {
          expect(Result.isSuccess(lease.read(lease.fromText(String(value + 0))))).toBe(fits);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(["5s", "0x5", "1e1", " 5", "", "five"])("is not read out of %j", (text) => {
    expect(Result.isFailure(lease.read(lease.fromText(text)))).toBe(true);
  });
});

describe("a time or never", () => {
  const delta = msOrNever(1_000, { says: "For a test." });

  it.each([0, 1_000, "never", null])("takes %j", (value) => {
    expect(delta.read(value)).toEqual(Result.succeed(value));
  });

  it.each(["Never", true, "5s"])("refuses %j, and names both ways", (value) => {
    const problem = 'is neither a whole number from 0 to 1000 nor "never"';
    expect(delta.read(value)).toEqual(Result.fail([{ within: "", problem }]));
  });

  it.each([1_001, -1, 1.5])("refuses %j by its limits", (value) => {
    const problem = "is no whole number from 0 to 1000";
    expect(delta.read(value)).toEqual(Result.fail([{ within: "", problem }]));
  });
});

describe("some of a few names", () => {
  const roles = choices(["a", "b"], ["a"], { says: "For a test." });

  it("is named with the entry that is wrong", () => {
    expect(roles.read(["a", "c"])).toEqual(Result.fail([{ within: "[1]", problem: "is none of a, b" }]));
    expect(Result.isFailure(roles.read(["a", "a"]))).toBe(true);
    expect(Result.isFailure(roles.read("a"))).toBe(true);
  });
});
