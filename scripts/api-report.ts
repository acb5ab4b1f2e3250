/**
 * The public surface as text: every name that a user can import, with its declaration and without its comments, so that
 * a change to it shows in review.
 *
 *   npm run api      writes docs/api/, a page for each entry of package.json's exports
 *
 * `test/house/api-report.spec.ts` compares the pages with the sources.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { buildProgram } from "../test/support/compile-program.ts";
import { type Declarations, declarationsIn, entries, surfaceOf } from "./declarations.ts";
import { laidOut } from "./layout.ts";

const root = join(import.meta.dirname, "..");

const namesOf = (statement: ts.Statement): readonly string[] => {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => (ts.isIdentifier(name) ? name.text : ""));
  }
  const { name } = statement as ts.Statement & { name?: ts.Identifier }; // the other declarations have it, or nothing
  return name === undefined ? [] : [name.text];
};

const printer = ts.createPrinter({ removeComments: true });

/** How the symbol is declared in the file that declares it, without comments. */
const declared = (symbol: ts.Symbol): readonly string[] => {
  const files = new Set((symbol.declarations ?? []).map((declaration) => declaration.getSourceFile()));
  // nothing of a package is read here
  if (files.size === 0) return [`// ${symbol.name}, from a package`];
  return [...files].flatMap((file) =>
    file.statements
      .filter((statement) => namesOf(statement).includes(symbol.name))
      .map((statement) => printer.printNode(ts.EmitHint.Unspecified, statement, file)),
  );
};

/** Each page, laid out as the formatter would, by its path from the root. */
export const apiReport = async (declarations: Declarations): Promise<ReadonlyMap<string, string>> => {
  const surface = surfaceOf(declarations);
  const pages = new Map<string, string>();
  for (const entry of entries()) {
    const page = `docs/api/${entry.name.replace("/", "-")}.md`;
    const blocks = [...surface.offeredBy(entry)]
      .sort((a, b) => (a.exportedAs < b.exportedAs ? -1 : 1))
      .flatMap(({ exportedAs, symbol }) => [
        ...(exportedAs === symbol.name ? [] : [`// as ${exportedAs}:`]),
        ...declared(symbol),
      ]);
    const code = `\`\`\`ts\n${blocks.join("\n\n")}\n\`\`\``;
    const text = `# The public surface of \`${entry.name}\`\n\nMade by \`npm run api\`.\n\n${code}\n`;
    pages.set(page, await laidOut(page, text));
  }
  return pages;
};

const startedByName = pathToFileURL(process.argv[1] ?? "").href === import.meta.url;
if (startedByName) {
  const folder = await buildProgram();
  try {
    for (const [page, text] of await apiReport(declarationsIn(folder))) {
      mkdirSync(dirname(join(root, page)), { recursive: true });
      writeFileSync(join(root, page), text);
      process.stdout.write(`${page}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
