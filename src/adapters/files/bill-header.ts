/**
 * The header of a file of bills: which column is which. Everything that is wrong with it is said at once.
 *
 * Where the first line has no column's name in it, it is no header but somebody's bill, and none of it is shown.
 */
import { Result } from "effect";
import { BILL_COLUMNS, NEEDED_COLUMNS, type BillColumn } from "../../domain/bill-line.ts";

const COLUMNS: ReadonlySet<string> = new Set(BILL_COLUMNS);
const isColumn = (name: string): name is BillColumn => COLUMNS.has(name);

/** What may be shown of a column that nobody knows: a name as programmers write them. */
const SHOWABLE = /^[a-z_][a-z_0-9]{0,30}$/;
const ALTERNATIVES: readonly (readonly [BillColumn, BillColumn])[] = [
  ["email", "phone"],
  ["items", "content_ref"],
];

/** The failure says all problems. */
export const readHeader = (cells: readonly string[]): Result.Result<readonly BillColumn[], string> => {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const known = names.filter(isColumn);
  if (known.length === 0) {
    const hint = names.length === 1 && /[;\t|]/.test(names[0] ?? "") ? "; separate its cells by commas" : "";
    return Result.fail(
      `the first line is no header: none of its cells is a column's name${hint}. ${EXPECTED}`,
    );
  }
  const problems = headerProblems(names);
  return problems.length === 0 ? Result.succeed(known) : Result.fail(`${problems.join("; ")}. ${EXPECTED}`);
};

/** The same rules for the columns of a table. */
export const headerProblems = (names: readonly string[]): readonly string[] => {
  const missing = NEEDED_COLUMNS.filter((column) => !names.includes(column));
  const strange = names.filter((name) => !isColumn(name));
  const twice = BILL_COLUMNS.filter((column) => names.indexOf(column) !== names.lastIndexOf(column));
  const neither = ALTERNATIVES.filter((pair) => !pair.some((column) => names.includes(column)));
  return [
    ...(missing.length > 0 ? [`the columns ${missing.join(", ")} are missing`] : []),
    ...neither.map(([one, other]) => `neither ${one} nor ${other} is there`),
    ...(twice.length > 0 ? [`${twice.join(", ")} is there twice`] : []),
    ...(strange.length > 0 ? [`nobody knows ${strange.map(shownName).join(", ")}`] : []),
  ];
};

const shownName = (name: string): string => (SHOWABLE.test(name) ? name : "a column without a proper name");

const EXPECTED = `Columns: ${BILL_COLUMNS.map((column) => (NEEDED_COLUMNS.some((needed) => needed === column) ? column : `${column}?`)).join(", ")}`;
