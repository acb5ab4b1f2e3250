/**
 * Reads a configuration file, JSON or YAML, with the line of every key, so that a mistake can be clicked on.
 *
 * What the parser says of a mistake quotes the text around it, and there may be a password in it: so its words are never
 * passed on, only the kind of mistake and the line.
 */
import { readFileSync, statSync } from "node:fs";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml";
import type { ConfigError } from "./written.ts";

/** Larger is no configuration but some other file. */
const MAX_FILE_BYTES = 1_048_576;

export interface ReadFile {
  readonly value: unknown;
  /** The line of a key, `["delivery", "leaseMs"]`, or of what is nearest around it. */
  readonly lineOf: (steps: readonly (string | number)[]) => number;
}

type FileMistake = Omit<ConfigError, "path">;
export type FileAnswer = { readonly read: ReadFile } | { readonly mistakes: readonly FileMistake[] };

export const readConfigFile = (path: string): FileAnswer => {
  let text: string;
  try {
    if (statSync(path).size > MAX_FILE_BYTES) {
      return oneMistake(path, `is larger than ${MAX_FILE_BYTES} bytes`, "name a configuration file");
    }
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    return oneMistake(path, `cannot be read (${code})`, "check that the file is there, and may be read");
  }
  return parseConfig(path, text.replace(/^\uFEFF/, ""));
};

/** @param name the file's, as it is shown; by its ending it is JSON or YAML */
export const parseConfig = (name: string, text: string): FileAnswer => {
  const lines = new LineCounter();
  // Its warnings go to standard error and quote, too: none are let out.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const language = name.endsWith(".json") ? "JSON" : "YAML";
  const mistakes = document.errors.map(({ code, pos }) => ({
    place: `${name}:${lines.linePos(pos[0]).line}`,
    problem: YAML_MISTAKES[code] ?? `is no ${language}`,
    fix: "mend it there, or in the line before",
  }));
  if (mistakes.length > 0) return { mistakes };
  const whole = language === "JSON" ? fromJson(text) : fromYaml(document);
  if ("problem" in whole) return oneMistake(name, whole.problem, whole.fix);
  return { read: { value: whole.value, lineOf: (steps) => lineIn(document, lines, steps) } };
};

const YAML_MISTAKES: Readonly<Partial<Record<string, string>>> = {
  DUPLICATE_KEY: "has a key a second time",
  TAB_AS_INDENT: "is indented with a tab",
  BAD_INDENT: "is not indented like its neighbours",
  MISSING_CHAR: "lacks a bracket, a comma, a colon or a quotation mark",
};

const oneMistake = (place: string, problem: string, fix: string): FileAnswer => ({
  mistakes: [{ place, problem, fix }],
});

type Whole = { readonly value: unknown } | { readonly problem: string; readonly fix: string };

/** What the YAML parser takes is more than JSON (comments, single quotes); a `.json` file is read by others, too. */
const fromJson = (text: string): Whole => {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return {
      problem: "is no JSON",
      fix: "write it without comments and trailing commas, or name the file .yaml",
    };
  }
};

const fromYaml = (document: Document): Whole => {
  try {
    const value: unknown = document.toJS();
    return { value };
  } catch {
    return { problem: "has aliases that lead nowhere, or too many", fix: "write the values out" };
  }
};

const lineIn = (document: Document, lines: LineCounter, steps: readonly (string | number)[]): number => {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of steps) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (pair === undefined) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      if (isScalar(node) || isMap(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  return Math.max(1, lines.linePos(offset).line);
};
