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
  if (!/^[1-9]\d*\n?$/.test(said))
    throw new Error(`the user "${NAME}" has no number: id says "${said.trim()}"`);
  return Number(said);
};

const found = async (): Promise<Owner> => {
  const idOf = async (flag: "-u" | "-g"): Promise<number> => idIn((await call("id", [flag, NAME])).stdout);
  return { uid: await idOf("-u"), gid: await idOf("-g") };
};

export const ownerOfServer = async (): Promise<Owner> => {
  if (userInfo().uid !== 0) return {};
  try {
    return await found();
  } catch {
    // somebody else may have made the user meanwhile, so what counts is whether there is one
    const failure: unknown = await call("useradd", ["--system", "--user-group", NAME]).then(
      () => undefined,
      (error: unknown) => error,
    );
    return found().catch((error: unknown) => {
      throw failure ?? error;
    });
  }
};
