/**
 * The Dockerfile says what the manifest says, and copies what there is. No engine runs it here, so this is how it is checked.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { probing } from "./probing.ts";

const root = join(import.meta.dirname, "../..");
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");
const manifest = JSON.parse(textOf("package.json")) as {
  engines: { node: string };
  bin: { millrace: string };
  files: readonly string[];
  scripts: Readonly<Record<string, string>>;
}; // our own file

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

const instructions: readonly Instruction[] = textOf("Dockerfile")
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => {
    const [, word = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return { word, rest };
  });

/** From one FROM to the next. */
const stages = instructions.reduce<Instruction[][]>((found, one) => {
  if (one.word === "FROM") found.push([]);
  found.at(-1)?.push(one);
  return found;
}, []);
const last = stages.at(-1) ?? [];
const restsOf = (word: string, stage: readonly Instruction[] = instructions): readonly string[] =>
  stage.filter((one) => one.word === word).map(({ rest }) => rest);
const listIn = (rest = ""): readonly string[] => JSON.parse(rest) as readonly string[]; // the form of a list

const numbersOf = (version: string): readonly number[] => version.split(".").map(Number);
/** The number by which versions are compared. */
const rank = (version: string): number => numbersOf(version).reduce((sum, part) => sum * 1_000 + part, 0);

describe("Dockerfile", () => {
  it("consists of instructions that are known", () => {
    const known = [
      "FROM",
      "WORKDIR",
      "COPY",
      "RUN",
      "ENV",
      "USER",
      "EXPOSE",
      "HEALTHCHECK",
      "ENTRYPOINT",
      "CMD",
    ];
    expect(instructions.filter(({ word }) => !known.includes(word))).toEqual([]);
  });

  it("takes one long-lived version of Node, pinned, and one that the package runs on", () => {
    const images = restsOf("FROM").map((rest) => rest.split(" ")[0]);
    expect(new Set(images).size).toBe(1);
    const [, version = ""] = /^node:(24\.\d+\.\d+)-[a-z]+-slim$/.exec(images[0] ?? "") ?? [];
    const [, least = ""] = /^>=(\d+\.\d+\.\d+)$/.exec(manifest.engines.node) ?? [];
    expect(rank(version)).toBeGreaterThan(rank(least));
  });

  it("builds by the lock file, and takes along what the program needs and nothing that builds it", () => {
    expect(restsOf("RUN")).toEqual(["npm ci", "npm run build", "npm ci --omit=dev"]);
    expect(manifest.scripts["build"]).toMatch(/bin\/tsc -p tsconfig\.build\.json && tsx scripts\//);
    expect(restsOf("RUN", last)).toEqual([]);
    expect(restsOf("COPY", last)).toEqual(
      expect.arrayContaining([
        "--from=dependencies /build/node_modules ./node_modules",
        "--from=build /build/dist ./dist",
      ]),
    );
  });

  it("copies what there is, and what is let into it", () => {
    const copied = restsOf("COPY")
      .filter((rest) => !rest.startsWith("--from="))
      .flatMap((rest) => rest.split(" ").slice(0, -1));
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const ignore = textOf(".dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(ignore[0]).toBe("*");
    expect(ignore.slice(1).sort()).toEqual([...new Set(copied)].map((path) => `!${path}`).sort());
  });

  it("has what the program reads beside itself: its manifest and its templates", () => {
    const kept = restsOf("COPY", last).flatMap((rest) => rest.split(" "));
    expect(manifest.files).toContain("templates");
    expect(kept).toEqual(expect.arrayContaining(["package.json", "templates"]));
  });

  it("runs the program of the manifest, as somebody who is not root, and in production", () => {
    expect(restsOf("USER", last)).toEqual(["node"]);
    expect(restsOf("ENV", last)).toEqual(["NODE_ENV=production"]);
    const [entry] = restsOf("ENTRYPOINT", last);
    const line = listIn(entry);
    expect([line[0], line.at(-1)]).toEqual(["node", manifest.bin.millrace]);
    expect(listIn(restsOf("CMD", last)[0])).toEqual(["--help"]);
  });

  it("asks whether it is alive where it listens", async () => {
    const [rest = ""] = restsOf("HEALTHCHECK", last);
    const [program, , script = ""] = listIn(rest.slice(rest.indexOf("[")));
    expect(program).toBe("node");
    const at = (port: number) => ({ script, env: { MILLRACE_HTTP_PORT: String(port) } });
    expect(await probing(200, at)).toEqual({ code: 0, asked: ["/healthz"] });
    expect((await probing(500, at)).code).toBe(1);
    expect((await probing(200, () => at(1))).code).toBe(1);
  });
});
