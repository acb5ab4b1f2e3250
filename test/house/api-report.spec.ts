/** The public surface is what docs/api/ shows: whoever changes it sees, and shows, what a user will notice. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apiReport } from "../../scripts/api-report.ts";
import { declarationsIn } from "../../scripts/declarations.ts";
import { programFolder } from "../support/program.ts";

const root = join(import.meta.dirname, "../..");
const pages = await apiReport(declarationsIn(await programFolder()));

describe("docs/api", () => {
  it.each([...pages])("%s shows the surface as it is (npm run api writes it)", (page, text) => {
    expect(existsSync(join(root, page)) ? readFileSync(join(root, page), "utf8") : "no page").toBe(text);
  });
});
