/**
 * Reads `set.json`, which says what is in a set: for each kind of notice and each channel its files, the variables that
 * they may use, and how long a text message may be.
 *
 *     { "kinds": { "bill": { "samples": ["bill/sample.json"], "channels": {
 *       "email": { "subject": "bill/subject.hbs", "html": "bill/email.html.hbs", "text": "bill/email.txt.hbs",
 *                  "variables": { "name": "text" } },
 *       "sms":   { "text": "bill/sms.txt.hbs", "size": "sms", "variables": { "name": "text" } } } } } }
 */
import { KOREAN_SMS_LIMITS, type SmsLimits } from "../../domain/sms-text.ts";
import { declaredFields, isRecord, lineAt, lineOfKey, type Fields } from "./declared.ts";
import type { Mistakes } from "./mistake.ts";

export type SmsSize = "sms" | "lms";

export interface ListedChannel {
  readonly kind: string;
  readonly channel: string;
  /** Paths within the set. E-mail has all three. */
  readonly subject: string | null;
  readonly html: string | null;
  readonly text: string;
  /** For text messages: the longest class that is allowed, and how it is counted. */
  readonly size: { readonly upTo: SmsSize; readonly limits: SmsLimits } | null;
  readonly fields: Fields;
}

export interface ListedSet {
  readonly channels: readonly ListedChannel[];
  /** Sample bills by kind, as paths within the set. */
  readonly samples: ReadonlyMap<string, readonly string[]>;
}

/** Nobody writes more by hand; a generated set is cut where a person can still follow. */
export const MAX_ENTRIES = 200;

const KIND = /^[a-z][a-z0-9-]{0,31}$/;
const FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}){0,4}$/;
const CHANNEL_KEYS = ["subject", "html", "text", "size", "charset", "variables"];

/** @param taken names that a variable cannot have */
export const readSetFile = (
  file: string,
  source: string,
  taken: ReadonlySet<string>,
  mistakes: Mistakes,
): ListedSet => {
  const say = (words: string, key?: string): void => {
    mistakes.push({ file, line: key === undefined ? null : lineOfKey(source, key), words });
  };
  const channels: ListedChannel[] = [];
  const samples = new Map<string, readonly string[]>();
  const set = parsed(file, source, mistakes);
  if (set === undefined) return { channels, samples };
  if (!isRecord(set) || !isRecord(set["kinds"])) {
    say('"kinds" must be an object: what notices are there');
    return { channels, samples };
  }
  for (const key of Object.keys(set)) if (key !== "kinds") say(`nothing is known of ${quoted(key)}`, key);
  for (const [kind, entry] of Object.entries(set["kinds"]).slice(0, MAX_ENTRIES)) {
    if (!KIND.test(kind)) say(`a kind is named by a-z, 0-9 and "-", not ${quoted(kind)}`, kind);
    if (!isRecord(entry) || !isRecord(entry["channels"]) || Object.keys(entry["channels"]).length === 0) {
      say(`kind ${quoted(kind)} needs "channels"`, kind);
      continue;
    }
    for (const key of Object.keys(entry))
      if (key !== "channels" && key !== "samples") say(`nothing is known of ${quoted(key)}`, key);
    samples.set(kind, readSamples(entry["samples"], kind, say));
    for (const [channel, listed] of Object.entries(entry["channels"]).slice(0, MAX_ENTRIES)) {
      const read = readChannel(kind, channel, listed, taken, say);
      if (read !== null) channels.push(read);
    }
  }
  if (Object.keys(set["kinds"]).length === 0) say('"kinds" is empty', "kinds");
  return { channels, samples };
};

const parsed = (file: string, source: string, mistakes: Mistakes): unknown => {
  try {
    return JSON.parse(source);
  } catch (error) {
    // Older runtimes give the place as an index, newer ones as line and column too.
    const at = /at position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    const line = at === undefined ? source.split("\n").length : lineAt(source, Number(at));
    mistakes.push({ file, line, words: "is no JSON: look at this line and the one before it" });
    return undefined; // which no JSON is
  }
};

type Say = (words: string, key?: string) => void;

const readSamples = (listed: unknown, kind: string, say: Say): readonly string[] => {
  const files = Array.isArray(listed) ? listed.filter(isFile) : [];
  if (!Array.isArray(listed) || files.length !== listed.length || files.length === 0)
    say(`kind ${quoted(kind)} needs "samples": at least one file with a bill to try it on`, kind);
  return files.slice(0, MAX_ENTRIES);
};

const isFile = (value: unknown): value is string => typeof value === "string" && FILE.test(value);

const readChannel = (
  kind: string,
  channel: string,
  listed: unknown,
  taken: ReadonlySet<string>,
  say: Say,
): ListedChannel | null => {
  const where = `${kind}/${channel}`;
  if (!KIND.test(channel)) say(`a channel is named by a-z, 0-9 and "-", not ${quoted(channel)}`, channel);
  if (!isRecord(listed)) {
    say(`${where} must be an object with its files and "variables"`, channel);
    return null;
  }
  for (const key of Object.keys(listed))
    if (!CHANNEL_KEYS.includes(key)) say(`${where}: nothing is known of ${quoted(key)}`, key);
  const [subject, html, text] = ["subject", "html", "text"].map((part) => {
    const path = listed[part] ?? null;
    if (path === null || isFile(path)) return path;
    say(`${where}: "${part}" is the name of a file in the set, such as "bill/${part}.hbs"`, channel);
    return null;
  });
  if (text === null || text === undefined) {
    say(`${where} needs "text"`, channel);
    return null;
  }
  if ((subject === null) !== (html === null)) say(`${where} needs "subject" and "html", or neither`, channel);
  const fields = declaredFields(listed["variables"], taken, (words, key) => {
    say(`${where}: ${words}`, key);
  });
  const size = readSize(listed, where, channel, html !== null, say);
  return { kind, channel, subject: subject ?? null, html: html ?? null, text, size, fields };
};

const readSize = (
  listed: Readonly<Record<string, unknown>>,
  where: string,
  channel: string,
  hasHtml: boolean,
  say: Say,
): ListedChannel["size"] => {
  const { size, charset = KOREAN_SMS_LIMITS.charset } = listed;
  if (charset !== "ks-x-1001" && charset !== "uhc") {
    say(`${where}: "charset" is "ks-x-1001" or "uhc"`, "charset");
    return null;
  }
  if (size === "sms" || size === "lms") return { upTo: size, limits: { ...KOREAN_SMS_LIMITS, charset } };
  if (size === "any" || (size === undefined && hasHtml)) return null;
  say(`${where} needs "size": "sms" (up to 90 bytes), "lms" (up to 2,000) or "any"`, channel);
  return null;
};

const quoted = (text: string): string => JSON.stringify(text.slice(0, 80));
