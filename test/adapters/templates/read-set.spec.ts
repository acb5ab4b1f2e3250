import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { mistakeInWords } from "../../../src/adapters/templates/mistake.ts";
import { readSets, templateStore } from "../../../src/adapters/templates/template-store.ts";
import { filesOf, folderOf, partsOf, requestOf } from "./sets.ts";

const mistakesIn = (files: Readonly<Record<string, string | Uint8Array>>): readonly string[] =>
  readSets(folderOf(files)).mistakes.map(mistakeInWords);

const without = (files: Record<string, string>, path: string): Record<string, string> =>
  Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));

describe("a set in a folder", () => {
  const files = filesOf({ text: "hello {{name}}", variables: { name: "text" } });

  it("is read without a mistake where everything is there and listed", () => {
    expect(mistakesIn(files)).toEqual([]);
  });

  it("misses a file that is listed, and does not know one that is not", () => {
    expect(mistakesIn(without(files, "v1/sample.json"))).toEqual(["v1/sample.json: there is no such file"]);
    expect(mistakesIn({ ...files, "v1/old/spare.hbs": "x" })).toEqual([
      "v1/old/spare.hbs: is not listed in set.json",
    ]);
    expect(mistakesIn({ ...files, "v1/.notes": "x" })).toEqual([]);
    expect(mistakesIn(without(files, "v1/text.hbs"))).toEqual([
      "v1/text.hbs: there is no such file",
      "v1/set.json: bill/sms: name is listed, and no template of it shows it",
    ]);
    expect(mistakesIn({ "v1/text.hbs": "x" })).toEqual(["v1/set.json: there is no such file"]);
  });

  it("has files of text, of a size that somebody wrote by hand", () => {
    expect(mistakesIn({ ...files, "v1/text.hbs": Uint8Array.of(0xc0, 0xaf) })).toContain(
      "v1/text.hbs: cannot be read as UTF-8 text",
    );
    expect(mistakesIn({ ...files, "v1/text.hbs": "x".repeat(262_145) })).toContain(
      "v1/text.hbs: is larger than 262144 bytes",
    );
  });

  it("is named by a version that can begin a digest", () => {
    const odd = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path.replace("v1", "v 1"), text]),
    );
    expect(mistakesIn(odd)[0]).toContain("a version is named by letters, digits");
  });

  it("says what is wrong in every version, not only in the present one", () => {
    const broken = filesOf({ version: "v0", text: "{{nobody}}" });
    expect(mistakesIn({ ...files, ...broken })).toEqual([
      "v0/text.hbs:1: unknown variable nobody: list it in set.json",
    ]);
  });

  it("has a subject of one line", () => {
    const two = filesOf({ subject: "one\ntwo", html: "x", text: "x" });
    expect(mistakesIn(two)).toEqual(["v1/subject.hbs:2: a subject is one line"]);
  });

  it("writes the same, and has the same digest, when it was checked out with other line breaks", () => {
    const text = "hello\n{{name}}\n";
    const store = (written: string | Uint8Array) =>
      Result.getOrThrow(templateStore({ folder: folderOf({ ...files, "v1/text.hbs": written }) }));
    const one = store(text);
    const other = store(`\ufeff${text.replaceAll("\n", "\r\n")}`);
    const request = requestOf({ name: "Kim" });
    expect(partsOf(other, request)).toEqual(partsOf(one, request));
    expect(partsOf(one, request).text).toBe("hello\nKim");
    expect(Result.getOrThrow(other.render(request)).digest).toBe(
      Result.getOrThrow(one.render(request)).digest,
    );
  });
});
