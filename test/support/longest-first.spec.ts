import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LONGEST, longestFirst } from "./longest-first.ts";

const root = join(import.meta.dirname, "../..");
const suite = (name: string) => ({ moduleId: join(root, name) });

describe("the order of the suites", () => {
  it("is the longest first, and the others as they come", () => {
    const others = ["test/domain/policy.spec.ts", "test/cli.spec.ts"];
    const [longest = "", ...next] = LONGEST;
    const mixed = [others[0] ?? "", ...[...next].reverse(), others[1] ?? "", longest];
    expect(longestFirst(mixed.map(suite))).toEqual([...LONGEST, ...others].map(suite));
  });

  it.each(LONGEST)("knows %s, which is there", (name) => {
    expect(existsSync(join(root, name))).toBe(true);
  });
});
