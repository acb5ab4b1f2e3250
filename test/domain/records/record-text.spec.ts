import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MOST_DEPTH, openRecord, type RecordShape } from "../../../src/domain/records/record-text.ts";
import { bytesOf, strangeBytes } from "./arbitraries.ts";

const SHAPE: RecordShape = { schema: "sample", versions: [2, 3], mostBytes: 400 };
const opened = (text: string) => openRecord(bytesOf(text), SHAPE);
const codeOf = (bytes: Uint8Array | null): string | undefined => {
  const found = openRecord(bytes, SHAPE);
  return Result.isFailure(found) ? found.failure.code : undefined;
};

describe("the shell of a record", () => {
  it("is JSON that names its schema and a version that is read", () => {
    const found = opened('{"schema":"sample","version":3,"more":{"of":["it"]}}');
    expect(Result.isSuccess(found) && found.success.version).toBe(3);
    expect(Result.isSuccess(found) && found.success.fields.get("more")).toEqual({ of: ["it"] });
  });

  it.each([
    ["nothing", null, "record:empty"],
    ["no bytes", new Uint8Array(), "record:empty"],
    ["bytes that are no text", Uint8Array.of(0xff, 0xfe, 0x80), "record:not-text"],
    ["a text that is no JSON", bytesOf("hello"), "record:not-json"],
    ["half a record", bytesOf('{"schema":"sample","version":3'), "record:not-json"],
    ["a list", bytesOf("[1]"), "record:not-an-object"],
    ["null", bytesOf("null"), "record:not-an-object"],
    ["somebody else's record", bytesOf('{"schema":"other","version":3}'), "record:schema"],
    ["a record without a schema", bytesOf('{"version":3}'), "record:schema"],
    ["a version of tomorrow", bytesOf('{"schema":"sample","version":4}'), "record:version"],
    ["a version of long ago", bytesOf('{"schema":"sample","version":1}'), "record:version"],
    ["a version in words", bytesOf('{"schema":"sample","version":"3"}'), "record:version"],
    [
      "more bytes than the schema has",
      bytesOf(`{"schema":"sample","x":"${"x".repeat(400)}"}`),
      "record:too-large",
    ],
  ])("is not there in %s", (_what, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  it("is not looked for in JSON that is nested too deep, however sound the rest is", () => {
    const nested = (levels: number): string =>
      `{"schema":"sample","version":3,"x":${"[".repeat(levels)}${"]".repeat(levels)}}`;
    expect(codeOf(bytesOf(nested(MOST_DEPTH - 1)))).toBeUndefined();
    expect(codeOf(bytesOf(nested(MOST_DEPTH)))).toBe("record:too-deep");
    expect(codeOf(bytesOf(`{"x":"${"[".repeat(100)}\\"${"{".repeat(100)}"}`))).toBe("record:schema");
  });

  it("takes __proto__ for a name like any other", () => {
    const found = opened('{"__proto__":{"version":3,"schema":"sample"}}');
    expect(Result.isFailure(found)).toBe(true);
    expect(codeOf(bytesOf('{"__proto__":{"polluted":true},"schema":"sample","version":3}'))).toBeUndefined();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("is never a throw, and never shows what the bytes hold", () => {
    fc.assert(
      fc.property(strangeBytes('{"schema":"sample","version":3,"secret":"s3cr3t-v4lue"}'), (bytes) => {
        const found = openRecord(bytes, SHAPE);
        if (Result.isSuccess(found)) return;
        expect(found.failure._tag).toBe("Undecodable");
        expect(found.failure.code).toMatch(/^record:[a-z-]+$/);
        expect(found.failure.message).not.toContain("s3cr3t");
      }),
      { numRuns: 1000 },
    );
  });
});
