import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvBills } from "../../../src/adapters/files/csv-bills.ts";
import { fileLines } from "../../../src/adapters/files/file-lines.ts";
import type { SourceLine } from "../../../src/domain/bill-line.ts";
import { Permanent } from "../../../src/failure.ts";

const HEADER = "user_id,bill_id,billing_month,purpose,available_at,name,email,items";

const read = async (file: string | Uint8Array): Promise<readonly SourceLine[]> => {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    const bytes = Buffer.from(file);
    for (let at = 0; at < bytes.length; at += 50) yield bytes.subarray(at, at + 50);
  };
  const lines: SourceLine[] = [];
  for await (const line of csvBills(fileLines(chunks()), "november.csv")) lines.push(line);
  return lines;
};

/** `2: member-1 …` or `2! the problem`. */
const told = async (file: string | Uint8Array): Promise<readonly string[]> =>
  (await read(file)).map((line) =>
    "row" in line
      ? `${line.line}: ${Object.values(line.row).join("|")}`
      : `${line.line}! ${line.problems.map(({ problem }) => problem).join("; ")}`,
  );

const refusal = async (file: string | Uint8Array): Promise<string> => {
  try {
    await read(file);
    return "none";
  } catch (error) {
    if (!(error instanceof Permanent)) throw error;
    return `${error.code}: ${error.message}`;
  }
};

const SHORT = "user_id,bill_id,billing_month,purpose,available_at,name,email,items\n";
const line = (nth: number, name = "홍길동"): string =>
  `m-${nth},b-${nth},202611,bill,2026-11-21,${name},h@example.com,x`;
const shown = (nth: number, name = "홍길동"): string =>
  `m-${nth}|b-${nth}|202611|bill|2026-11-21|${name}|h@example.com|x`;

describe("csvBills", () => {
  it("reads rows by the header's names, with their line numbers, quotes and all", async () => {
    const items = '"[{""label"":""기본료"",""amount"":1}]"';
    const [row] = await read(`${HEADER}\nm-1,b-1,202611,bill,2026-11-21,"홍, 길동",h@example.com,${items}\n`);
    expect(row).toEqual({
      line: 2,
      row: {
        user_id: "m-1",
        bill_id: "b-1",
        billing_month: "202611",
        purpose: "bill",
        available_at: "2026-11-21",
        name: "홍, 길동",
        email: "h@example.com",
        items: '[{"label":"기본료","amount":1}]',
      },
    });
  });

  it("takes any order of columns, other line ends, empty lines and the mark that editors put in front", async () => {
    const file = `\uFEFFNAME, email ,user_id,bill_id,billing_month,purpose,available_at,items\r\n\r\n홍길동,h@example.com,m-1,b-1,202611,bill,2026-11-21,x\r\n`;
    expect(await told(file)).toEqual(["3: 홍길동|h@example.com|m-1|b-1|202611|bill|2026-11-21|x"]);
  });

  it("counts the lines of a record that runs over several", async () => {
    expect(await told(`${SHORT}${line(1, '"홍\n길\n동"')}\n${line(2)}`)).toEqual([
      `2: ${shown(1, "홍\n길\n동")}`,
      `5: ${shown(2)}`,
    ]);
  });

  it("loses one line to a quote that is not closed, and not the rest of the file", async () => {
    expect(await told(`${SHORT}${line(1)}\n${line(2, '"홍길동')}\n${line(3)}\n${line(4)}\n`)).toEqual([
      `2: ${shown(1)}`,
      "3! has a quote that is not closed, or that stands inside a cell",
      `4: ${shown(3)}`,
      `5: ${shown(4)}`,
    ]);
    expect(await told(`${SHORT}${line(1, '홍"길동')}\n${line(2, '"홍"길"동"')}\n${line(3)}`)).toEqual([
      "2! has a quote that is not closed, or that stands inside a cell",
      "3! cannot be read as CSV: look at its quotes",
      `4: ${shown(3)}`,
    ]);
  });

  it("loses one line to each of many such quotes", async () => {
    const lines = Array.from({ length: 300 }, (_, at) => line(at, at % 2 === 0 ? '홍"' : "홍길동"));
    const all = await told(SHORT + lines.join("\n"));
    expect(all.filter((each) => each.includes("!"))).toHaveLength(150);
    expect(all).toHaveLength(300);
  });

  it("names a line with too many cells, or too few", async () => {
    expect(await told(`${SHORT}${line(1)},more\nm-2,b-2\n${line(3)}`)).toEqual([
      "2! has 9 cells where the header has 8",
      "3! has 2 cells where the header has 8",
      `4: ${shown(3)}`,
    ]);
  });

  it("says everything that is wrong with the header at once", async () => {
    expect(await refusal("user_id,bill_id,purpose,name,name,kyes\nx")).toMatch(
      /^header: reading the header of november\.csv: the columns billing_month, available_at are missing; neither email nor phone is there; neither items nor content_ref is there; name is there twice; nobody knows kyes\. Columns: user_id, bill_id,/,
    );
  });

  it("shows nothing of a first line that is no header but somebody's bill", async () => {
    const said = await refusal(`${line(1)}\n${line(2)}`);
    expect(said).toContain("the first line is no header");
    expect(said).not.toMatch(/홍길동|example\.com|m-1/);
    expect(await refusal("user_id;bill_id;name\n")).toContain("separate its cells by commas");
    expect(await refusal('"user_id,bill_id\n')).toContain("its first line has a quote that is not closed");
  });

  it.each(["", "\n\r\n\n", "\uFEFF", "\uFEFF\n"])("says that %j is empty", async (file) => {
    expect(await refusal(file)).toBe("empty-file: reading november.csv: it is empty");
  });

  it("takes a file with a header alone for one without bills", async () => {
    expect(await told(SHORT)).toEqual([]);
  });

  it("refuses a file in another encoding at its first such line, and names line and byte", async () => {
    const cp949 = Buffer.concat([
      Buffer.from(`${SHORT}${line(1, "Hong")}\nm-2,`),
      Buffer.from([0xc8, 0xab, 0xb1, 0xe6, 0xb5, 0xbf, 0x2c]),
      Buffer.from("x\n"),
    ]);
    expect(await refusal(cp949)).toBe(
      "encoding: reading november.csv: line 3 is not UTF-8 at its byte 7: convert the file, for instance by iconv -f CP949 -t UTF-8",
    );
    expect(await refusal(Buffer.from(`\uFEFF${SHORT}`, "utf16le"))).toContain(
      "it looks like UTF-16; convert the file, for instance by iconv -f UTF-16 -t UTF-8",
    );
  });

  it("rejects a damaged line alone where the others have shown that the file is UTF-8", async () => {
    const torn = Buffer.concat([
      Buffer.from(`${SHORT}${line(1)}\nm-2,`),
      Buffer.from([0xea, 0xb0]),
      Buffer.from(`,x\n${line(3)}\n`),
    ]);
    expect(await told(torn)).toEqual([`2: ${shown(1)}`, "3! is not UTF-8 at its byte 7", `4: ${shown(3)}`]);
  });

  it("reads over a line that is larger than any bill", async () => {
    const [one, large, three] = await told(
      `${SHORT}${line(1)}\n${line(2, "x".repeat(1_100_000))}\n${line(3)}`,
    );
    expect([one, large, three]).toEqual([
      `2: ${shown(1)}`,
      "3! is longer than 1048576 bytes",
      `4: ${shown(3)}`,
    ]);
  });

  it("always reads back what was written, whatever is in the cells", async () => {
    const cell = fc.string({ unit: fc.constantFrom(..."a가 ,\"\n\r;'\\\u{1f600}"), maxLength: 6 });
    const written = fc.array(fc.array(cell, { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(written, fc.boolean(), async (rows, crlf) => {
        const end = crlf ? "\r\n" : "\n";
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = `${HEADER}${end}${rows.map((cells) => cells.map(quoted).join(",") + end).join("")}`;
        const lines = await read(text);
        // A line end inside a cell is written by one byte, whatever it was.
        const same = (text_: string) => text_.replaceAll(/\r*\n/g, "\n");
        expect(
          lines.map((each) => ("row" in each ? Object.values(each.row).map(String).map(same) : each)),
        ).toEqual(rows.map((cells) => cells.map(same)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("never throws anything but our failures, and never repeats a line, whatever the file holds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, headed) => {
        const file = headed ? Buffer.concat([Buffer.from(SHORT), bytes]) : bytes;
        const result = await read(file).then(Result.succeed, (error: unknown) => Result.fail(error));
        if (Result.isFailure(result)) expect(result.failure).toBeInstanceOf(Permanent);
      }),
      { numRuns: 1_000 },
    );
  });
});
