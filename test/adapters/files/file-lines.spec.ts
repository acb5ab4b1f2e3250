import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileLines } from "../../../src/adapters/files/file-lines.ts";

const inPieces = async function* (bytes: Buffer, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
};

const read = async (text: string, pieceBytes = 7, maxLineBytes = 1_000) => {
  const lines: (readonly [number, string | null])[] = [];
  for await (const { line, bytes } of fileLines(inPieces(Buffer.from(text), pieceBytes), maxLineBytes))
    lines.push([line, bytes?.toString() ?? null]);
  return lines;
};

describe("fileLines", () => {
  it("gives lines with their numbers, whatever they end with, empty ones too", async () => {
    expect(await read("one\r\ntwo\n\nfour")).toEqual([
      [1, "one"],
      [2, "two"],
      [3, ""],
      [4, "four"],
    ]);
    expect(await read("one\n")).toEqual([[1, "one"]]);
    expect(await read("")).toEqual([]);
    expect(await read("\n")).toEqual([[1, ""]]);
  });

  it("reports a line that is too long without its bytes, and goes on after it", async () => {
    expect(await read(`a\n${"x".repeat(11)}\n${"y".repeat(10)}\nb`, 3, 10)).toEqual([
      [1, "a"],
      [2, null],
      [3, "y".repeat(10)],
      [4, "b"],
    ]);
    expect(await read("x".repeat(11), 3, 10)).toEqual([[1, null]]);
  });

  it("always gives the same lines, into whatever pieces the file was cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom("a", "가", "\r", "\u{1f600}"), maxLength: 8 }), {
          maxLength: 10,
        }),
        fc.integer({ min: 1, max: 40 }),
        async (lines, pieceBytes) => {
          const withoutEnds = lines.map((line) => line.replace(/\r$/, ""));
          const text = lines.map((line) => `${line}\n`).join("");
          expect((await read(text, pieceBytes)).map(([, line]) => line)).toEqual(withoutEnds);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
