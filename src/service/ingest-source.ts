/**
 * Where `millrace ingest` reads from, as it was said on its line: a file, or a table that another system writes.
 */
import { basename, resolve } from "node:path";
import type { OptionValues } from "commander";
import type { DatabaseAddress } from "../adapters/postgres/connect.ts";
import { openBillFile } from "../adapters/files/bill-file.ts";
import { tableBills } from "../adapters/postgres/table-bills.ts";
import { BILL_COLUMNS, isBillColumn, type BillColumn } from "../domain/bill-columns.ts";
import type { SourceLine } from "../domain/bill-line.ts";
import { textIn, wordIn } from "./read-options.ts";
import { Refusal } from "./refusal.ts";

/** What was said on the line, checked before anything is opened. */
export type IngestFrom =
  | { readonly file: string; readonly format?: "csv" | "jsonl" }
  | { readonly table: string; readonly columns: Readonly<Partial<Record<BillColumn, string>>> };

export interface IngestSource {
  readonly lines: AsyncIterable<SourceLine>;
  /** For the ledger's books. */
  readonly name: string;
}

/** @param folder the working directory, from which a file's path is read */
export const ingestFrom = (
  options: OptionValues,
  operands: readonly string[],
  folder: string,
): IngestFrom => {
  const [file] = operands;
  const table = textIn(options, "fromTable");
  const format = wordIn(options, "format", ["csv", "jsonl"]);
  const columns = columnsIn(options);
  if ((file === undefined) === (table === undefined))
    throw new Refusal("usage", "say what to read: either a file, or --from-table and a table's name");
  if (table !== undefined) {
    if (format !== undefined) throw new Refusal("usage", "--format is for files");
    return { table, columns };
  }
  if (Object.keys(columns).length > 0)
    throw new Refusal("usage", "--column is for tables: in a file the header names the columns");
  return { file: resolve(folder, file ?? ""), ...(format === undefined ? {} : { format }) };
};

const columnsIn = (options: OptionValues): Readonly<Partial<Record<BillColumn, string>>> => {
  const written: unknown = options["column"];
  const columns: Partial<Record<BillColumn, string>> = {};
  for (const text of Array.isArray(written) ? written.map(String) : []) {
    const [, column = "", mapped = ""] = /^([a-z_]+)=(.+)$/.exec(text) ?? [];
    if (!isBillColumn(column))
      throw new Refusal(
        "usage",
        `--column takes a column of ours and one of the table's, such as user_id=member_no; ours are ${BILL_COLUMNS.join(", ")}`,
      );
    columns[column] = mapped;
  }
  return columns;
};

/**
 * Looks at a file at once, so that one which is not there is said before a database is asked for.
 *
 * @returns what opens the source, given the connection of the ledger's database, in which a table is, too
 */
export const findSource = async (
  from: IngestFrom,
): Promise<(connection: DatabaseAddress) => IngestSource> => {
  if ("file" in from) {
    const { lines } = await openBillFile(from.file, from.format);
    return () => ({ lines, name: basename(from.file) });
  }
  const { table, columns } = from;
  return (connection) => ({
    lines: tableBills({ connection: { ...connection, application_name: "millrace ingest" }, table, columns }),
    name: table,
  });
};
