import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileLines } from "../../../src/adapters/files/file-lines.ts";
import { jsonlBills } from "../../../src/adapters/files/jsonl-bills.ts";
import type { SourceLine } from "../../../src/domain/bill-line.ts";

const read = async (file: string | Uint8Array): Promise<readonly SourceLine[]> => {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from(file);
  };
  const lines: SourceLine[] = [];
  for await (const line of jsonlBills(fileLines(chunks()), "november.jsonl")) lines.push(line);
  return lines;
};
const problemOf = async (file: string | Uint8Array): Promise<string> => {
  const [line] = await read(file);
  return line !== undefined && "problems" in line
    ? line.problems.map(({ problem }) => problem).join("; ")
    : "none";
};

describe("jsonlBills", () => {
  it("reads an object a line, with its number, over empty lines and the mark in front", async () => {
    expect(
      await read(
        '\uFEFF{"user_id":"m-1","items":[{"label":"x","amount":1}]}\n\n  \r\n{"user_id":"m-2","billing_month":202611}',
      ),
    ).toEqual([
      { line: 1, row: { user_id: "m-1", items: [{ label: "x", amount: 1 }] } },
      { line: 4, row: { user_id: "m-2", billing_month: 202611 } },
    ]);
  });

  it.each([
    ["{", "is no JSON"],
    ["[]", "is no JSON object"],
    ["null", "is no JSON object"],
    ['{"user":1,"e_mail":2}', "has fields that nobody knows: user, e_mail"],
    ['{"hong@example.com":1}', "has 1 fields that nobody knows"],
    ['{"__proto__":{"name":"x"}}', "has fields that nobody knows: __proto__"],
  ])("takes %s for a problem of its line: it %s", async (line, problem) => {
    expect(await problemOf(line)).toBe(problem);
  });

  it("goes on after a line that cannot be read", async () => {
    const lines = await read('{"name":"가"}\n{"name"\n{"name":"나"}');
    expect(lines.map((line) => "row" in line)).toEqual([true, false, true]);
  });

  it("refuses a file in another encoding, and rejects a damaged line alone", async () => {
    const torn = Buffer.concat([
      Buffer.from('{"name":"'),
      Buffer.from([0xc8, 0xab, 0xb1, 0xe6]),
      Buffer.from('"}\n'),
    ]);
    await expect(read(torn)).rejects.toMatchObject({ code: "encoding" });
    const [good, bad] = await read(Buffer.concat([Buffer.from('{"name":"가"}\n'), torn]));
    expect(good).toHaveProperty("row");
    expect(bad).toHaveProperty("problems", [
      { field: "line", problem: "is not UTF-8 at its byte 12", shown: "" },
    ]);
  });

  it.each(["", "\n\n", " \r\n"])("says that %j is empty", async (file) => {
    await expect(read(file)).rejects.toMatchObject({
      _tag: "Permanent",
      code: "empty-file",
      message: "reading november.jsonl: it is empty",
    });
  });

  it("never repeats a line that it cannot read", async () => {
    const secret = fc
      .string({ unit: fc.constantFrom(..."abcdefgh@."), minLength: 8, maxLength: 30 })
      .filter((text) => /[@.]/.test(text));
    await fc.assert(
      fc.asyncProperty(secret, async (text) => {
        for (const line of [text, `{"${text}":1}`, `{"name":"${text}`])
          expect(await problemOf(line)).not.toContain(text);
      }),
      { numRuns: 1_000 },
    );
  });
});
