/**
 * One text for one value: JSON with the keys in order and no spaces, so that a digest of it is the same in every
 * process, whatever the order in which a bill's fields came.
 *
 * Plain data only. What JSON would drop or bend (`NaN`, functions, dates, cycles) is refused: two bills that differ in
 * it would have one digest, and a copy of one would go out as the other.
 */
import { Result } from "effect";

/** Lists and objects in each other. A bill has four levels. */
export const MAX_JSON_DEPTH = 32;
/** In characters of the text. The bill with the most lines that was seen has 60 KB. */
export const MAX_JSON_LENGTH = 1_048_576;

export const canonicalJson = (value: unknown): Result.Result<string, string> => {
  const text = new CanonicalText();
  const refusal = text.write(value, 0);
  return refusal === null ? Result.succeed(text.written) : Result.fail(refusal);
};

class CanonicalText {
  written = "";

  /** Why it cannot be written, or nothing. */
  write(value: unknown, depth: number): string | null {
    if (depth > MAX_JSON_DEPTH) return `is nested deeper than ${MAX_JSON_DEPTH} levels`;
    switch (typeof value) {
      case "string":
        // Measured first: text of a hundred megabytes is not to be copied to find that out.
        return this.#fits(value.length) ? this.#put(quoted(value)) : TOO_LONG;
      case "number":
        return Number.isFinite(value) ? this.#put(String(value)) : "holds a number that is none";
      case "boolean":
        return this.#put(value ? "true" : "false");
      case "object":
        if (value === null) return this.#put("null");
        return Array.isArray(value) ? this.#list(value, depth) : this.#record(value, depth);
      case "undefined":
      case "function":
      case "symbol":
      case "bigint":
        return `holds a ${typeof value}`;
    }
  }

  #list(list: readonly unknown[], depth: number): string | null {
    for (let index = 0; index < list.length; index += 1) {
      const refusal = this.#put(index === 0 ? "[" : ",") ?? this.write(list[index], depth + 1);
      if (refusal !== null) return refusal;
    }
    return this.#put(list.length === 0 ? "[]" : "]");
  }

  #record(record: object, depth: number): string | null {
    const prototype: unknown = Object.getPrototypeOf(record);
    if (prototype !== Object.prototype && prototype !== null) return "holds an object that is no plain data";
    let separator = "{";
    for (const key of Object.keys(record).sort()) {
      const value: unknown = Reflect.get(record, key);
      if (value === undefined) continue; // the same as a key that is not there, here as for a template
      if (!this.#fits(key.length)) return TOO_LONG;
      const refusal = this.#put(`${separator}${quoted(key)}:`) ?? this.write(value, depth + 1);
      if (refusal !== null) return refusal;
      separator = ",";
    }
    return this.#put(separator === "{" ? "{}" : "}");
  }

  #fits(length: number): boolean {
    return this.written.length + length <= MAX_JSON_LENGTH;
  }

  #put(text: string): string | null {
    this.written += text;
    return this.written.length > MAX_JSON_LENGTH ? TOO_LONG : null;
  }
}

/** What JSON writes as it stands; the test costs a third of asking JSON. */
const UNESCAPED = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;
const quoted = (text: string): string => (UNESCAPED.test(text) ? `"${text}"` : JSON.stringify(text));

const TOO_LONG = `is longer than ${MAX_JSON_LENGTH} characters`;
