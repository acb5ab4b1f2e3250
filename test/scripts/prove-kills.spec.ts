/**
 * Whoever proves something has to see it when it is not so: here what is looked at is wrong on purpose.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Draw } from "../support/draw.ts";
import { verdictOf, wrongIn } from "../../scripts/prove-kills/proof.ts";
import { compiled } from "../support/program.ts";

const figures = {
  ok: true,
  ingested: 9,
  sent: 9,
  failed: 0,
  in_doubt: 0,
  held: 0,
  open: 0,
  duplicates: 0,
  lost: 0,
};
const clean = { ...figures, balanced: true, violations: [] };

describe("the proof by kills", () => {
  it("is content with a clean verdict and with nothing less", () => {
    expect(wrongIn(clean, { inDoubt: 0 })).toEqual([]);
    expect(wrongIn(null, { inDoubt: 0 })).toEqual(["no verdict was printed"]);
    const spoilt = [
      { duplicates: 1 },
      { duplicates: null },
      { lost: 1 },
      { open: 1 },
      { in_doubt: 1 },
      { balanced: false },
      { ok: false },
    ];
    for (const each of spoilt) expect(wrongIn({ ...clean, ...each }, { inDoubt: 0 })).toHaveLength(1);
  });

  it("at class C wants as many doubts as sends were out at the kills, not more and not fewer", () => {
    const found = { ...clean, sent: 4, in_doubt: 5 };
    expect(wrongIn(found, { inDoubt: 5 })).toEqual([]);
    expect(wrongIn(found, { inDoubt: 4 })).toHaveLength(1);
    expect(wrongIn(found, { inDoubt: 6 })).toHaveLength(1);
  });

  it("reads the verdict from the last line, and takes a problem for none", () => {
    const ended = (out: string) => ({ code: 0, signal: null, out, error: "" });
    expect(verdictOf(ended(`> npm's own words\n${JSON.stringify(clean)}\n`))).toEqual(clean);
    for (const out of ["", "not JSON", '{"error":{"ending":"failed"}}'])
      expect(verdictOf(ended(out))).toBeNull();
  });

  it("draws the same again by the same seed", () => {
    const drawn = (seed: number): readonly number[] => {
      const draw = new Draw(seed);
      return Array.from({ length: 20 }, () => draw.within(0, 1_000));
    };
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });

  it("says how it is called, and what is wrong with a call", async () => {
    const root = join(import.meta.dirname, "../..");
    const started = await compiled();
    const call = (...line: readonly string[]) =>
      spawnSync(process.execPath, [...started(join(root, "scripts/prove-kills.ts")), ...line], {
        ...{ cwd: root, encoding: "utf8" },
      });
    expect(call("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("--what demo|roles") });
    const refused = call("--what", "roles", "--class", "D");
    expect(refused).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--class is A, B or C, not D"),
    });
  });
});
