/**
 * Keys for a first try: made once in a folder of the working tree, and found there by every later process.
 *
 * Two processes that start at the same moment agree: each writes a file of its own and links it to the name; one link wins,
 * and both read what lies under the name. So nobody ever reads half a file, and no data is sealed with a key that is then
 * replaced. In production keys are somebody's own: there they are refused, also where the file is there already.
 */
import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Result } from "effect";
import { Permanent } from "../../failure.ts";
import { KEY_BYTES, type KeyRing } from "./key-ring.ts";
import { keysFromFile } from "./key-sources.ts";

/** Where to look for `NODE_ENV`. */
export interface DevelopmentKeysOptions {
  /** Default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The name of the file in the folder. */
export const DEVELOPMENT_KEY_FILE = "development-keys.json";
const KEY_NAME = "development";

/**
 * The keys of a folder, made with the first call.
 *
 * @param folder such as `.millrace`; made where it is missing
 */
export const developmentKeys = (
  folder: string,
  { environment = process.env }: DevelopmentKeysOptions = {},
): Result.Result<KeyRing, Permanent> => {
  if (environment["NODE_ENV"] === "production") {
    return refused(
      "they are refused with NODE_ENV=production: name a key file, or put the keys into the environment",
    );
  }
  const file = join(folder, DEVELOPMENT_KEY_FILE);
  try {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(file)) makeOnce(file);
  } catch (cause) {
    return refused(`${file} cannot be made${isFull(cause) ? FULL : ""}`, cause);
  }
  return keysFromFile(file);
};

const FULL = ": its disk is full; make room there, or name another folder in MILLRACE_DATABASE_FOLDER";

const isFull = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");

const makeOnce = (file: string): void => {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  const keys = { present: KEY_NAME, keys: { [KEY_NAME]: randomBytes(KEY_BYTES).toString("base64") } };
  // "wx": never through a link that somebody has laid there before.
  writeFileSync(draft, `${JSON.stringify(keys, undefined, 2)}\n`, { flag: "wx", mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    // There already, from an earlier start or another process: that one counts.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

const refused = (why: string, cause?: unknown): Result.Result<never, Permanent> =>
  Result.fail(new Permanent({ message: `making development keys: ${why}`, code: "keys", cause }));
