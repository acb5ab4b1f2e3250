import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FIXED_PATHS,
  nearest,
  pathForVariable,
  PROVIDER_NAMES,
  settingAt,
  variableFor,
} from "../../../src/service/config/names.ts";

describe("the name of a setting as a variable", () => {
  it("is its path in capitals", () => {
    expect(variableFor("delivery.leaseMs")).toBe("MILLRACE_DELIVERY_LEASE_MS");
    expect(variableFor("database.url")).toBe("MILLRACE_DATABASE_URL");
    expect(variableFor("providers.sms-kr.lookUpUrl")).toBe("MILLRACE_PROVIDERS_SMS_KR_LOOK_UP_URL");
  });

  it("always leads back to the setting", () => {
    const channel = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,2}$/);
    const provider = fc
      .tuple(channel, fc.constantFrom(...PROVIDER_NAMES))
      .map(([named, name]) => `providers.${named}.${name}`)
      // A channel that ends like a setting's name would be read as a longer setting of a shorter channel.
      .filter((path) => !/-(look-up|credential)$/.test(path.split(".")[1] ?? ""));
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...FIXED_PATHS), provider), (path) => {
        expect(settingAt(path)).toBeDefined();
        expect(pathForVariable(variableFor(path))).toBe(path);
      }),
      { numRuns: 1_000 },
    );
  });

  it("belongs to one setting only", () => {
    expect(new Set(FIXED_PATHS.map(variableFor)).size).toBe(FIXED_PATHS.length);
  });
});

describe("the nearest name", () => {
  const known = ["host", "port", "token", "requestTimeoutMs"];

  it.each([
    ["prot", "port"],
    ["tocken", "token"],
    ["requestTimeout", "requestTimeoutMs"],
    ["HOST", "host"],
    ["colour", undefined],
    ["x", undefined],
  ])("to %s is %s", (slip, meant) => {
    expect(nearest(slip, known)).toBe(meant);
  });

  it("is always the name itself where it is known, and always found after one slip", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FIXED_PATHS),
        fc.nat(),
        fc.constantFrom("drop", "add", "swap"),
        (path, at, how) => {
          const place = at % (path.length - 1);
          const slipped = {
            drop: path.slice(0, place) + path.slice(place + 1),
            add: `${path.slice(0, place)}x${path.slice(place)}`,
            swap:
              path.slice(0, place) + (path[place + 1] ?? "") + (path[place] ?? "") + path.slice(place + 2),
          }[how];
          expect(nearest(path, FIXED_PATHS)).toBe(path);
          expect(nearest(slipped, [path])).toBe(path);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
