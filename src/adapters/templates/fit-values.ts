/**
 * Takes out of a bill what a template may see, checked: the listed variables, their kinds and their sizes.
 *
 * What the template gets is an object made here, with the listed names and no others, so there is nothing on it that a
 * template could reach by accident: no prototype of the bill's, no getter, no field that nobody listed. What is wrong is
 * said by the variable's name, never with its value.
 */
import { Result } from "effect";
import type { Declared, Fields, ValueKind } from "./declared.ts";

export type TemplateContext = Readonly<Record<string, unknown>>;

/** In UTF-16 units. The longest text on a bill is a paragraph. */
export const MAX_TEXT_LENGTH = 10_000;
export const MAX_LIST_ITEMS = 1_000;

export interface UnfitVariable {
  /** `items[3].label`. */
  readonly path: string;
  readonly words: string;
}

/** @param sources the first that has a variable gives it; own properties only */
export const fitValues = (
  fields: Fields,
  sources: readonly TemplateContext[],
): Result.Result<TemplateContext, UnfitVariable> => {
  const found = fitFields(fields, sources, "");
  return isUnfit(found) ? Result.fail(found) : Result.succeed(found);
};

class UnfitAt implements UnfitVariable {
  readonly path: string;
  readonly words: string;

  constructor(path: string, words: string) {
    this.path = path;
    this.words = words;
  }
}

const isUnfit = (value: unknown): value is UnfitAt => value instanceof UnfitAt;

const fitFields = (
  fields: Fields,
  sources: readonly TemplateContext[],
  prefix: string,
): TemplateContext | UnfitAt => {
  const context: Record<string, unknown> = {};
  for (const [name, declared] of fields) {
    const raw = ownValue(sources, name);
    const value = fitOne(declared, raw, prefix + name);
    if (isUnfit(value)) return value;
    context[name] = value;
  }
  return context;
};

const ownValue = (sources: readonly TemplateContext[], name: string): unknown => {
  for (const source of sources) {
    const value = Object.hasOwn(source, name) ? source[name] : undefined;
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
};

const fitOne = (declared: Declared, raw: unknown, path: string): unknown => {
  if (raw === undefined) return declared.optional ? undefined : new UnfitAt(path, "is missing");
  if (declared.kind === "list") return fitList(declared.fields, raw, path);
  const because = FITS[declared.kind](raw);
  return because === null ? raw : new UnfitAt(path, because);
};

const fitList = (fields: Fields, raw: unknown, path: string): unknown => {
  if (!Array.isArray(raw)) return new UnfitAt(path, "is no list");
  if (raw.length > MAX_LIST_ITEMS) return new UnfitAt(path, `has more than ${MAX_LIST_ITEMS} items`);
  const items: TemplateContext[] = [];
  for (let index = 0; index < raw.length; index += 1) {
    const item: unknown = raw[index];
    const at = `${path}[${index}]`;
    if (!isPlain(item)) return new UnfitAt(at, "is no object");
    const fitted = fitFields(fields, [item], `${at}.`);
    if (isUnfit(fitted)) return fitted;
    items.push(fitted);
  }
  return items;
};

const isPlain = (value: unknown): value is TemplateContext =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Control characters other than tab and line breaks, and halves of characters: no text, and no wish of anybody's. */
const NO_TEXT = /[^\P{Cc}\t\n\r]|\p{Surrogate}/u;
const DECIMAL = /^-?\d{1,15}(?:\.\d{1,6})?$/;
const AMOUNT = /^-?\d{1,18}(?:\.\d{1,4})?$/;
const MONTH = /^\d{4}-?(?:0[1-9]|1[0-2])$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** `String` of a number is the shortest text that reads back as it: the same on every machine. */
const asText = (raw: unknown): string | null =>
  typeof raw === "string" ? raw : typeof raw === "number" && Number.isFinite(raw) ? String(raw) : null;

const matching =
  (pattern: RegExp, because: string) =>
  (raw: unknown): string | null => {
    const text = asText(raw);
    return text !== null && text.length <= 32 && pattern.test(text) ? null : because;
  };

/** For each kind, why the value does not fit, or nothing. */
const FITS: Readonly<Record<ValueKind, (raw: unknown) => string | null>> = {
  text: (raw) => {
    const text = asText(raw);
    if (text === null) return "is no text";
    if (text.length > MAX_TEXT_LENGTH) return `is longer than ${MAX_TEXT_LENGTH} characters`;
    return NO_TEXT.test(text) ? "holds a control character or half of one" : null;
  },
  number: matching(DECIMAL, "is no number"),
  amount: matching(AMOUNT, "is no amount"),
  month: matching(MONTH, "is no month (YYYYMM or YYYY-MM)"),
  date: (raw) => (typeof raw === "string" && isDate(raw) ? null : "is no date (YYYY-MM-DD)"),
  flag: (raw) => (typeof raw === "boolean" ? null : "is neither true nor false"),
};

const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isDate = (text: string): boolean => {
  const [, year, month, day] = DATE.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const longest = month === 2 && !leap ? 28 : (LONGEST_MONTHS[month - 1] ?? 0);
  return day >= 1 && day <= longest;
};
