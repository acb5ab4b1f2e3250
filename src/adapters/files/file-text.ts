/**
 * From bytes to text, and what to make of bytes that are no UTF-8.
 *
 * One damaged line is one line's problem. A file that is in another encoding throughout, such as CP949, is the file's: it
 * is refused at its first such line, as long as no line before it has proved that the file is UTF-8.
 * Otherwise a hundred thousand lines would be rejected one by one for the same reason.
 */
import { Result } from "effect";
import { Permanent } from "../../failure.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const convert = (from: string): string => `convert the file, for instance by iconv -f ${from} -t UTF-8`;
const BYTE_ORDER_MARK = "\uFEFF";

export class FileText {
  readonly #name: string;
  /** Some line before had letters that could not have come out of another encoding. */
  #isUtf8 = false;

  /** @param name the file's, for messages */
  constructor(name: string) {
    this.#name = name;
  }

  /**
   * The failure is the line's problem, in words.
   *
   * @throws Permanent where the whole file seems to be in another encoding
   */
  decode(bytes: Buffer, line: number): Result.Result<string, string> {
    try {
      const text = decoder.decode(bytes);
      this.#isUtf8 ||= PROOF.test(text);
      return Result.succeed(line === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
    } catch {
      const problem = `is not UTF-8 at its byte ${firstBadByte(bytes) + 1}`;
      if (this.#isUtf8) return Result.fail(problem);
      throw new Permanent({
        message: `reading ${this.#name}: line ${line} ${problem}: ${isUtf16(bytes) ? `it looks like UTF-16; ${convert("UTF-16")}` : convert("CP949")}`,
        code: "encoding",
      });
    }
  }
}

/**
 * Letters that take three bytes or more, Korean ones among them. Text in CP949 is UTF-8 by chance now and then, but then in
 * pairs of bytes.
 */
const PROOF = /[\u0800-\uffff]/;

/** How many bytes there are before the first that no UTF-8 can have in its place. */
const firstBadByte = (bytes: Buffer): number => {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBeginning(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
};

/** Whether it is UTF-8 as far as it goes; its last letter may be cut. */
const isBeginning = (bytes: Buffer): boolean => {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
};

const isUtf16 = (bytes: Buffer): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
