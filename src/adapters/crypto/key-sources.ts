/**
 * Where keys come from: a file that only its owner can read, or a variable of the environment with the same JSON in it.
 *
 * A file that the group or the world may read is refused: whoever reads the keys reads every contact. Its rights are asked
 * of the very file that was opened, so that it cannot be exchanged in between. Windows has no such rights to ask for.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { Result } from "effect";
import { Permanent } from "../../failure.ts";
import { decodeKeyRing, type KeyRing } from "./key-ring.ts";

/** A hundred keys fit into a fifth of it. */
export const MAX_KEY_FILE_BYTES = 65_536;
const OTHERS_RIGHTS = 0o077;

/** Reads a ring from a file that only its owner can read. */
export const keysFromFile = (path: string): Result.Result<KeyRing, Permanent> => {
  let file: number;
  try {
    // Without waiting: a pipe in its place would hold up the start for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    return refused(path, `it cannot be opened (${codeOf(cause)}): check the path and its rights`, cause);
  }
  try {
    const { mode, size, isFile } = statOf(file);
    if (!isFile) return refused(path, "it is no file");
    if (process.platform !== "win32" && (mode & OTHERS_RIGHTS) !== 0)
      return refused(path, `others may read or write it (mode ${octal(mode)}): run chmod 600 on it`);
    if (size > MAX_KEY_FILE_BYTES) return refused(path, `it is larger than ${MAX_KEY_FILE_BYTES} bytes`);
    return decodeKeyRing(readFileSync(file, "utf8").replace(/^\uFEFF/, ""), path);
  } catch (cause) {
    return refused(path, `it cannot be read (${codeOf(cause)})`, cause);
  } finally {
    closeSync(file);
  }
};

/**
 * Reads a ring from a variable of the environment.
 *
 * @param name the variable's, such as `MILLRACE_KEYS_INLINE`
 */
export const keysFromEnvironment = (
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): Result.Result<KeyRing, Permanent> => {
  const text = environment[name];
  if (text === undefined || text.trim() === "") return refused(name, "it is not set");
  return decodeKeyRing(text, name);
};

const statOf = (file: number): { readonly mode: number; readonly size: number; readonly isFile: boolean } => {
  const stat = fstatSync(file);
  return { mode: stat.mode, size: stat.size, isFile: stat.isFile() };
};

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(3, "0");

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";

const refused = (from: string, why: string, cause?: unknown): Result.Result<never, Permanent> =>
  Result.fail(new Permanent({ message: `reading the keys from ${from}: ${why}`, code: "keys", cause }));
