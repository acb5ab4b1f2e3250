/**
 * Whether trouble means that a disk is full, in whatever words it comes: the server's, the system's, or those of a program that
 * was called.
 */
import { statfs } from "node:fs/promises";

const WORDS = /no space left on device|disk quota exceeded|file too large|ENOSPC|EDQUOT/i;
const CODES: readonly unknown[] = ["53100", "ENOSPC", "EDQUOT", "EFBIG"];
/** Of causes of causes. */
const DEEPEST = 5;

export const codeOf = (error: unknown): unknown => {
  if (!(error instanceof Error)) return undefined;
  if ("sqlState" in error) return error.sqlState;
  return "code" in error ? error.code : undefined;
};

export const saysFull = (error: unknown): boolean => {
  let each = error;
  for (let depth = 0; depth < DEEPEST && each instanceof Error; depth += 1) {
    if (CODES.includes(codeOf(each)) || WORDS.test(each.message)) return true;
    each = each.cause;
  }
  return false;
};

/** Empty where nobody can say. */
export const freeBytesOf = async (folder: string): Promise<number | null> => {
  const found = await statfs(folder).catch(() => null);
  return found === null ? null : found.bavail * found.bsize;
};

/** ` (3 MiB left)`; nothing where it is not known. */
export const leftInWords = (free: number | null): string =>
  free === null ? "" : ` (${Math.floor(free / 2 ** 20)} MiB left)`;
