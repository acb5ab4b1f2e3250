/**
 * The lines of a file as bytes, one after the other, however long the file is. Comes before any format.
 *
 * A line ends with `\n`, and a `\r` before it is not part of it. One that is longer than the limit is reported without its
 * bytes, and read over: a file without line ends cannot fill the memory.
 */

export interface FileLine {
  /** From 1. */
  readonly line: number;
  /** Empty where it was too long. */
  readonly bytes: Buffer | null;
}

/** For one line of a bill, its items in JSON included. */
export const MAX_LINE_BYTES = 1_048_576;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

export const fileLines = async function* (
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number = MAX_LINE_BYTES,
): AsyncGenerator<FileLine, void, undefined> {
  let line = 1;
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let isTooLong = false;

  const add = (piece: Buffer): void => {
    begunBytes += piece.length;
    if (begunBytes > maxLineBytes) {
      isTooLong = true;
      begun = [];
    } else if (piece.length > 0) {
      begun.push(piece);
    }
  };
  const finish = (): FileLine => {
    const [only, ...more] = begun;
    const whole = only !== undefined && more.length === 0 ? only : Buffer.concat(begun);
    const finished = { line, bytes: isTooLong ? null : withoutReturn(whole) };
    line += 1;
    begun = [];
    begunBytes = 0;
    isTooLong = false;
    return finished;
  };

  for await (const each of chunks) {
    const chunk = Buffer.from(each.buffer, each.byteOffset, each.byteLength);
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, end));
      yield finish();
      from = end + 1;
    }
    add(chunk.subarray(from));
  }
  if (begunBytes > 0) yield finish();
};

const withoutReturn = (bytes: Buffer): Buffer => (bytes.at(-1) === RETURN ? bytes.subarray(0, -1) : bytes);
