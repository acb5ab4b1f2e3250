/**
 * The package as a user gets it: built, without our sources and without our condition, with what its manifest asks for installed and
 * nothing that it calls optional. What works from the sources and fails from `dist/` would otherwise be found by the first user.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { programFolder } from "../support/program.ts";

const root = join(import.meta.dirname, "../..");
const compiler = join(root, "node_modules/typescript-native/bin/tsc");
const run = promisify(execFile);

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly "millrace-source": string; readonly types: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest; // our own file
interface Entry {
  readonly name: string;
  readonly source: string;
}
const entries: readonly Entry[] = Object.entries(manifest.exports).map(
  ([path, { "millrace-source": source }]) => ({
    name: `millrace${path.slice(1)}`,
    source: join(root, source),
  }),
);

const FLAGS = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];

describe("the built package", () => {
  let place = "";
  let complaints: readonly string[] = [];

  const writeUses = async ({ name, source }: Entry, nth: number): Promise<string> => {
    const offered = Object.keys((await import(source)) as object); // a module
    const file = `typed-${nth}.ts`;
    // an entry without types would be of type `any`, which a number is not kept from
    const uses = offered.map((each) => `export const of_${each}: typeof entry.${each} = entry.${each};`);
    const text = `import * as entry from "${name}";\n${uses.join("\n")}\n// @ts-expect-error it has none such\nentry.noSuchThing;\n`;
    await writeFile(join(place, file), text);
    return file;
  };

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), "millrace-built-"));
    const installed = join(place, "node_modules/millrace");
    await mkdir(installed, { recursive: true });
    await cp(join(root, "package.json"), join(installed, "package.json"));
    // without its types being checked again: that is a step of its own
    await cp(join(await programFolder(), "src"), join(installed, "dist"), { recursive: true });
    // and the types of Node, which a user of TypeScript has
    for (const name of [...Object.keys(manifest.dependencies), "@types", "undici-types"]) {
      await mkdir(dirname(join(place, "node_modules", name)), { recursive: true });
      await symlink(join(root, "node_modules", name), join(place, "node_modules", name));
    }
    await writeFile(join(place, "package.json"), `{ "type": "module" }`);
    const entryUses = await Promise.all(entries.map(writeUses));
    await writeFile(
      join(place, "right.ts"),
      `import { Transient } from "millrace"; new Transient({ message: "" });`,
    );
    await writeFile(
      join(place, "wrong.ts"),
      `import { Transient } from "millrace"; new Transient({ message: 1 });`,
    );
    // all in one program: the declarations are read once
    complaints = await run(process.execPath, [compiler, ...FLAGS, ...entryUses, "right.ts", "wrong.ts"], {
      cwd: place,
    }).then(
      () => [],
      // execFile rejects with the output on it
      (error: unknown) =>
        String((error as { stdout?: string }).stdout)
          .trimEnd()
          .split("\n"),
    );
  }, 300_000);

  afterAll(async () => {
    await rm(place, { recursive: true, force: true });
  });

  it("has more than one entry", () => {
    expect(entries.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["millrace", "millrace/postgres"]),
    );
  });

  it.each(entries)("offers as $name what the sources offer", async ({ name, source }) => {
    const script = `import * as entry from "${name}"; console.log(Object.keys(entry).sort().join());`;
    const file = `${name.replaceAll("/", "-")}.js`;
    await writeFile(join(place, file), script);
    const { stdout } = await run(process.execPath, [file], { cwd: place });
    const sources = (await import(source)) as object; // a module
    expect(stdout.trim()).toBe(Object.keys(sources).sort().join());
    expect(stdout.trim()).not.toBe("");
  });

  it("gives every entry its types", () => {
    expect(complaints.filter((line) => !line.startsWith("wrong.ts"))).toEqual([]);
  });

  it("keeps to itself what is no entry", async () => {
    await writeFile(join(place, "deep.js"), `import "millrace/dist/service/serve.js";`);
    await expect(run(process.execPath, ["deep.js"], { cwd: place })).rejects.toThrow(
      "ERR_PACKAGE_PATH_NOT_EXPORTED",
    );
  });

  it("gives a user the types, so that a wrong use does not compile", () => {
    expect(complaints).toEqual([expect.stringMatching(/^wrong\.ts\(1,\d+\): error TS2322: Type 'number'/)]);
  });

  it("runs as the command, and says what there is", async () => {
    const { stdout } = await run(process.execPath, ["node_modules/millrace/dist/cli.js", "--help"], {
      cwd: place,
    });
    expect(stdout).toContain("Usage: millrace");
  });
});
