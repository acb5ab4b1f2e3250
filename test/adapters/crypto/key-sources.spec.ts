import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Result } from "effect";
import { afterAll, describe, expect, it } from "vitest";
import { keysFromEnvironment, keysFromFile } from "../../../src/adapters/crypto/index.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-keys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const JSON_TEXT = JSON.stringify({ present: "a", keys: { a: Buffer.alloc(32, 7).toString("base64") } });

const fileWith = (name: string, text: string, mode: number): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  chmodSync(path, mode); // whatever the umask says
  return path;
};

const refusalOf = (path: string): string => {
  const read = keysFromFile(path);
  return Result.isFailure(read) ? read.failure.message : "none";
};

describe("keysFromFile", () => {
  it.each([0o600, 0o400])("reads a file that only its owner can (mode %i)", (mode) => {
    expect(Result.getOrThrow(keysFromFile(fileWith(`own-${mode}.json`, JSON_TEXT, mode))).present).toBe("a");
  });

  it.each([
    [0o640, "640"],
    [0o604, "604"],
    [0o620, "620"],
    [0o644, "644"],
  ])("refuses one that others can read or write (mode %i), and says how to mend it", (mode, shown) => {
    const path = fileWith(`shared-${shown}.json`, JSON_TEXT, mode);
    expect(refusalOf(path)).toBe(
      `reading the keys from ${path}: others may read or write it (mode ${shown}): run chmod 600 on it`,
    );
  });

  it("says that there is none, or that it is a folder", () => {
    expect(refusalOf(join(folder, "none.json"))).toContain("cannot be opened (ENOENT)");
    mkdirSync(join(folder, "inner"), { mode: 0o700 });
    expect(refusalOf(join(folder, "inner"))).toContain("it is no file");
  });

  it("does not read a large one", () => {
    expect(refusalOf(fileWith("large.json", " ".repeat(65_537), 0o600))).toContain("larger than 65536 bytes");
  });

  it("reads over the mark that some editors put at the beginning", () => {
    expect(Result.isSuccess(keysFromFile(fileWith("mark.json", `\uFEFF${JSON_TEXT}`, 0o600)))).toBe(true);
  });
});

describe("keysFromEnvironment", () => {
  it("reads the same JSON", () => {
    expect(Result.getOrThrow(keysFromEnvironment({ KEYS: JSON_TEXT }, "KEYS")).present).toBe("a");
  });

  it.each([undefined, "", "  "])("says that %j is not set", (KEYS) => {
    const read = keysFromEnvironment({ KEYS }, "KEYS");
    expect(Result.isFailure(read) && read.failure.message).toBe("reading the keys from KEYS: it is not set");
  });
});
