/**
 * Bills from lines of CSV, by csv-parse, a record at a time.
 *
 * A record may run over several lines inside quotes. A quote that is never closed would so swallow the rest of the file: here
 * a record that cannot be read costs its first line only, and reading goes on with the line after it.
 */
import { parse } from "csv-parse/sync";
import { Result } from "effect";
import type { BillColumn } from "../../domain/bill-columns.ts";
import type { BillRow, LineProblem, SourceLine } from "../../domain/bill-line.ts";
import { Permanent } from "../../failure.ts";
import { readHeader } from "./bill-header.ts";
import { MAX_LINE_BYTES, type FileLine } from "./file-lines.ts";
import { FileText } from "./file-text.ts";

/** Lines of one record: more, and a quote was forgotten. */
export const MAX_RECORD_LINES = 100;

const QUOTE = 0x22;

export const csvBills = async function* (
  lines: AsyncIterable<FileLine>,
  name: string,
): AsyncGenerator<SourceLine, void, undefined> {
  const text = new FileText(name);
  const ahead = new LinesAhead(lines[Symbol.asyncIterator]());
  let columns: readonly BillColumn[] | undefined;
  try {
    for (
      let record = await nextRecord(ahead, text);
      record !== undefined;
      record = await nextRecord(ahead, text)
    ) {
      if (Result.isFailure(record.cells)) {
        if (columns === undefined) throw header(name, `its first line ${record.cells.failure}`);
        yield { line: record.line, problems: [problem(record.cells.failure)] };
      } else if (columns === undefined) {
        const read = readHeader(record.cells.success);
        if (Result.isFailure(read)) throw header(name, read.failure);
        columns = read.success;
      } else {
        yield lineOf(record.line, record.cells.success, columns);
      }
    }
  } finally {
    await ahead.close();
  }
  if (columns === undefined)
    throw new Permanent({ message: `reading ${name}: it is empty`, code: "empty-file" });
};

const header = (name: string, problems: string): Permanent =>
  new Permanent({ message: `reading the header of ${name}: ${problems}`, code: "header" });

const problem = (words: string): LineProblem => ({ field: "line", problem: words, shown: "" });

const lineOf = (line: number, cells: readonly string[], columns: readonly BillColumn[]): SourceLine => {
  if (cells.length !== columns.length)
    return { line, problems: [problem(`has ${cells.length} cells where the header has ${columns.length}`)] };
  const row: BillRow = Object.fromEntries(columns.map((column, at) => [column, cells[at]]));
  return { line, row };
};

interface CsvRecord {
  readonly line: number;
  readonly cells: Result.Result<readonly string[], string>;
}

const nextRecord = async (ahead: LinesAhead, text: FileText): Promise<CsvRecord | undefined> => {
  let first = await ahead.take();
  while (first?.bytes?.length === 0 || (first?.line === 1 && isMarkAlone(first.bytes)))
    first = await ahead.take();
  if (first === undefined) return undefined;
  const { line, bytes } = first;
  if (bytes === null) return { line, cells: Result.fail(`is longer than ${MAX_LINE_BYTES} bytes`) };
  if (quotesIn(bytes) % 2 === 0) return { line, cells: Result.flatMap(text.decode(bytes, line), cellsOf) };
  const more = await restOfRecord(ahead, bytes.length);
  if (more !== undefined) {
    const whole = Buffer.concat([
      bytes,
      ...more.flatMap((each) => [Buffer.from("\n"), each.bytes ?? Buffer.of()]),
    ]);
    const cells = Result.flatMap(text.decode(whole, line), cellsOf);
    if (Result.isSuccess(cells)) return { line, cells };
    ahead.giveBack(more);
  }
  return { line, cells: Result.fail("has a quote that is not closed, or that stands inside a cell") };
};

/** The lines up to the one that closes the quote; nothing where none does within bounds. */
const restOfRecord = async (
  ahead: LinesAhead,
  firstBytes: number,
): Promise<readonly FileLine[] | undefined> => {
  const taken: FileLine[] = [];
  let size = firstBytes;
  while (taken.length < MAX_RECORD_LINES - 1) {
    const next = await ahead.take();
    if (next === undefined) break;
    taken.push(next);
    size += next.bytes?.length ?? Infinity;
    if (size > MAX_LINE_BYTES || next.bytes === null) break;
    if (quotesIn(next.bytes) % 2 === 1) return taken;
  }
  ahead.giveBack(taken);
  return undefined;
};

const isMarkAlone = (bytes: Buffer | null): boolean =>
  bytes?.length === 3 && bytes[0] === 0xef && bytes[1] === 0xbb;

const quotesIn = (bytes: Buffer): number => {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) count += 1;
  return count;
};

const cellsOf = (record: string): Result.Result<readonly string[], string> => {
  try {
    const read = parse(record, {
      bom: false,
      relax_column_count: true,
      relax_quotes: false,
      skip_empty_lines: true,
      record_delimiter: ["\r\n", "\n"],
      max_record_size: MAX_LINE_BYTES,
    });
    const [cells, ...others] = read;
    // Two records where one was expected: a quote that closed too early.
    return cells !== undefined && others.length === 0 ? Result.succeed(cells) : Result.fail(UNREADABLE);
  } catch {
    return Result.fail(UNREADABLE); // the parser's own words would quote the line
  }
};

const UNREADABLE = "cannot be read as CSV: look at its quotes";

/** Lines of which some may be given back. */
class LinesAhead {
  readonly #source: AsyncIterator<FileLine>;
  /** The next one last, so that taking it is cheap. */
  readonly #given: FileLine[] = [];

  constructor(source: AsyncIterator<FileLine>) {
    this.#source = source;
  }

  async take(): Promise<FileLine | undefined> {
    const given = this.#given.pop();
    if (given !== undefined) return given;
    const next = await this.#source.next();
    return next.done === true ? undefined : next.value;
  }

  giveBack(lines: readonly FileLine[]): void {
    this.#given.push(...lines.toReversed());
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
