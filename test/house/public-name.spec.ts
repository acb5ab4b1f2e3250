/** The package's own name means its sources, in the tests and on the command line: no build, and one copy of each thing. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as byName from "millrace";
import { expect, it } from "vitest";
import * as byPath from "../../src/index.ts";

const root = join(import.meta.dirname, "../..");

it("a test that imports millrace by its name gets the sources, and gets them once", () => {
  expect(Object.keys(byName)).not.toEqual([]);
  for (const [name, value] of Object.entries(byPath)) expect(Reflect.get(byName, name), name).toBe(value);
});

it("so does a file that is run by the command for examples", async () => {
  const script = `import * as millrace from "millrace"; console.log(Object.keys(millrace).sort().join());`;
  const flags = ["--conditions=millrace-source", "--import", "tsx", "--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  expect(stdout.trim()).toBe(Object.keys(byPath).sort().join());
});
