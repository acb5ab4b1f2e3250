/**
 * The package as a user gets it: built, without our sources and without our condition. What works from the sources
 * and fails from `dist/` would otherwise be found by the first user.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as sources from "../../src/index.ts";

const root = join(import.meta.dirname, "../..");
const compiler = join(root, "node_modules/typescript/bin/tsc");
const run = promisify(execFile);

/** What the package's own manifest asks for, and the types of Node. */
const NEEDED = ["effect", "rxjs", "pg", "node-pg-migrate", "@types", "undici-types"];

describe("the built package", () => {
  let place = "";

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "millrace-built-"));
    const installed = join(place, "node_modules/millrace");
    await mkdir(installed, { recursive: true });
    await cp(join(root, "package.json"), join(installed, "package.json"));
    await run(
      process.execPath,
      [compiler, "-p", "tsconfig.build.json", "--outDir", join(installed, "dist")],
      {
        cwd: root,
      },
    );
    for (const name of NEEDED)
      await symlink(join(root, "node_modules", name), join(place, "node_modules", name));
    await writeFile(join(place, "package.json"), `{ "type": "module" }`);
  });

  afterAll(async () => {
    await rm(place, { recursive: true, force: true });
  });

  it("offers what the sources offer", async () => {
    const script = `import * as millrace from "millrace"; console.log(Object.keys(millrace).sort().join());`;
    await writeFile(join(place, "main.js"), script);
    const { stdout } = await run(process.execPath, ["main.js"], { cwd: place });
    expect(stdout.trim()).toBe(Object.keys(sources).sort().join());
  });

  it("gives a user the types, so that a wrong use does not compile", async () => {
    await writeFile(
      join(place, "right.ts"),
      `import { Transient } from "millrace"; new Transient({ message: "" });`,
    );
    await writeFile(
      join(place, "wrong.ts"),
      `import { Transient } from "millrace"; new Transient({ message: 1 });`,
    );
    const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];
    const complaints = await run(process.execPath, [compiler, ...flags, "right.ts", "wrong.ts"], {
      cwd: place,
    }).then(
      () => "none",
      (error: unknown) => String((error as { stdout?: string }).stdout), // execFile rejects with the output on it
    );
    expect(complaints).toMatch(/^wrong\.ts\(1,\d+\): error TS2322: Type 'number'/);
    expect(complaints).not.toContain("right.ts");
  });
});
