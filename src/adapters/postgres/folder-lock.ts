/**
 * One process at a time starts or stops the server of a folder: a file that names its process. The lock of a process that is gone
 * is taken over.
 */
import { open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const LOCK_WITHIN_MS = 90_000;
const LOCK_LOOK_MS = 50;
/** A file without a name in it is just being written; after this it was left so. */
const WRITTEN_WITHIN_MS = 2_000;

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/** A name that cannot be written (a full disk) leaves no lock behind. */
const take = async (file: string): Promise<void> => {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(String(process.pid));
  } catch (error) {
    await unlink(file).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
};

export const locked = async <A>(folder: string, work: () => Promise<A>): Promise<A> => {
  const file = join(folder, "server.lock");
  const fromMs = performance.now();
  for (;;) {
    try {
      await take(file);
      break;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = Number(await readFile(file, "utf8").catch(() => ""));
    const elapsedMs = performance.now() - fromMs;
    const isNamed = Number.isInteger(holder) && holder > 0;
    // the process 0 is no process: to ask whether it lives is to ask for our own
    if (isNamed ? !isAlive(holder) : elapsedMs > WRITTEN_WITHIN_MS) {
      await unlink(file).catch(() => undefined);
      continue;
    }
    if (elapsedMs > LOCK_WITHIN_MS)
      throw new Error(`process ${holder} has been starting or stopping the server in ${folder} for too long`);
    await wait(LOCK_LOOK_MS);
  }
  try {
    return await work();
  } finally {
    await unlink(file).catch(() => undefined);
  }
};
