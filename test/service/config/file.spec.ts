import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { parseConfig, readConfigFile } from "../../../src/service/config/file.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-file-"));
afterAll(() => rm(folder, { recursive: true }));

const linesOf = (name: string, text: string) => {
  const answer = parseConfig(name, text);
  if ("mistakes" in answer) throw new Error(JSON.stringify(answer.mistakes));
  return answer.read.lineOf;
};
const mistakesOf = (name: string, text: string) => {
  const answer = parseConfig(name, text);
  return "mistakes" in answer ? answer.mistakes.map(({ place, problem }) => `${place} ${problem}`) : [];
};

describe("a configuration file", () => {
  it("knows the line of each key, in YAML and in JSON", () => {
    const yaml = linesOf("c.yaml", "# first\nhttp:\n  host: a\n  port: 1\nlist:\n  - one\n  - two\n");
    expect([yaml(["http"]), yaml(["http", "port"]), yaml(["list", 1])]).toEqual([2, 4, 7]);
    const json = linesOf("c.json", '{\n  "http": {\n    "port": 1\n  }\n}');
    expect([json(["http"]), json(["http", "port"])]).toEqual([2, 3]);
  });

  it("gives the line of what is around a key that is not there", () => {
    expect(linesOf("c.yaml", "a: 1\nhttp:\n  port: 1\n")(["http", "host"])).toBe(2);
    expect(linesOf("c.yaml", "")(["http"])).toBe(1);
  });

  it.each([
    ["c.yaml", "a: 1\na: 2\n", "c.yaml:2 has a key a second time"],
    ["c.json", '{"a": 1,\n "a": 2}', "c.json:2 has a key a second time"],
    ["c.yaml", 'a: "open\nb: 1\n', /^c\.yaml:\d lacks a bracket/],
    ["c.json", "{'a': 1}", "c.json is no JSON"],
    ["c.json", '{"a": 1} // note', /^c\.json(:1)? is no JSON/],
  ])("says what is wrong with it, and where: %s %j", (name, text, problem) => {
    expect(mistakesOf(name, text)[0]).toMatch(problem);
  });

  it("never quotes what stands in it, not in a warning either", () => {
    const warned: string[] = [];
    const listen = ({ message }: Error): unknown => warned.push(message);
    process.on("warning", listen);
    onTestFinished(() => {
      process.off("warning", listen);
    });
    const around = fc.constantFrom("a: ", "{", "[", '"', "- ", "a: *", "&", "\t", "!!", "? ");
    fc.assert(
      fc.property(fc.array(around, { maxLength: 4 }), fc.constantFrom("c.yaml", "c.json"), (parts, name) => {
        expect(mistakesOf(name, `${parts.join("")}geheim${parts.join("")}`).join()).not.toContain("geheim");
      }),
      { numRuns: 1_000 },
    );
    // Warnings are told after what is ready now.
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      expect(warned).toEqual([]);
    });
  });

  it("is refused where aliases would make it grow without end", () => {
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
    for (const [one, other] of ["ab", "bc", "cd", "de", "ef"]) {
      bomb.push(`${other}: &${other} [${Array.from({ length: 10 }, () => `*${one}`).join(",")}]`);
    }
    expect(mistakesOf("c.yaml", bomb.join("\n"))).toEqual([
      "c.yaml has aliases that lead nowhere, or too many",
    ]);
  });

  it("is refused where it is too large to be one", () => {
    const path = join(folder, "large.yaml");
    writeFileSync(path, `# ${"x".repeat(1_048_576)}`);
    expect(readConfigFile(path)).toMatchObject({ mistakes: [{ problem: "is larger than 1048576 bytes" }] });
  });

  it("may begin with a byte-order mark, as some editors write it", () => {
    const path = join(folder, "bom.json");
    writeFileSync(path, '\uFEFF{"a": 1}');
    expect(readConfigFile(path)).toMatchObject({ read: { value: { a: 1 } } });
  });
});
