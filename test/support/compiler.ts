/**
 * What the compiler says about snippets that exist nowhere but in a test: its messages are part of what an author of a
 * pipeline works with.
 */
import { join } from "node:path";
import ts from "typescript";

const root = join(import.meta.dirname, "../..");

const compilerOptions = (): ts.CompilerOptions => {
  const file = join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path)) as { readonly config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  return { ...options, noUnusedLocals: false, noUnusedParameters: false };
};

/** For each snippet, by its name, the messages in order; each in the words that a person sees. */
export const compile = (snippets: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> => {
  const options = compilerOptions();
  const host = ts.createCompilerHost(options);
  const texts = new Map([...snippets].map(([name, text]) => [join(root, "test/types", `${name}.ts`), text]));
  const original = {
    fileExists: host.fileExists.bind(host),
    readFile: host.readFile.bind(host),
    getSourceFile: host.getSourceFile.bind(host),
  };
  host.fileExists = (path) => texts.has(path) || original.fileExists(path);
  host.readFile = (path) => texts.get(path) ?? original.readFile(path);
  host.getSourceFile = (path, language, onError, shouldCreate) => {
    const text = texts.get(path);
    return text === undefined
      ? original.getSourceFile(path, language, onError, shouldCreate)
      : ts.createSourceFile(path, text, language);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return new Map(
    [...snippets.keys()].map((name) => {
      const file = program.getSourceFile(join(root, "test/types", `${name}.ts`));
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))];
    }),
  );
};
