/**
 * What a template may do with a value besides showing it: a small fixed set of formats, `{{money total}}`.
 *
 * Each is a function of its arguments alone: no clock, no randomness, no locale of the machine, because a copy of a
 * message must come out byte for byte the same on another day and another machine. What it takes is written down, so
 * that a wrong use is found when the set is read. A value that a format cannot write is `Unfit`, which fails that one notice;
 * anything else that it throws is a bug and stays one.
 */
import { maskName } from "../../domain/masking.ts";
import type { ValueKind } from "./declared.ts";

export type TemplateValue = string | number | boolean | readonly unknown[] | undefined;

export interface FormatSlot {
  readonly kinds: readonly (ValueKind | "list")[];
  /** May be a variable that is absent; the format gets `undefined`. */
  readonly optional?: true;
  /** A whole number from … to …, written in the template itself. */
  readonly written?: readonly [from: number, to: number];
}

export interface TemplateFormat {
  readonly takes: readonly FormatSlot[];
  /** Named settings, `decimals=2`: whole numbers written in the template. */
  readonly settings?: Readonly<Record<string, readonly [from: number, to: number]>>;
  readonly gives: "text" | "number" | "flag";
  readonly write: (
    values: readonly TemplateValue[],
    settings: Readonly<Record<string, unknown>>,
  ) => string | number | boolean;
}

/** The value is of the right kind, and yet cannot be written as the template asks. Its words never hold the value. */
export class Unfit extends Error {
  override readonly name = "Unfit";
}

const AMOUNT: readonly ValueKind[] = ["amount", "number"];
const ANY: readonly ValueKind[] = ["text", "number", "amount", "month", "date", "flag"];

/** `-1,234,567.80`. Never rounds: an amount with more places than are shown is a wrong bill. */
const money: TemplateFormat = {
  takes: [{ kinds: AMOUNT }],
  settings: { decimals: [0, 4] },
  gives: "text",
  write: ([amount], { decimals }) => {
    const places = typeof decimals === "number" ? decimals : 0;
    const [, sign = "", whole = "0", rest = ""] = /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(String(amount)) ?? [];
    if (rest.length > places) throw new Unfit(`the amount has more than ${places} decimals`);
    const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ",");
    const shown = places === 0 ? grouped : `${grouped}.${rest.padEnd(places, "0")}`;
    return /[1-9]/.test(shown) ? sign + shown : shown;
  },
};

/** Months are `202611` or `2026-11`, dates `2026-11-21`: the digits stand in the same order. */
const part = (kinds: readonly ValueKind[], from: number, to: number): TemplateFormat => ({
  takes: [{ kinds }],
  gives: "number",
  write: ([value]) => Number(String(value).replaceAll("-", "").slice(from, to)),
});

const count: TemplateFormat = {
  takes: [{ kinds: ["list"] }],
  gives: "number",
  write: ([list]) => (Array.isArray(list) ? list.length : 0),
};

const ELLIPSIS = "…";

/** At most so many characters, the last one `…` where something was cut. A character is a code point. */
const shorten: TemplateFormat = {
  takes: [{ kinds: ["text"] }, { kinds: ["number"], written: [1, 1_000] }],
  gives: "text",
  write: ([text, most]) => {
    const written = String(text).normalize("NFC");
    const limit = Number(most);
    if (written.length <= limit) return written;
    const points = [...written];
    if (points.length <= limit) return written;
    return `${points
      .slice(0, limit - 1)
      .join("")
      .trimEnd()}${ELLIPSIS}`;
  },
};

/** `홍*동`: for a text message that lies open on a screen. */
const masked: TemplateFormat = {
  takes: [{ kinds: ["text"] }],
  gives: "text",
  write: ([name]) => maskName(String(name)),
};

/** For `{{#if (equals grade "VIP")}}`. Compares as text: `202611` and `"202611"` are the same month. */
const equals: TemplateFormat = {
  takes: [
    { kinds: ANY, optional: true },
    { kinds: ANY, optional: true },
  ],
  gives: "flag",
  write: ([left, right]) => left !== undefined && right !== undefined && String(left) === String(right),
};

/** One part of an address, `https://example.com/bills/{{urlPart billId}}`. */
const urlPart: TemplateFormat = {
  takes: [{ kinds: ["text", "number"] }],
  gives: "text",
  write: ([text]) => encodeURIComponent(String(text)),
};

/** Formats by their names. */
export type TemplateFormats = Readonly<Record<string, TemplateFormat>>;

/** The formats that every template may use. */
export const TEMPLATE_FORMATS = {
  money,
  year: part(["month", "date"], 0, 4),
  month: part(["month", "date"], 4, 6),
  day: part(["date"], 6, 8),
  count,
  shorten,
  masked,
  equals,
  urlPart,
} as const satisfies TemplateFormats;
