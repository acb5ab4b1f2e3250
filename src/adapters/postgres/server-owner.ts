/**
 * Whose the embedded server is. Postgres refuses to run as root: there it runs as the user "postgres", who is made where there is none.
 */
import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { promisify } from "node:util";

/** Empty where it is whoever starts it. */
export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** Resolves when what it says has been read to its end. */
const call = promisify(execFile);

const NAME = "postgres";

/** @param said by `id`; half of it, or nothing, would name somebody else: the number of nothing is root's */
export const idIn = (said: string): number => {
  if (/^\d+\n?$/.test(said)) return Number(said);
  throw new Error(`the user "${NAME}" has no number: id says "${said.trim()}"`);
};

const found = async (): Promise<Owner> => {
  const idOf = async (flag: "-u" | "-g"): Promise<number> => idIn((await call("id", [flag, NAME])).stdout);
  const uid = await idOf("-u");
  if (uid === 0) throw new Error(`the user "${NAME}" is root, as whom Postgres does not run`);
  return { uid, gid: await idOf("-g") };
};

export const ownerOfServer = async (): Promise<Owner> => {
  if (userInfo().uid !== 0) return {};
  try {
    return await found();
  } catch {
    // somebody else may have made the user meanwhile: what counts is whether there is one now
    await call("useradd", ["--system", "--user-group", NAME]).catch(() => undefined);
    return found();
  }
};
