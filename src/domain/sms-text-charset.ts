/**
 * Which characters a text message can carry, at one byte or two.
 *
 * Two sets go by the name EUC-KR. KS X 1001 has 2,350 Hangul syllables; UHC (windows-949) adds the other 8,822, and
 * gateways differ in whether they pass those on or send `?` in their place. KS X 1001 is the default: a syllable too
 * strict costs a template one correction, a syllable too lenient costs a customer a bill with a hole in it. A gateway
 * that is known to carry UHC says so.
 *
 * The table comes from the runtime's own decoder, not from a list here. Runtimes differ at the edges (some decode
 * UHC, the euro sign or private use as well), so only the 94 × 94 square of the standard is asked, and what the
 * edition of 1992 does not have is left out. UHC needs no table: it is KS X 1001 and every syllable.
 */

export type SmsCharset = "ks-x-1001" | "uhc";

/** Bytes that the code point takes, or nothing where the set does not have it. */
export const bytesOf = (codePoint: number, charset: SmsCharset): 1 | 2 | undefined => {
  if (isSingleByte(codePoint)) return 1;
  if (charset === "uhc" && codePoint >= FIRST_SYLLABLE && codePoint <= LAST_SYLLABLE) return 2;
  return twoByteTable().has(codePoint) ? 2 : undefined;
};

const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What can be seen of ASCII, and line breaks. Other controls are no text, whatever a table says. */
const isSingleByte = (codePoint: number): boolean =>
  (codePoint >= 0x20 && codePoint <= 0x7e) || codePoint === LINE_FEED || codePoint === CARRIAGE_RETURN;

let table: ReadonlySet<number> | undefined;
const twoByteTable = (): ReadonlySet<number> => (table ??= readTable());

const FIRST_BYTE = 0xa1;
const LAST_BYTE = 0xfe;
const SQUARE = LAST_BYTE - FIRST_BYTE + 1;
/** Added in 1998 and carried by some: the euro and registered signs. Invisible: the Hangul filler. No answer: U+FFFD. */
const LEFT_OUT: ReadonlySet<number> = new Set([0x20ac, 0xae, 0x3164, 0xfffd]);
const isPrivateUse = (codePoint: number): boolean => codePoint >= 0xe000 && codePoint <= 0xf8ff;

const readTable = (): ReadonlySet<number> => {
  const bytes = new Uint8Array(SQUARE * SQUARE * 3);
  let end = 0;
  for (let lead = FIRST_BYTE; lead <= LAST_BYTE; lead += 1) {
    for (let trail = FIRST_BYTE; trail <= LAST_BYTE; trail += 1) {
      // A line break after each pair keeps a pair that means nothing from swallowing the next one.
      bytes.set([lead, trail, LINE_FEED], end);
      end += 3;
    }
  }
  const found = new Set<number>();
  for (const character of new TextDecoder("euc-kr").decode(bytes).split("\n")) {
    const codePoint = character.length === 1 ? character.charCodeAt(0) : undefined;
    if (codePoint === undefined || LEFT_OUT.has(codePoint) || isPrivateUse(codePoint)) continue;
    found.add(codePoint);
  }
  return found;
};
