/**
 * How a text message is sent: as one short message, as a long one, or not at all.
 *
 * Measures the text as it stands. It changes nothing, because what is measured must be what is sent: Hangul in
 * decomposed letters counts as what the set cannot hold, and is to be composed (NFC) where the text is made.
 */
import { bytesOf, type SmsCharset } from "./sms-text-charset.ts";

/** Per provider; these are what the Korean carriers take. */
export interface SmsLimits {
  /** Up to this the message is an SMS. */
  readonly smsBytes: number;
  /** Up to this it is an LMS. */
  readonly lmsBytes: number;
  readonly charset: SmsCharset;
}

export const KOREAN_SMS_LIMITS: SmsLimits = { smsBytes: 90, lmsBytes: 2_000, charset: "ks-x-1001" };

export interface Unencodable {
  /** Of the character's first code unit in the text, as `text.slice` counts. */
  readonly index: number;
  /** Both from 1, as an editor shows them; a column is a character. */
  readonly line: number;
  readonly column: number;
  /** `U+20AC`. In a rendered text it may be part of a name: show it in a template's lint, not in a log. */
  readonly codePoint: string;
}

/** What cannot be encoded counts as two bytes, the most that any character takes. */
export type SmsMeasure =
  | { readonly kind: "sms" | "lms" | "too-long"; readonly bytes: number }
  | { readonly kind: "unencodable"; readonly bytes: number; readonly found: readonly Unencodable[] };

/** More would help nobody to mend a text. */
export const MAX_UNENCODABLE = 100;

export const measureSms = (text: string, limits: SmsLimits = KOREAN_SMS_LIMITS): SmsMeasure => {
  const found: Unencodable[] = [];
  let bytes = 0;
  let index = 0;
  let line = 1;
  let column = 1;
  for (const character of text) {
    // A character of a string has a code point; a lone surrogate is one that no set has.
    const codePoint = character.codePointAt(0) ?? 0;
    const taken = bytesOf(codePoint, limits.charset);
    bytes += taken ?? 2;
    if (taken === undefined && found.length < MAX_UNENCODABLE) {
      found.push({ index, line, column, codePoint: inHexadecimal(codePoint) });
    }
    index += character.length;
    column += 1;
    if (character === "\n") {
      line += 1;
      column = 1;
    }
  }
  if (found.length > 0) return { kind: "unencodable", bytes, found };
  if (bytes <= limits.smsBytes) return { kind: "sms", bytes };
  return { kind: bytes <= limits.lmsBytes ? "lms" : "too-long", bytes };
};

const inHexadecimal = (codePoint: number): string =>
  `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
