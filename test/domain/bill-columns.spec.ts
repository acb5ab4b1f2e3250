import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BILL_COLUMNS, columnProblems, NEEDED_COLUMNS } from "../../src/domain/bill-columns.ts";
import { anyText } from "./text-arbitraries.ts";

describe("columnProblems", () => {
  it("has nothing to say of all columns, nor of those that are needed with one of each pair", () => {
    expect(columnProblems(BILL_COLUMNS)).toEqual([]);
    expect(columnProblems([...NEEDED_COLUMNS, "phone", "content_ref"])).toEqual([]);
  });

  it("says everything at once", () => {
    expect(columnProblems(["user_id", "user_id", "e_mail", "Straße 5"])).toEqual([
      "the columns bill_id, billing_month, purpose, available_at, name are missing",
      "neither email nor phone is there",
      "neither items nor content_ref is there",
      "user_id is there twice",
      "nobody knows e_mail, a column without a proper name",
    ]);
  });

  it("always notices a column that is missing, and never shows a name that may be a person's", () => {
    const kept = fc.subarray([...BILL_COLUMNS]);
    fc.assert(
      fc.property(kept, fc.array(anyText, { maxLength: 3 }), (columns, strange) => {
        const problems = columnProblems([...columns, ...strange]).join("; ");
        for (const needed of NEEDED_COLUMNS)
          if (!columns.includes(needed) && !strange.includes(needed)) expect(problems).toContain(needed);
        for (const name of strange)
          if (/[^a-z_0-9]/.test(name) && name.length > 1) expect(problems).not.toContain(` ${name}`);
      }),
      { numRuns: 1_000 },
    );
  });
});
