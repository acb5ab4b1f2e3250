/**
 * The header of a file of bills: which column is which. Everything that is wrong with it is said at once.
 *
 * Where the first line has no column's name in it, it is no header but somebody's bill, and none of it is shown.
 */
import { Result } from "effect";
import {
  columnProblems,
  EXPECTED_COLUMNS,
  isBillColumn,
  type BillColumn,
} from "../../domain/bill-columns.ts";

/** The failure says all problems. */
export const readHeader = (cells: readonly string[]): Result.Result<readonly BillColumn[], string> => {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const known = names.filter(isBillColumn);
  if (known.length === 0) {
    const hint = names.length === 1 && /[;\t|]/.test(names[0] ?? "") ? "; separate its cells by commas" : "";
    return Result.fail(
      `the first line is no header: none of its cells is a column's name${hint}. ${EXPECTED_COLUMNS}`,
    );
  }
  const problems = columnProblems(names);
  return problems.length === 0
    ? Result.succeed(known)
    : Result.fail(`${problems.join("; ")}. ${EXPECTED_COLUMNS}`);
};
