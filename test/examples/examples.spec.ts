/**
 * Every example runs and prints what it says it prints: the first by the command that a reader types, from the sources, and all of
 * them against the package as it is built, which costs a third of that.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { compiled } from "../support/program.ts";

const ROOT = join(import.meta.dirname, "../..");
const EXAMPLES = join(ROOT, "examples");

const names = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** What they read is not theirs: their specs put it there (`kafka-audit.spec.ts`). */
const NEEDS_A_BROKER = new Set(["07-kafka-audit"]);

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

const node = (...line: readonly string[]): Promise<Printed> =>
  promisify(execFile)(process.execPath, line, {
    cwd: ROOT,
    env: { ...process.env, MILLRACE_KAFKA_BROKERS: "" },
  });

const run = async (name: string): Promise<Printed> => {
  const started = await compiled();
  return node(...started(join(EXAMPLES, "run.ts")), name);
};

describe("the examples", () => {
  it.each(names.filter((name) => !NEEDS_A_BROKER.has(name)))("%s prints what it promises", async (name) => {
    const { stdout, stderr } = await run(name);
    expect(stderr).toBe("");
    expect(stdout).toBe(readFileSync(join(EXAMPLES, name, "expected.txt"), "utf8"));
  });

  it("run from their sources by `npm run example`", async () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      readonly scripts: { readonly example: string }; // our own file
    };
    const [command, ...line] = scripts.example.split(" ");
    expect(command).toBe("node");
    const { stdout } = await node(...line, "01-hello-pipeline");
    expect(stdout).toBe(readFileSync(join(EXAMPLES, "01-hello-pipeline/expected.txt"), "utf8"));
  });

  it.each([...NEEDS_A_BROKER])("%s says what it needs where it is not given", async (name) => {
    await expect(run(name)).rejects.toMatchObject({
      ...{ code: 2, stdout: "" },
      stderr: expect.stringContaining("set MILLRACE_KAFKA_BROKERS") as string,
    });
  });

  it("import nothing of the project but the package's public names, and files of their own folder", () => {
    for (const name of names) {
      const files = readdirSync(join(EXAMPLES, name)).filter((file) => file.endsWith(".ts"));
      const source = files.map((file) => readFileSync(join(EXAMPLES, name, file), "utf8")).join("\n");
      const imported = [...source.matchAll(/from "([^"]+)"/g)].map((match) => match[1] ?? "");
      const isOwn = (from: string): boolean => files.includes(from.slice(2)) && from.startsWith("./");
      const foreign = imported.filter((from) => !isOwn(from));
      expect(foreign.filter((from) => from.startsWith(".") || from.includes("src/"))).toEqual([]);
      expect(imported.some((from) => from === "millrace" || from.startsWith("millrace/"))).toBe(true);
    }
  });

  it("names the examples there are when asked for one there is not", async () => {
    await expect(run("00-nothing")).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("01-hello-pipeline") as string,
    });
  });
});
