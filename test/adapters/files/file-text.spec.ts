import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileText } from "../../../src/adapters/files/file-text.ts";

const TORN = Buffer.from([0x61, 0xea, 0xb0]);

describe("FileText", () => {
  it("blames the file until a line has proved that it is UTF-8, and the line from then on", () => {
    const text = new FileText("a.csv");
    expect(text.decode(Buffer.from("plain"), 1)).toEqual(Result.succeed("plain"));
    expect(() => text.decode(TORN, 2)).toThrow("reading a.csv: line 2 is not UTF-8 at its byte 3");
    expect(text.decode(Buffer.from("가"), 3)).toEqual(Result.succeed("가"));
    expect(text.decode(TORN, 4)).toEqual(Result.fail("is not UTF-8 at its byte 3"));
  });

  it("takes no proof from two bytes that CP949 may have, too", () => {
    const text = new FileText("a.csv");
    expect(Result.isSuccess(text.decode(Buffer.from([0xc8, 0xab]), 1))).toBe(true);
    expect(() => text.decode(TORN, 2)).toThrow("not UTF-8");
  });

  it("takes the mark in front away, and nowhere else", () => {
    const text = new FileText("a.csv");
    expect(text.decode(Buffer.from("\uFEFFx"), 1)).toEqual(Result.succeed("x"));
    expect(text.decode(Buffer.from("\uFEFFx"), 2)).toEqual(Result.succeed("\uFEFFx"));
  });

  it("always finds the first byte that is wrong", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 30 }),
        fc.constantFrom(0x80, 0xff, 0xc0, 0xf8),
        (good, bad) => {
          const text = new FileText("a.csv");
          text.decode(Buffer.from("가"), 1);
          const bytes = Buffer.concat([Buffer.from(good), Buffer.from([bad, 0x61])]);
          expect(text.decode(bytes, 2)).toEqual(
            Result.fail(`is not UTF-8 at its byte ${Buffer.from(good).length + 1}`),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
