/** Whatever a user can import says in a line at least what it is: an editor shows it where the name is used. */
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { declarationsIn, entries, type Entry, surfaceOf } from "../../scripts/declarations.ts";
import { programFolder } from "../support/program.ts";

const { checker, offeredBy } = surfaceOf(declarationsIn(await programFolder()));

/** The names that an entry exports and that say nothing of themselves. */
const silent = (entry: Entry): readonly string[] =>
  offeredBy(entry)
    .map(({ symbol }) => symbol)
    .filter((symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() === "")
    .map(({ name }) => name)
    .sort();

describe("a public name", () => {
  it.each(entries().map((entry) => [entry.name, entry] as const))(
    "of %s says in a line at least what it is",
    (_name, entry) => {
      expect(silent(entry)).toEqual([]);
    },
  );
});
