/**
 * Bills out of a table that another system writes, in the same database or in another one.
 *
 * A cursor in one read-only transaction: the rows are those of one moment, whatever is written meanwhile, and a page is in memory at
 * a time. It locks nothing. What it costs is that the server keeps old row versions for as long as the reading takes, a few
 * minutes for a million rows. Where the connection breaks, the reading ends as `Transient` and is begun anew: what was taken
 * is recognised.
 */
import pg from "pg";
import { BILL_COLUMNS, columnProblems, type BillColumn } from "../../domain/bill-columns.ts";
import type { BillRow, SourceLine } from "../../domain/bill-line.ts";
import { isFailure, Permanent, Transient, type Failure } from "../../failure.ts";
import { withSettings } from "./connect.ts";
import { failed, TransactionFailed } from "./transaction.ts";

/** Which table, and what its columns are called. */
export interface TableBillsOptions {
  readonly connection: pg.ClientConfig;
  /** `billing_targets` or `schema.table`; without a schema it is in `public`. */
  readonly table: string;
  /** Where a column has another name: `{ user_id: "member_no" }`. The others are called as in a file. */
  readonly columns?: Readonly<Partial<Record<BillColumn, string>>>;
  /** Rows of a page. Default 1,000. */
  readonly pageRows?: number;
}

const DEFAULT_PAGE_ROWS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 60_000;
/** Between two pages the ledger may be away for as long as ingest has patience: ten minutes. */
const IDLE_MS = 15 * 60_000;
/** Times are to come out the same whatever the server or the database is set to. */
const SETTINGS = {
  TimeZone: "UTC",
  DateStyle: "ISO",
  search_path: "pg_catalog",
  statement_timeout: STATEMENT_TIMEOUT_MS,
  idle_in_transaction_session_timeout: IDLE_MS,
};

/** Read once. Fails by throwing one of our failures. A line's number is the row's, in the order in which they came. */
export const tableBills = async function* (
  options: TableBillsOptions,
): AsyncGenerator<SourceLine, void, undefined> {
  const { connection, table, pageRows = DEFAULT_PAGE_ROWS } = options;
  const client = new pg.Client({
    ...withSettings(connection, SETTINGS),
    application_name: connection.application_name ?? "millrace ingest",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on("error", () => undefined); // the next statement fails, and says so
  try {
    await client.connect();
    await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query(`DECLARE bills NO SCROLL CURSOR FOR ${await selection(client, options)}`);
    for (let line = 1; ;) {
      const page = await client.query<BillRow>(`FETCH FORWARD ${Math.trunc(pageRows)} FROM bills`);
      for (const row of page.rows) yield { line: line++, row };
      if (page.rows.length === 0) return;
    }
  } catch (error) {
    throw failureOf(`reading bills from the table ${table}`, error);
  } finally {
    // Ends the transaction, too: nothing was written.
    await client.end().catch(() => undefined);
  }
};

const failureOf = (doing: string, error: unknown): unknown => {
  if (isFailure(error)) return error;
  const reason = failed(error, false);
  if (!(reason instanceof TransactionFailed)) return error;
  const { remedy, sqlState, message } = reason;
  const fields = {
    message: `${doing}: ${message}`,
    code: sqlState === undefined ? "connection" : `sqlstate:${sqlState}`,
    cause: reason,
  };
  const failure: Failure =
    remedy === "retry" || remedy === "give-up" ? new Transient(fields) : new Permanent(fields);
  return failure;
};

/** The statement, after a look at which columns there are, so that all that are missing are said at once. */
const selection = async (client: pg.Client, { table, columns = {} }: TableBillsOptions): Promise<string> => {
  const [schema, name] = table.includes(".") ? splitAtDot(table) : ["public", table];
  const quoted = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
  const found = await client.query<{ column: string }>(
    `SELECT attname AS column FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`,
    [quoted],
  );
  const there = new Set(found.rows.map(({ column }) => column));
  const wrong = (problems: readonly string[]): Permanent =>
    new Permanent({
      message: `reading bills from the table ${table}: ${problems.join("; ")}`,
      code: "columns",
    });
  if (there.size === 0) throw wrong(["there is no such table, or its schema may not be used"]);
  const strange = Object.entries(columns).filter(([, mapped]) => !there.has(mapped));
  const taken = BILL_COLUMNS.filter((column) => there.has(columns[column] ?? column));
  const problems = [
    ...strange.map(([column, mapped]) => `${column} is mapped to ${mapped}, which it does not have`),
    ...columnProblems([...taken, ...strange.map(([column]) => column)]),
  ];
  if (problems.length > 0) throw wrong(problems);
  // As text, so that no driver turns a time into its own zone, or a number into another one.
  const list = taken.map(
    (column) => `${pg.escapeIdentifier(columns[column] ?? column)}::text AS ${pg.escapeIdentifier(column)}`,
  );
  return `SELECT ${list.join(", ")} FROM ${quoted}`;
};

const splitAtDot = (table: string): readonly [string, string] => {
  const dot = table.indexOf(".");
  return [table.slice(0, dot), table.slice(dot + 1)];
};
