/**
 * What the compiler says about snippets that exist nowhere but in a test: its messages are part of what an author of a
 * pipeline works with. They are compiled against the package as it is built, as an author's are.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { programFolder } from "./program.ts";

const root = join(import.meta.dirname, "../..");
const compiler = join(root, "node_modules/typescript-native/bin/tsc");

/** Where a message begins: its file, and its first line. What explains it follows, further to the right. */
const BEGINNING = /^([^ (]+)\.ts\(\d+,\d+\): error TS\d+: (.*)$/;

const messagesIn = (output: string): ReadonlyMap<string, readonly string[]> => {
  const messages = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of output.trimEnd().split("\n")) {
    const [, name, words] = BEGINNING.exec(line) ?? [];
    if (name !== undefined && words !== undefined) {
      current = messages.get(name) ?? [];
      messages.set(name, current);
      current.push(words);
    } else if (line.startsWith("  ") && current.length > 0) {
      current.push(`${current.pop()}\n${line}`);
    } else if (line !== "") {
      throw new Error(`the compiler says of no snippet: ${line}`);
    }
  }
  return messages;
};

/** For each snippet, by its name, the messages in order; each in the words that a person sees. */
export const compile = async (
  snippets: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, readonly string[]>> => {
  // beneath the package, whose own name means what is built there
  const folder = await mkdtemp(join(await programFolder(), "snippets-"));
  try {
    for (const [name, text] of snippets) await writeFile(join(folder, `${name}.ts`), text);
    const typeRoots = [join(root, "node_modules/@types")];
    const project = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: { customConditions: [], typeRoots, noUnusedLocals: false, noUnusedParameters: false },
      include: ["*.ts"],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(project));
    const output = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, [compiler, "--pretty", "false"], { cwd: folder }, (error, said, trouble) => {
        if (error === null || said !== "") resolve(said);
        else reject(new Error(trouble, { cause: error }));
      });
    });
    const messages = messagesIn(output);
    return new Map([...snippets.keys()].map((name) => [name, messages.get(name) ?? []]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
