/**
 * Reads one set of templates from its folder: everything in it is read, checked and compiled, and everything that is
 * wrong is said at once. What comes out needs no file any more.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { Result } from "effect";
import { canonicalJson } from "./canonical-json.ts";
import { checkTemplate, type TemplateSource } from "./check-template.ts";
import { compileTemplate, type CompiledTemplate } from "./compile-template.ts";
import type { Declared, Fields } from "./declared.ts";
import type { Mistakes } from "./mistake.ts";
import { MAX_ENTRIES, readSetFile, type ListedChannel } from "./set-file.ts";
import type { TemplateFormats } from "./template-formats.ts";

export interface TemplatePart {
  readonly file: string;
  readonly render: CompiledTemplate;
}

/** What a notice of one kind on one channel is made with. */
export interface ChannelTemplates extends Pick<ListedChannel, "kind" | "channel" | "size" | "fields"> {
  readonly subject: TemplatePart | null;
  readonly html: TemplatePart | null;
  readonly text: TemplatePart;
  /** SHA-256 of the sources: who changes a version that was used changes its digests too. */
  readonly sha256: string;
  /** The file that names a variable first, by the variable's path. */
  readonly used: ReadonlyMap<string, string>;
}

export interface TemplateSet {
  readonly version: string;
  /** By `<kind>/<channel>`. */
  readonly channels: ReadonlyMap<string, ChannelTemplates>;
  /** Sample bills by kind: paths within the set. */
  readonly samples: ReadonlyMap<string, readonly string[]>;
}

export const SET_FILE = "set.json";
export const MAX_FILE_BYTES = 262_144;
/** No ":": a digest begins with it. */
const VERSION = /^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$/;

/**
 * @param folder of the set; its name is the version
 * @returns the set, whole only when no mistake was added
 */
export const readSet = (folder: string, formats: TemplateFormats, mistakes: Mistakes): TemplateSet => {
  const version = basename(folder);
  const files = new SetFiles(folder, version, mistakes);
  if (!VERSION.test(version))
    files.say(SET_FILE, `a version is named by letters, digits, ".", "_" and "-", at most 32: ${version}`);
  const channels = new Map<string, ChannelTemplates>();
  const source = files.text(SET_FILE);
  const listed =
    source === null
      ? { channels: [], samples: new Map<string, readonly string[]>() }
      : readSetFile(files.named(SET_FILE), source, new Set(Object.keys(formats)), mistakes);
  for (const entry of listed.channels) {
    const made = channelTemplates(entry, files, formats, mistakes);
    if (made !== null) channels.set(`${entry.kind}/${entry.channel}`, made);
  }
  for (const samples of listed.samples.values()) for (const sample of samples) files.text(sample);
  if (source !== null) files.sayUnread();
  return { version, channels, samples: listed.samples };
};

const channelTemplates = (
  entry: ListedChannel,
  files: SetFiles,
  formats: TemplateFormats,
  mistakes: Mistakes,
): ChannelTemplates | null => {
  const used = new Map<string, string>();
  const part = (path: string, escaped: boolean, oneLine = false): (TemplatePart & TemplateSource) | null => {
    const text = files.text(path);
    if (text === null) return null;
    if (oneLine && text.includes("\n")) files.say(path, "a subject is one line", 2);
    const source: TemplateSource = {
      file: files.named(path),
      text,
      escaped,
      sms: entry.size?.limits ?? null,
    };
    const named = checkTemplate(source, entry.fields, formats, mistakes, used);
    return named === null ? null : { ...source, render: compileTemplate(source, named, formats) };
  };
  const subject = entry.subject === null ? null : part(entry.subject, false, true);
  const html = entry.html === null ? null : part(entry.html, true);
  const text = part(entry.text, false);
  for (const path of pathsOf(entry.fields, ""))
    if (!used.has(path)) {
      const where = `${entry.kind}/${entry.channel}`;
      files.say(SET_FILE, `${where}: ${path} is listed, and no template of it shows it`, null);
    }
  const incomplete =
    text === null ||
    (subject === null) !== (entry.subject === null) ||
    (html === null) !== (entry.html === null);
  if (incomplete) return null;
  const sources = [subject, html, text].map((made) => (made === null ? null : made.text));
  return {
    kind: entry.kind,
    channel: entry.channel,
    size: entry.size,
    fields: entry.fields,
    subject,
    html,
    text,
    sha256: sha256(Result.getOrThrow(canonicalJson([...sources, entry.size !== null]))),
    used,
  };
};

const pathsOf = (fields: Fields, prefix: string): readonly string[] =>
  [...fields].flatMap(([name, declared]: [string, Declared]) =>
    declared.kind === "list"
      ? [prefix + name, ...pathsOf(declared.fields, `${prefix}${name}[].`)]
      : [prefix + name],
  );

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The files of one set: each is read once, and those that nobody asked for are named. */
class SetFiles {
  readonly #folder: string;
  readonly #version: string;
  readonly #mistakes: Mistakes;
  readonly #read = new Map<string, string | null>();

  constructor(folder: string, version: string, mistakes: Mistakes) {
    this.#folder = folder;
    this.#version = version;
    this.#mistakes = mistakes;
  }

  named(path: string): string {
    return `${this.#version}/${path}`;
  }

  say(path: string, words: string, line: number | null = null): void {
    this.#mistakes.push({ file: this.named(path), line, words });
  }

  /** Line breaks as on Unix, and none at the end: a checkout on another system must not change a message. */
  text(path: string): string | null {
    const known = this.#read.get(path);
    if (known !== undefined) return known;
    const text = this.#fresh(path);
    this.#read.set(path, text);
    return text;
  }

  #fresh(path: string): string | null {
    const file = join(this.#folder, path);
    try {
      if (statSync(file).size > MAX_FILE_BYTES) {
        this.say(path, `is larger than ${MAX_FILE_BYTES} bytes`);
        return null;
      }
      const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
      return text.replaceAll("\r\n", "\n").replace(/\n+$/, "");
    } catch (error) {
      const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
      this.say(path, missing ? "there is no such file" : "cannot be read as UTF-8 text");
      return null;
    }
  }

  sayUnread(): void {
    const there = readdirSync(this.#folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => relative(this.#folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
      .sort();
    if (there.length > MAX_ENTRIES) this.say(SET_FILE, `the set has more than ${MAX_ENTRIES} files`);
    for (const path of there) if (!this.#read.has(path)) this.say(path, "is not listed in set.json");
  }
}
