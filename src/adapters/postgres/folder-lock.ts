/**
 * One process at a time starts or stops the server of a folder: a file that names its process. The lock of a process that is gone
 * is taken over, by one of those who find that out: a second file is held for the moment in which the first is looked at again and
 * removed. Without it the slower one would remove the lock that the faster one has just taken.
 */
import { open, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const LOCK_WITHIN_MS = 90_000;
const LOCK_LOOK_MS = 50;
/** A file without a name in it is just being written, and a take-over is a moment; after this they were left so. */
const LEFT_AFTER_MS = 2_000;

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/**
 * What this process holds itself. A file with our number that is not among them was left by an earlier process: in a container the
 * numbers begin anew each time. Counted, because the next one of ours may have it before the one before has noted its leaving.
 */
const ours = new Map<string, number>();
const count = (file: string, more: 1 | -1): void => void ours.set(file, (ours.get(file) ?? 0) + more);
const isOurs = (file: string): boolean => (ours.get(file) ?? 0) > 0;

/** @returns whether it was free. A name that cannot be written (a full disk) leaves no lock behind. */
const take = async (file: string): Promise<boolean> => {
  const handle = await open(file, "wx", 0o600).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return null;
    throw error;
  });
  if (handle === null) return false;
  count(file, 1);
  try {
    await handle.writeFile(String(process.pid));
  } catch (error) {
    await leave(file);
    throw error;
  } finally {
    await handle.close();
  }
  return true;
};

const leave = async (file: string): Promise<void> => {
  await unlink(file).catch(() => undefined);
  count(file, -1);
};

/** The process that it names; empty while it names none. */
const holderIn = async (file: string): Promise<number | null> => {
  const holder = Number(await readFile(file, "utf8").catch(() => ""));
  // the process 0 is no process: to ask whether it lives is to ask for our own
  return Number.isInteger(holder) && holder > 0 ? holder : null;
};

/** By the clock of the machine that wrote it, which is this one; one that was set back only makes us wait. */
const isOld = async (file: string): Promise<boolean> => {
  const written = await stat(file).catch(() => null);
  return written !== null && Date.now() - written.mtimeMs > LEFT_AFTER_MS;
};

const isLeft = async (file: string): Promise<boolean> => {
  const holder = await holderIn(file);
  if (holder === null) return !isOurs(file) && isOld(file);
  return holder === process.pid ? !isOurs(file) : !isAlive(holder);
};

const takeAway = async (file: string): Promise<void> => {
  const guard = `${file}.left`;
  const handle = await open(guard, "wx", 0o600).catch(() => null);
  if (handle === null) {
    if (await isOld(guard)) await unlink(guard).catch(() => undefined);
    return;
  }
  await handle.close();
  try {
    if (await isLeft(file)) await unlink(file).catch(() => undefined);
  } finally {
    await unlink(guard).catch(() => undefined);
  }
};

export const locked = async <A>(folder: string, work: () => Promise<A>): Promise<A> => {
  const file = join(folder, "server.lock");
  const fromMs = performance.now();
  while (!(await take(file))) {
    if (await isLeft(file)) await takeAway(file);
    if (performance.now() - fromMs > LOCK_WITHIN_MS)
      throw new Error(
        `process ${await holderIn(file)} has been starting or stopping the server in ${folder} for too long: if that is none of Millrace's, remove ${file}`,
      );
    await wait(LOCK_LOOK_MS);
  }
  try {
    return await work();
  } finally {
    await leave(file);
  }
};
