/** Whatever a user can import says in a line at least what it is: an editor shows it where the name is used. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** The names that a source exports and that say nothing of themselves. */
const silent = (source: string): readonly string[] => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.build.json"), (path) =>
    ts.sys.readFile(path),
  ) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([source], options);
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(source);
  const surface = file && checker.getSymbolAtLocation(file);
  if (surface === undefined) throw new Error(`${source} exports nothing`);
  return checker
    .getExportsOfModule(surface)
    .map((symbol) =>
      (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol),
    )
    .filter((symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim() === "")
    .map(({ name }) => name)
    .sort();
};

const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Record<string, { "millrace-source": string }>;
};

describe("a public name", () => {
  it.each(Object.entries(exports))("of %s says in a line at least what it is", (_entry, conditions) => {
    expect(silent(join(root, conditions["millrace-source"]))).toEqual([]);
  });
});
