/**
 * The public surface as text: every name that a user can import, with its declaration and without its comments, so that
 * a change to it shows in review.
 *
 *   npm run api      writes docs/api/, a page for each entry of package.json's exports
 *
 * `test/house/api-report.spec.ts` compares the pages with the sources.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { format, resolveConfig } from "prettier";
import ts from "typescript";

const root = join(import.meta.dirname, "..");

interface Entry {
  /** What a user imports, such as `millrace/postgres`. */
  readonly name: string;
  readonly source: string;
  /** Where its page lies, from the root. */
  readonly page: string;
}

const entries = (): readonly Entry[] => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, { "millrace-source": string }>;
  };
  return Object.entries(exports).map(([path, conditions]) => {
    const name = join("millrace", path);
    return {
      name,
      source: join(root, conditions["millrace-source"]),
      page: `docs/api/${name.replace("/", "-")}.md`,
    };
  });
};

/** The declarations of all sources, as the compiler would write them for users, by the path of their source. */
const declarationsOf = (program: ts.Program): ReadonlyMap<string, ts.SourceFile> => {
  const declarations = new Map<string, ts.SourceFile>();
  const keep: ts.WriteFileCallback = (name, text, _bom, _onError, sources) => {
    const source = sources?.[0]?.fileName;
    if (source === undefined || !name.endsWith(".d.ts")) return;
    declarations.set(source, ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  };
  program.emit(undefined, keep, undefined, true);
  return declarations;
};

const namesOf = (statement: ts.Statement): readonly string[] => {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const { name } = statement as ts.Statement & { name?: ts.Identifier }; // the other declarations have it, or nothing
  return name === undefined ? [] : [name.text];
};

const printer = ts.createPrinter({ removeComments: true });

/** How the symbol is declared in the file that declares it, without comments. */
const declared = (symbol: ts.Symbol, declarations: ReadonlyMap<string, ts.SourceFile>): readonly string[] => {
  const files = new Set(
    (symbol.declarations ?? []).map((declaration) => declaration.getSourceFile().fileName),
  );
  return [...files].flatMap((file) => {
    const page = declarations.get(file);
    if (page === undefined) return [`// from ${relative(root, file)}`];
    return page.statements
      .filter((statement) => namesOf(statement).includes(symbol.name))
      .map((statement) => printer.printNode(ts.EmitHint.Unspecified, statement, page));
  });
};

/** Each page, laid out as the formatter would, by its path from the root. */
export const apiReport = async (): Promise<ReadonlyMap<string, string>> => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.build.json"), (path) =>
    ts.sys.readFile(path),
  ) as {
    config: unknown;
  };
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(fileNames, { ...options, noEmit: false, emitDeclarationOnly: true });
  const checker = program.getTypeChecker();
  const declarations = declarationsOf(program);
  const pages = new Map<string, string>();
  for (const { name, source, page } of entries()) {
    const file = program.getSourceFile(source);
    const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
    const blocks = (module === undefined ? [] : checker.getExportsOfModule(module))
      .map((symbol) => ({
        exportedAs: symbol.name,
        symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      }))
      .sort((a, b) => (a.exportedAs < b.exportedAs ? -1 : 1))
      .flatMap(({ exportedAs, symbol }) => [
        ...(exportedAs === symbol.name ? [] : [`// as ${exportedAs}:`]),
        ...declared(symbol, declarations),
      ]);
    const code = `\`\`\`ts\n${blocks.join("\n\n")}\n\`\`\``;
    const text = `# The public surface of \`${name}\`\n\nMade by \`npm run api\`.\n\n${code}\n`;
    const layout = await resolveConfig(join(root, page));
    pages.set(page, await format(text, { ...layout, parser: "markdown" }));
  }
  return pages;
};

const startedByName = pathToFileURL(process.argv[1] ?? "").href === import.meta.url;
if (startedByName) {
  for (const [page, text] of await apiReport()) {
    mkdirSync(dirname(join(root, page)), { recursive: true });
    writeFileSync(join(root, page), text);
    process.stdout.write(`${page}\n`);
  }
}
