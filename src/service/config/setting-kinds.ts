/**
 * The kinds of settings that there are: numbers within limits, choices, lists, lines of text, secrets. Each says what is
 * wrong in words that fit behind the setting's name, and reads itself from the text of a variable or a flag.
 */
import { Schema } from "effect";
import { channelId, type ChannelId } from "../../domain/ids.ts";
import { type Secret, secret } from "./secret.ts";
import { makeSetting, type Setting, type Words } from "./setting.ts";

const itself = <Value>(accepted: Value): Value => accepted;
const asNumber = (text: string): unknown => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);
const asList = (text: string): unknown =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");

const range = (type: "integer" | "number", least: number, most: number) => {
  const message = `is no ${type === "integer" ? "whole number" : "number"} from ${least} to ${most}`;
  return Schema.Finite.annotate({ message }).check(
    Schema.makeFilter(
      (value: number) =>
        (type === "number" || Number.isInteger(value)) && value >= least && value <= most ? true : message,
      { toJsonSchema: () => ({ type, minimum: least, maximum: most }) },
    ),
  );
};

const text = (most: number, checks: (value: string) => true | string = () => true) =>
  Schema.String.annotate({ message: "is no text" }).check(
    Schema.makeFilter(
      (value: string) => {
        if (value === "") return "is empty";
        return value.length <= most ? checks(value) : `is longer than ${most} characters`;
      },
      { toJsonSchema: () => ({ minLength: 1, maxLength: most }) },
    ),
  );

const orNull = <Given extends Schema.Decoder<unknown>>(given: Given, message: string) =>
  Schema.NullOr(given).annotate({ message });

/** A whole number: of milliseconds, of rows, of connections. */
export const whole = (fallback: number, least: number, most: number, words: Words): Setting<number> =>
  makeSetting(
    {
      schema: range("integer", least, most),
      fallback,
      fix: `write a whole number from ${least} to ${most}`,
      fromText: asNumber,
      keep: itself,
    },
    words,
  );

export const wholeOrNull = (least: number, most: number, words: Words): Setting<number | null> =>
  makeSetting(
    {
      schema: orNull(range("integer", least, most), `is no whole number from ${least} to ${most}`),
      fallback: null,
      fix: `write a whole number from ${least} to ${most}, or leave it out`,
      fromText: asNumber,
      keep: itself,
    },
    words,
  );

/** A part of the whole, 0 to 1. */
export const share = (fallback: number, words: Words): Setting<number> =>
  makeSetting(
    {
      schema: range("number", 0, 1),
      fallback,
      fix: "write a number from 0 (never) to 1 (always)",
      fromText: asNumber,
      keep: itself,
    },
    words,
  );

/** A time, or a word instead of one. */
export const msOrNever = (most: number, words: Words): Setting<number | "never" | null> =>
  makeSetting(
    {
      schema: Schema.Union([range("integer", 0, most), Schema.Literal("never"), Schema.Null]).annotate({
        message: `is neither a whole number from 0 to ${most} nor "never"`,
      }),
      fallback: null,
      fix: `write milliseconds from 0 to ${most}, or "never"`,
      fromText: asNumber,
      keep: itself,
    },
    words,
  );

export const yesOrNo = (fallback: boolean, words: Words): Setting<boolean> =>
  makeSetting(
    {
      schema: Schema.Boolean.annotate({ message: "is neither true nor false" }),
      fallback,
      fix: "write true or false",
      fromText: (written) => (written === "true" ? true : written === "false" ? false : written),
      keep: itself,
    },
    words,
  );

const oneOf = <const Names extends readonly string[]>(names: Names) =>
  Schema.Literals(names).annotate({ message: `is none of ${names.join(", ")}` });

export const choice = <const Names extends readonly string[]>(
  names: Names,
  fallback: Names[number],
  words: Words,
): Setting<Names[number]> =>
  makeSetting<Names[number], Names[number]>(
    {
      schema: oneOf(names),
      fallback,
      fix: `write one of ${names.join(", ")}`,
      fromText: itself,
      keep: itself,
    },
    words,
  );

export const choiceOrNull = <const Names extends readonly string[]>(
  names: Names,
  words: Words,
): Setting<Names[number] | null> =>
  makeSetting<Names[number] | null, Names[number] | null>(
    {
      schema: orNull(oneOf(names), `is none of ${names.join(", ")}`),
      fallback: null,
      fix: `write one of ${names.join(", ")}, or leave it out`,
      fromText: itself,
      keep: itself,
    },
    words,
  );

/** Several of a few names, each once; as text `a,b`, and `all` for all of them. */
export const choices = <const Names extends readonly string[]>(
  names: Names,
  fallback: readonly Names[number][],
  words: Words,
): Setting<readonly Names[number][]> =>
  makeSetting<readonly Names[number][], readonly Names[number][]>(
    {
      schema: Schema.Array(oneOf(names))
        .annotate({ message: "is no list" })
        .check(
          Schema.makeFilter(
            (list: readonly string[]) => {
              if (list.length === 0) return "is empty";
              return new Set(list).size === list.length ? true : "names one twice";
            },
            { toJsonSchema: () => ({ minItems: 1, uniqueItems: true }) },
          ),
        ),
      fallback,
      fix: `list some of ${names.join(", ")}, each once`,
      fromText: (written) => (written === "all" ? names : asList(written)),
      keep: itself,
    },
    words,
  );

const MAX_CHANNELS = 16;

const isChannel = (name: string): true | string => {
  try {
    channelId(name);
    return true;
  } catch {
    return "is no name of a channel";
  }
};

/** Channels, each once; nothing written means all that there are. */
export const channelsOrNull = (words: Words): Setting<readonly ChannelId[] | null> =>
  makeSetting(
    {
      schema: Schema.NullOr(
        Schema.Array(text(32, isChannel)).check(
          Schema.makeFilter(
            (list: readonly string[]) => {
              if (list.length === 0) return "is empty";
              if (list.length > MAX_CHANNELS) return `has more than ${MAX_CHANNELS} entries`;
              return new Set(list).size === list.length ? true : "names one twice";
            },
            { toJsonSchema: () => ({ minItems: 1, maxItems: MAX_CHANNELS, uniqueItems: true }) },
          ),
        ),
      ).annotate({ message: "is no list" }),
      fallback: null,
      fix: 'list channels such as ["email", "sms"], each once, or leave it out for all',
      fromText: asList,
      keep: (list) => list?.map(channelId) ?? null,
    },
    words,
  );

const MAX_TEXT = 2_000;
const MAX_LINES = 64;

/** Lines of text, each once; `none` on the line is nothing. @param check says what is wrong with one of them */
export const linesOrNull = (
  words: Words & { readonly fix: string },
  check?: (value: string) => true | string,
): Setting<readonly string[] | null> =>
  makeSetting(
    {
      schema: Schema.NullOr(
        Schema.Array(text(MAX_TEXT, check)).check(
          Schema.makeFilter(
            (list: readonly string[]) => {
              if (list.length === 0) return "is empty";
              if (list.length > MAX_LINES) return `has more than ${MAX_LINES} entries`;
              return new Set(list).size === list.length ? true : "names one twice";
            },
            { toJsonSchema: () => ({ minItems: 1, maxItems: MAX_LINES, uniqueItems: true }) },
          ),
        ),
      ).annotate({ message: "is no list" }),
      fallback: null,
      fix: words.fix,
      // so that a variable or a flag can take back what a file says
      fromText: (written) => (written === "none" ? null : asList(written)),
      keep: itself,
    },
    words,
  );

/** @param check says what is wrong with it, without showing it */
export const line = (
  fallback: string,
  words: Words & { readonly fix: string },
  check?: (value: string) => true | string,
): Setting<string> =>
  makeSetting(
    { schema: text(MAX_TEXT, check), fallback, fix: words.fix, fromText: itself, keep: itself },
    words,
  );

export const lineOrNull = (
  words: Words & { readonly fix: string },
  check?: (value: string) => true | string,
): Setting<string | null> =>
  makeSetting(
    {
      schema: orNull(text(MAX_TEXT, check), "is no text"),
      fallback: null,
      fix: words.fix,
      fromText: itself,
      keep: itself,
    },
    words,
  );

/** Room for a hundred keys. */
const MAX_SECRET = 65_536;

export const hidden = (
  words: Words & { readonly fix: string },
  check?: (value: string) => true | string,
): Setting<Secret | null> =>
  makeSetting(
    {
      schema: orNull(text(MAX_SECRET, check), "is no text"),
      fallback: null,
      fix: words.fix,
      fromText: itself,
      keep: (value) => (value === null ? null : secret(value)),
      secret: true,
    },
    words,
  );
