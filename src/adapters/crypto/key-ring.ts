/**
 * The keys that the cipher works with: one that seals, and all that still open. Read from JSON such as
 *
 *     {"present": "2026-11", "keys": {"2026-11": "<32 bytes in Base64>", "2025-11": "…"},
 *      "old": [{"format": "cbc-fixed-iv", "key": "…", "iv": "<16 bytes in Base64>"}]}
 *
 * To rotate: add a key under a new id, make it `present`, and keep the others for as long as anything sealed with them is
 * kept. Everything that is wrong is said at once, by its place; a key is never shown, not even one that cannot be used.
 */
import { createSecretKey, type KeyObject } from "node:crypto";
import { Result } from "effect";
import { Permanent } from "../../failure.ts";
import { OLD_FORMATS, type OldFormat, type OldKey } from "./old-formats.ts";

/** The keys of a cipher, imported once. */
export interface KeyRing {
  /** The id of the key that seals. */
  readonly present: string;
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** Formats of the time before, which are read and never written. Empty: none is. */
  readonly old: readonly OldKey[];
}

/** Of a key, as AES-256 has it. */
export const KEY_BYTES = 32;
/** Of the fixed IV of an old format. */
export const OLD_IV_BYTES = 16;
/** Keys, and old formats, at most: a bound for what comes from outside. */
export const MAX_KEYS = 100;
/** Stands between two dots of a sealed text, so it has none. */
export const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * Reads a ring from JSON; the failure says everything that is wrong with it and shows no key.
 *
 * @param from where it was read, for the message: a path, or a variable's name
 */
export const decodeKeyRing = (text: string, from: string): Result.Result<KeyRing, Permanent> => {
  const written = parsed(text);
  if (!isRecord(written)) return refused(from, ["it is no JSON object"]);
  const problems: string[] = [];
  for (const name of Object.keys(written)) {
    // The name itself is not shown: in a file that is mixed up, it may be a key.
    if (!["present", "keys", "old"].includes(name))
      problems.push("it has a field beside present, keys and old");
  }
  const keys = readKeys(written["keys"], problems);
  const old = readOld(written["old"], problems);
  const present = written["present"];
  if (typeof present !== "string" || !KEY_ID.test(present)) {
    problems.push("present does not name a key by letters, digits, _ and -, at most 32");
  } else if (!keys.has(present) && problems.length === 0) {
    problems.push("present names a key that is not among keys");
  } else if (problems.length === 0) {
    return Result.succeed({ present, keys, old });
  }
  return refused(from, [...new Set(problems)]);
};

const refused = (from: string, problems: readonly string[]): Result.Result<never, Permanent> =>
  Result.fail(
    new Permanent({
      message:
        `reading the keys from ${from}: ${problems.join("; ")}. ` +
        `Write {"present": "<id>", "keys": {"<id>": "<${KEY_BYTES} bytes in Base64>"}}`,
      code: "keys",
    }),
  );

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown; // looked at field by field from here on
  } catch {
    return undefined; // the parser's own words would quote the file
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const readKeys = (written: unknown, problems: string[]): ReadonlyMap<string, KeyObject> => {
  const keys = new Map<string, KeyObject>();
  const listed = isRecord(written) ? Object.entries(written) : [];
  if (listed.length === 0) problems.push("keys is no object with at least one key");
  if (listed.length > MAX_KEYS) {
    problems.push(`keys has more than ${MAX_KEYS} entries`);
    return keys;
  }
  for (const [place, [id, value]] of listed.entries()) {
    const bytes = bytesOf(value, KEY_BYTES);
    if (!KEY_ID.test(id))
      problems.push(`entry ${place + 1} of keys has an id that is not letters, digits, _ and -, at most 32`);
    else if (bytes === undefined) problems.push(`keys.${id} is not ${KEY_BYTES} bytes in Base64`);
    else keys.set(id, createSecretKey(bytes));
  }
  return keys;
};

const readOld = (written: unknown, problems: string[]): readonly OldKey[] => {
  if (written === undefined) return [];
  if (!Array.isArray(written) || written.length > MAX_KEYS) {
    problems.push(`old is no list of at most ${MAX_KEYS} formats`);
    return [];
  }
  return written.flatMap((entry: unknown, place): readonly OldKey[] => {
    const format = isRecord(entry) ? OLD_FORMATS.find((known) => known === entry["format"]) : undefined;
    if (!isRecord(entry) || format === undefined) {
      problems.push(`old[${place}].format is none of ${OLD_FORMATS.join(", ")}`);
      return [];
    }
    const key = bytesOf(entry["key"], KEY_BYTES);
    if (key === undefined) problems.push(`old[${place}].key is not ${KEY_BYTES} bytes in Base64`);
    const iv = readIv(format, entry["iv"], place, problems);
    return key === undefined ? [] : [{ format, key: createSecretKey(key), iv }];
  });
};

const readIv = (format: OldFormat, written: unknown, place: number, problems: string[]): Buffer | null => {
  if (format !== "cbc-fixed-iv") {
    if (written !== undefined) problems.push(`old[${place}].iv has no meaning in the format ${format}`);
    return null;
  }
  const iv = bytesOf(written, OLD_IV_BYTES) ?? null;
  if (iv === null) problems.push(`old[${place}].iv is not ${OLD_IV_BYTES} bytes in Base64`);
  return iv;
};

/** Base64 in either alphabet, padded or not, of exactly this length: Node's own reader skips what it does not know. */
const bytesOf = (written: unknown, length: number): Buffer | undefined => {
  if (typeof written !== "string" || !/^[A-Za-z0-9+/_-]{1,100}={0,2}$/.test(written)) return undefined;
  const bytes = Buffer.from(written, "base64");
  return bytes.length === length ? bytes : undefined;
};
