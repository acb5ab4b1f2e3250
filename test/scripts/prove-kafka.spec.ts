/**
 * What a proof is asked for is refused where it cannot be meant, before anything is started.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compiled } from "../support/program.ts";

const ROOT = join(import.meta.dirname, "../..");

const started = await compiled();
const call = (...args: readonly string[]) =>
  spawnSync(process.execPath, [...started(join(ROOT, "scripts/prove-kafka.ts")), ...args], {
    ...{ cwd: ROOT, encoding: "utf8", timeout: 60_000 },
    env: { PATH: process.env["PATH"] ?? "" },
  });

describe("npm run prove:kafka", () => {
  it("says with --help how it is called", () => {
    const { status, stdout } = call("--help");
    expect(status).toBe(0);
    expect(stdout).toContain("MILLRACE_TEST_KAFKA_SCRIPT");
  });

  it("refuses with 2 what it does not know", () => {
    const { status, stderr } = call("--what", "load", "--class", "D");
    expect(status).toBe(2);
    expect(stderr).toContain("--class is one of A, B, C, not D");
  });
});
