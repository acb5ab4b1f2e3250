/**
 * What of a person may be shown: on screens, in logs, exports and messages.
 *
 * `Masked` is made here and nowhere else, so a value of that type has been masked. Where a text is not what it should
 * be (no number, no address), nothing of it is shown: what cannot be read cannot be cut in the right place.
 * A shown character is a letter or digit, so no line break, escape or invisible mark passes through a mask.
 */
import type { Brand } from "effect";
import { Result } from "effect";
import { readEmail } from "./email-address-syntax.ts";
import { readPhone } from "./phone-plan.ts";

/** Text in which a person's data is starred out. */
export type Masked = string & Brand.Brand<"Masked">;

const mask = (text: string): Masked => text as Masked; // the one place where the brand is given

/** For what must not be shown at all. Says nothing, not even how long it is. */
export const maskWhole = (text: string): Masked => mask(text === "" ? "" : "***");

/** Names longer than this are no names; the rest is not looked at. */
const MAX_NAME = 100;
const MAX_WORDS = 4;
/** Longer words show no more stars, so that a mask has a greatest length. */
const MAX_STARS = 8;
const CJK_LETTER = /^[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u;

/**
 * `홍*동`, `홍*`, `남**길`: the first and the last syllable of a name in Korean or Chinese script. In other scripts the
 * first letter of each word, `J*** S****`, because a last letter added to it gives short names away.
 */
export const maskName = (name: string): Masked => {
  const words = name.slice(0, MAX_NAME).normalize("NFC").split(/\s+/u).map(letters).filter(notEmpty);
  const all = words.flat();
  if (all.length > 0 && all.every((letter) => CJK_LETTER.test(letter))) return mask(showEnds(all));
  return mask(words.slice(0, MAX_WORDS).map(showFirst).join(" "));
};

/** Code points without the marks that sit on the letter before: a mark is part of its letter, and never shown. */
const letters = (word: string): readonly string[] => {
  const points = [...word];
  const bases = points.filter((point) => !/^\p{M}$/u.test(point));
  return bases.length > 0 ? bases : points.slice(0, 1);
};

const notEmpty = (word: readonly string[]): boolean => word.length > 0;

const showEnds = (word: readonly string[]): string =>
  word.length < 3
    ? showFirst(word)
    : `${shown(word[0])}${"*".repeat(Math.min(word.length - 2, MAX_STARS))}${shown(word.at(-1))}`;

const showFirst = (word: readonly string[]): string =>
  word.length === 1 ? "*" : `${shown(word[0])}${"*".repeat(Math.min(word.length - 1, MAX_STARS))}`;

const shown = (point: string | undefined): string =>
  point !== undefined && /^[\p{L}\p{N}]$/u.test(point) ? point : "*";

/** `010-****-1234`, `02-***-4567`; all stars for what is no Korean number. */
export const maskPhone = (written: string): Masked => {
  const read = readPhone(written);
  if (Result.isFailure(read)) return maskWhole(written);
  const { prefix, subscriber } = read.success;
  return mask(`${prefix}-${"*".repeat(subscriber.length - 4)}-${subscriber.slice(-4)}`);
};

/** Local parts up to this long are starred whole: two letters of three would be too many. */
const SHORT_LOCAL = 3;

/** `ab***@domain`, `***@domain`; all stars for what is no address. */
export const maskEmail = (written: string): Masked => {
  const read = readEmail(written);
  if (Result.isFailure(read)) return maskWhole(written);
  const { local, domain } = read.success;
  return mask(`${local.length > SHORT_LOCAL ? local.slice(0, 2) : ""}***@${domain}`);
};
