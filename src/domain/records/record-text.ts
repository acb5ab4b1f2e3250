/**
 * The outer shell of every record that goes over a log: JSON text in UTF-8 that names its schema and version. Whatever else
 * comes (nothing, random bytes, somebody else's JSON) is `Undecodable` with a reason that shows nothing of its contents.
 *
 * A version is raised when a reader of the one before could misread the new one; a field is added without that, and readers
 * ignore what they do not know. Readers accept the present version and the one before it.
 */
import { Result } from "effect";
import { Undecodable } from "../../failure.ts";

/** What tells the records of one schema from all others, and what a reader of ours puts up with. */
export interface RecordShape {
  /** As written in the field `schema`. */
  readonly schema: string;
  /** Which versions are read; the writers write the largest. */
  readonly versions: readonly number[];
  /** What is longer is not even parsed. */
  readonly mostBytes: number;
}

/** A record's fields: own ones only, so `__proto__` is a name like any other. */
export type Fields = ReadonlyMap<string, unknown>;

/** A record whose shell is sound. */
export interface OpenRecord {
  readonly version: number;
  readonly fields: Fields;
}

/** Deeper than any record of ours; a parser or a printer that recurses never sees what is deeper. */
export const MOST_DEPTH = 16;

const utf8 = new TextDecoder("utf-8", { fatal: true });

export const unreadable = (shape: RecordShape, why: string, code: string): Undecodable =>
  new Undecodable({ message: `reading a ${shape.schema} record: ${why}`, code: `record:${code}` });

/** The shell of a record, or why there is none. Never throws, whatever the bytes. */
export const openRecord = (
  bytes: Uint8Array | null,
  shape: RecordShape,
): Result.Result<OpenRecord, Undecodable> => {
  const fail = (why: string, code: string) => Result.fail(unreadable(shape, why, code));
  if (bytes === null || bytes.length === 0) return fail("it is empty", "empty");
  if (bytes.length > shape.mostBytes) {
    return fail(`it has ${bytes.length} bytes, more than the ${shape.mostBytes} of this schema`, "too-large");
  }
  const text = textOf(bytes);
  if (text === null) return fail("it is no UTF-8 text", "not-text");
  if (isTooDeep(text)) return fail(`it is nested deeper than ${MOST_DEPTH} levels`, "too-deep");
  const json = parsed(text);
  if (json === undefined) return fail("it is no JSON", "not-json");
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return fail("it is no JSON object", "not-an-object");
  }
  const fields: Fields = new Map(Object.entries(json));
  if (fields.get("schema") !== shape.schema) return fail("it names another schema, or none", "schema");
  const version = fields.get("version");
  if (typeof version !== "number" || !shape.versions.includes(version)) {
    return fail(`its version is none of those that are read (${shape.versions.join(", ")})`, "version");
  }
  return Result.succeed({ version, fields });
};

const textOf = (bytes: Uint8Array): string | null => {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
};

/** `undefined` is no JSON value, so it can stand for none. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 91, 93, 123, 125];

/** Counted in the text, before any parser has seen it. */
const isTooDeep = (text: string): boolean => {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (isInString) {
      if (unit === BACKSLASH) at += 1;
      else if (unit === QUOTE) isInString = false;
    } else if (unit === QUOTE) isInString = true;
    else if (unit === OPEN_LIST || unit === OPEN_OBJECT) {
      depth += 1;
      if (depth > MOST_DEPTH) return true;
    } else if (unit === CLOSE_LIST || unit === CLOSE_OBJECT) depth -= 1;
  }
  return false;
};
