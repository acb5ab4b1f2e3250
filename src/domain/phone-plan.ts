/**
 * The Korean numbering plan: which strings are telephone numbers, and where a number's parts are.
 *
 * Works on the plain text, so it stays inside the domain: outside, a number is a `PhoneNumber` (phone) that shows
 * itself masked. A refusal names the rule and never the number.
 *
 * Strict about what is not a number, lenient about how a number is written: separators, brackets, `+82` with or
 * without the zero. Not its job: whether a number is in service. 011 and 016 to 019 were withdrawn from telephones
 * in 2021 and are still taken, because their end is the carrier's to say and a refusal here would be a guess.
 */
import { Result } from "effect";

export type PhoneKind = "mobile" | "landline" | "internet" | "personal";

export interface PhoneParts {
  readonly kind: PhoneKind;
  /** Network or area code with its zero: `010`, `02`, `0505`. */
  readonly prefix: string;
  /** Seven or eight digits. */
  readonly subscriber: string;
}

/** Why a text is no number that a person can be reached at. */
export const PHONE_REFUSALS = {
  empty: "there is nothing written",
  "too-long": "it is longer than any number",
  "strange-character": "it holds something else than digits and separators",
  foreign: "it is not a Korean number",
  "unknown-prefix": "its prefix is not in the numbering plan",
  "wrong-length": "it has too few or too many digits for its prefix",
  "not-a-person": "it is a service number",
} as const;
export type PhoneRefusal = keyof typeof PHONE_REFUSALS;

const MAX_WRITTEN = 40;
/** A separator must stand between two groups of digits, so there is one way to read it: no backtracking. */
const WRITTEN = /^\(?\+?[0-9]+(?:[-. ()]{1,3}[0-9]+)*$/;

export const readPhone = (written: string): Result.Result<PhoneParts, PhoneRefusal> => {
  if (written.length > MAX_WRITTEN) return Result.fail("too-long");
  const text = written.trim();
  if (text === "") return Result.fail("empty");
  if (!WRITTEN.test(text)) return Result.fail("strange-character");
  const digits = text.replaceAll(/[^0-9]/g, "");
  const national = text.includes("+") || digits.startsWith("82") ? fromAbroad(digits) : digits;
  // Both are dialled from inside Korea to leave it.
  if (national === undefined || national.startsWith("00")) return Result.fail("foreign");
  return readNational(national);
};

/** `82 10 …` and the frequent slip `82 010 …`; no national number begins with 82, so the plus may be missing. */
const fromAbroad = (digits: string): string | undefined =>
  digits.startsWith("82") ? `0${digits.slice(2).replace(/^0/, "")}` : undefined;

interface Range {
  readonly prefix: RegExp;
  readonly kind: PhoneKind;
  readonly subscriber: RegExp;
}

const RANGES: readonly Range[] = [
  { prefix: /^010/, kind: "mobile", subscriber: /^[0-9]{8}$/ },
  { prefix: /^01[16789]/, kind: "mobile", subscriber: /^[0-9]{7,8}$/ },
  { prefix: /^(?:02|03[1-3]|04[1-4]|05[1-5]|06[1-4])/, kind: "landline", subscriber: /^[2-9][0-9]{6,7}$/ },
  { prefix: /^070/, kind: "internet", subscriber: /^[0-9]{8}$/ },
  { prefix: /^050[2-8]/, kind: "personal", subscriber: /^[0-9]{7,8}$/ },
];

/** Directory, toll-free and premium numbers, and the eight digits without area code of companies. */
const SERVICE = /^(?:0[368]0[0-9]{7,8}|1[5-8][0-9]{6}|1[0-9]{2,3})$/;

const readNational = (national: string): Result.Result<PhoneParts, PhoneRefusal> => {
  if (SERVICE.test(national)) return Result.fail("not-a-person");
  for (const { prefix: pattern, kind, subscriber: shape } of RANGES) {
    const prefix = pattern.exec(national)?.[0];
    if (prefix === undefined) continue;
    const subscriber = national.slice(prefix.length);
    return shape.test(subscriber)
      ? Result.succeed({ kind, prefix, subscriber })
      : Result.fail("wrong-length");
  }
  return Result.fail("unknown-prefix");
};

/** `010-1234-5678`: the last four digits stand alone. */
export const nationalForm = ({ prefix, subscriber }: PhoneParts): string =>
  `${prefix}-${subscriber.slice(0, -4)}-${subscriber.slice(-4)}`;

/** `+821012345678`. */
export const e164Form = ({ prefix, subscriber }: PhoneParts): string => `+82${prefix.slice(1)}${subscriber}`;
