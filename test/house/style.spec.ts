/**
 * The style rules that a machine can hold, each with its reason. What needs judgement is in CONTRIBUTING.md.
 *
 * Patterns are written with a bracket in the middle (`[T]ODO`), so that this file does not report itself.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const NOT_OURS = new Set([
  "node_modules",
  "dist",
  "coverage",
  ".git",
  ".millrace",
  "package-lock.json",
  "LICENSE",
]);

const filesUnder = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => !NOT_OURS.has(name) && !/\.(log|cpuprofile)$/.test(name))
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(join(root, path)).isDirectory() ? filesUnder(path) : [path]));

const all = filesUnder("").map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
type File = (typeof all)[number];

const source = all.filter(({ path }) => path.startsWith("src/"));
const code = all.filter(({ path }) => /\.(ts|js|cjs|sql)$/.test(path));

const lineCount = ({ text }: File): number => text.split("\n").length - 1;

/** `path:line: text` for each line that matches, so that a failure can be clicked. */
const linesMatching = (files: readonly File[], pattern: RegExp): string[] =>
  files.flatMap(({ path, text }) =>
    text
      .split("\n")
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [],
      ),
  );

describe("a file of src", () => {
  it("is one idea: at most 350 lines", () => {
    expect(source.filter((file) => lineCount(file) > 350).map(({ path }) => path)).toEqual([]);
  });

  it("is at most 150 lines where it is a stage of the journey", () => {
    const stages = source.filter(
      ({ path }) => /^src\/streams\/(intake|delivery|upkeep)\//.test(path) && !path.endsWith("-pipeline.ts"),
    );
    expect(stages.filter((file) => lineCount(file) > 150).map(({ path }) => path)).toEqual([]);
  });

  it("begins with a comment that says what it is for", () => {
    const headless = source.filter(
      ({ path, text }) =>
        (path.endsWith(".ts") && !text.replace(/^#!.*\n/, "").startsWith("/**\n")) ||
        (path.endsWith(".sql") && !text.startsWith("-- ")),
    );
    expect(headless.map(({ path }) => path)).toEqual([]);
  });

  it("is named for what it does: a name that fits anything collects everything", () => {
    const empty =
      /(^|[-.])(utils?|helpers?|common|managers?|misc|shared|types|data|process|handle|info)([-.]|$)/;
    expect(source.map(({ path }) => path).filter((path) => empty.test(basename(path)))).toEqual([]);
  });

  it("has a name in lower case with hyphens", () => {
    const usual = /^(\d+-)?[a-z0-9]+(-[a-z0-9]+)*(\.(d|gen))?\.(ts|sql)$/;
    expect(source.map(({ path }) => path).filter((path) => !usual.test(basename(path)))).toEqual([]);
  });
});

describe("the whole tree", () => {
  it("has no marks of unfinished work: an issue is found again, a comment is not", () => {
    expect(linesMatching(code, /\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK)\b/)).toEqual([]);
  });

  it("has no test that is switched off, or that switches the others off", () => {
    const tests = code.filter(({ path }) => path.startsWith("test/"));
    expect(
      linesMatching(tests, /^\s*(?:it|test|describe|suite)\b[.\w]*\.(?:[o]nly|[s]kip|[t]odo|[f]ails)\b/),
    ).toEqual([]);
  });

  it("names no place on anybody's machine and no host of a package registry", () => {
    const machine = /(^|[^.\w])\/(?:[w]ork|[f]arm|[r]oot|[h]ome\/\w+|[U]sers\/\w+)\//;
    const registry =
      /https?:\/\/[a-z0-9.-]*(?:[n]pmjs|[m]aven|[d]ebian|[p]ypi|[c]rates|[g]oproxy)[a-z0-9.-]*\//;
    expect([...linesMatching(all, machine), ...linesMatching(all, registry)]).toEqual([]);
  });
});

describe("a document", () => {
  it("links to files that exist", () => {
    const documents = all.filter(({ path }) => path.endsWith(".md"));
    const dead = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)]
        .map(([, target]) => join(dirname(path), target ?? ""))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${path} → ${target}`),
    );
    expect(dead).toEqual([]);
  });
});

describe("a decision", () => {
  const decisions = all.filter(({ path }) => /^docs\/decisions\/\d{4}-.*\.md$/.test(path));
  const index = all.find(({ path }) => path === "docs/decisions/README.md")?.text ?? "";

  it("says its context, its choice, its price and how to know that it was wrong", () => {
    expect(decisions.length).toBeGreaterThan(0);
    for (const { path, text } of decisions) {
      const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
      expect(headings, path).toEqual(["Context", "Choice", "Price", "How to know it was wrong"]);
    }
  });

  it("is in the index, under a number of its own", () => {
    for (const { path } of decisions) expect(index).toContain(`(${basename(path)})`);
    const numbers = decisions.map(({ path }) => basename(path).slice(0, 4));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
