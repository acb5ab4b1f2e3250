/** What is installed is what was decided: every version is exact, and every package has its reason on the page. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};
const page = readFileSync(join(root, "docs/decisions/0001-dependencies.md"), "utf8");
const { dependencies, devDependencies, peerDependencies } = manifest;
/** An alias (`npm:typescript@7.0.2`) is a package under another name: its version is what comes last. */
const packages = [dependencies, devDependencies, peerDependencies].flatMap((group) =>
  Object.entries(group).map(([name, version]) => [name, version.replace(/^npm:[^@]+@/, "")] as const),
);

describe("a package that Millrace uses", () => {
  it.each(packages)("%s is pinned exactly (%s)", (_name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+(-[a-z]+\.\d+)?$/);
  });

  it.each(packages)("%s has its reason in docs/decisions, at version %s", (name, version) => {
    const row = page.split("\n").find((line) => (line.split("|")[1] ?? "").split(/[\s,]+/).includes(name));
    expect(row).toContain(version);
  });
});
