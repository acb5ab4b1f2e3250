import { describe, expect, it } from "vitest";
import { idIn, ownerOfServer } from "../../../src/adapters/postgres/server-owner.ts";

describe("whose the embedded server is", () => {
  it("is a number that was read to its end, and never the number of nothing", () => {
    expect([idIn("101\n"), idIn("65534")]).toEqual([101, 65_534]);
    for (const said of ["", "\n", " ", "-1", "postgres", "101 102", "1e3"])
      expect(() => idIn(said), said).toThrow('the user "postgres" has no number');
  });

  it("is the same for many that ask at once: another user where they are root, and themselves elsewhere", async () => {
    const owners = await Promise.all(Array.from({ length: 30 }, () => ownerOfServer()));
    expect(new Set(owners.map((owner) => JSON.stringify(owner))).size).toBe(1);
    if (process.getuid?.() === 0) expect(owners[0]?.uid).toBeGreaterThan(0);
    else expect(owners[0]).toEqual({});
  });
});
