/**
 * The declarations that a user gets, and what each entry of package.json's exports offers by them.
 *
 * They are looked at by themselves: no package, no library of the language and no body of a function is read for it, which takes a
 * tenth of what the sources take. A name that came from a package would be told as such, without its declaration.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

const root = join(import.meta.dirname, "..");

/** The text of a declaration file by its path from the root, such as `src/index.d.ts`. */
export type Declarations = (path: string) => string | undefined;

interface Exports {
  readonly exports: Readonly<Record<string, { readonly "millrace-source": string }>>;
}

export interface Entry {
  /** What a user imports, such as `millrace/postgres`. */
  readonly name: string;
  /** From the root, such as `src/index.d.ts`. */
  readonly declarations: string;
}

export const entries = (): readonly Entry[] => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Exports; // our own file
  return Object.entries(exports).map(([path, { "millrace-source": source }]) => ({
    name: join("millrace", path),
    declarations: join(source).replace(/\.ts$/, ".d.ts"),
  }));
};

/** What a build has left in its folder. */
export const declarationsIn =
  (folder: string): Declarations =>
  (path) =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path), "utf8") : undefined;

export interface Offered {
  readonly exportedAs: string;
  /** What it is where it is declared, whatever it was called on the way. */
  readonly symbol: ts.Symbol;
}

export interface Surface {
  readonly checker: ts.TypeChecker;
  readonly offeredBy: (entry: Entry) => readonly Offered[];
}

export const surfaceOf = (declarations: Declarations): Surface => {
  const options: ts.CompilerOptions = {
    noLib: true,
    types: [],
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  const host: ts.CompilerHost = {
    ...ts.createCompilerHost(options),
    getCurrentDirectory: () => "/",
    fileExists: (path) => declarations(path.slice(1)) !== undefined,
    readFile: (path) => declarations(path.slice(1)),
    getSourceFile: (path, language) => {
      const text = declarations(path.slice(1));
      return text === undefined ? undefined : ts.createSourceFile(path, text, language);
    },
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text }) =>
        text.startsWith(".")
          ? {
              resolvedModule: {
                resolvedFileName: join(dirname(from), text).replace(/\.[jt]s$/, ".d.ts"),
                extension: ts.Extension.Dts,
              },
            }
          : { resolvedModule: undefined },
      ),
  };
  const program = ts.createProgram(
    entries().map((entry) => `/${entry.declarations}`),
    options,
    host,
  );
  const checker = program.getTypeChecker();
  return {
    checker,
    offeredBy: (entry) => {
      const file = program.getSourceFile(`/${entry.declarations}`);
      const module = file && checker.getSymbolAtLocation(file);
      if (module === undefined) throw new Error(`${entry.name} exports nothing`);
      return checker.getExportsOfModule(module).map((symbol) => ({
        exportedAs: symbol.name,
        symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      }));
    },
  };
};
