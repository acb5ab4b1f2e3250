/** What the recipes show is accepted as it stands. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { csvBills } from "../../src/adapters/files/csv-bills.ts";
import { fileLines } from "../../src/adapters/files/file-lines.ts";
import { decodePolicy } from "../../src/domain/policy-decoder.ts";
import { POLICY_FIELDS } from "../../src/domain/policy-fields.ts";
import { readBillLine } from "../../src/domain/bill-line.ts";
import { SEOUL } from "../../src/domain/zone-time.ts";

const recipe = (name: string): string =>
  readFileSync(join(import.meta.dirname, "../../docs/recipes", name), "utf8");
const blockIn = (page: string, language: string): string =>
  new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page)?.[1] ?? "";

describe("docs/recipes/policy.md", () => {
  it("shows a policy that can be activated", () => {
    const decoded = decodePolicy(parse(blockIn(recipe("policy.md"), "yaml")));
    expect(Result.isSuccess(decoded) ? decoded.success.version : decoded.failure).toBe(1);
  });

  it("says something of every field", () => {
    const page = recipe("policy.md");
    expect(Object.keys(POLICY_FIELDS).filter((field) => !page.includes(`| \`${field}\``))).toEqual([]);
  });
});

describe("docs/recipes/ingest.md", () => {
  it("shows a file whose lines are all taken", async () => {
    const text = blockIn(recipe("ingest.md"), "csv");
    const file = async function* (): AsyncGenerator<Uint8Array> {
      yield Promise.resolve(Buffer.from(text));
    };
    const read = [];
    for await (const line of csvBills(fileLines(file()), "bills.csv"))
      read.push("row" in line ? readBillLine(line.row, { zone: SEOUL }) : line.problems);
    expect(read.length).toBeGreaterThan(1);
    expect(read.filter((each) => !("_tag" in each) || Result.isFailure(each))).toEqual([]);
  });
});
