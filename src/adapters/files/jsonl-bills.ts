/**
 * Bills from lines of JSON: one object a line, its fields named like the columns. A field that nobody knows is a problem of
 * its line: it may be a column that was misspelt, and then something would be missing in silence.
 */
import { Result } from "effect";
import { isBillColumn } from "../../domain/bill-columns.ts";
import type { BillRow, SourceLine } from "../../domain/bill-line.ts";
import { Permanent } from "../../failure.ts";
import { MAX_LINE_BYTES, type FileLine } from "./file-lines.ts";
import { FileText } from "./file-text.ts";

export const jsonlBills = async function* (
  lines: AsyncIterable<FileLine>,
  name: string,
): AsyncGenerator<SourceLine, void, undefined> {
  const text = new FileText(name);
  let isEmpty = true;
  for await (const { line, bytes } of lines) {
    const written =
      bytes === null ? Result.fail(`is longer than ${MAX_LINE_BYTES} bytes`) : text.decode(bytes, line);
    if (Result.isSuccess(written) && written.success.trim() === "") continue;
    isEmpty = false;
    const row = Result.flatMap(written, rowOf);
    yield Result.isSuccess(row)
      ? { line, row: row.success }
      : { line, problems: [{ field: "line", problem: row.failure, shown: "" }] };
  }
  if (isEmpty) throw new Permanent({ message: `reading ${name}: it is empty`, code: "empty-file" });
};

const rowOf = (written: string): Result.Result<BillRow, string> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(written);
  } catch {
    return Result.fail("is no JSON"); // the parser's own words would quote the line
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    return Result.fail("is no JSON object");
  const strange = Object.keys(parsed).filter((field) => !isBillColumn(field));
  if (strange.length === 0) return Result.succeed(parsed);
  // A name of a field may be anything, also somebody's address.
  const shown = strange.filter((field) => /^[a-z_]{1,30}$/i.test(field)).slice(0, 5);
  return Result.fail(
    shown.length === strange.length
      ? `has fields that nobody knows: ${shown.join(", ")}`
      : `has ${strange.length} fields that nobody knows`,
  );
};
