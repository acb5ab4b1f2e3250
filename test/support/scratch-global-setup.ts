/**
 * A folder for this run's temporary files, taken away at its end. Each test takes away its own; but what a shared module has made for
 * several specs, and what a worker that was ended had still open, belongs to nobody.
 */
import { chmod, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Linux's files in memory: databases are made there in a third of the time. */
const IN_MEMORY = "/dev/shm";
/** Several times what a run has there at once. */
const ROOM_BYTES = 4 * 1024 ** 3;

const hasRoom = async (folder: string): Promise<boolean> => {
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: 0, bsize: 0 })); // not there
  return bavail * bsize >= ROOM_BYTES;
};

const madeIn = (folder: string): Promise<string> => mkdtemp(join(folder, "millrace-tests-"));

export default async (): Promise<() => Promise<void>> => {
  const before = process.env["TMPDIR"];
  const folder =
    (before === undefined && (await hasRoom(IN_MEMORY)) && (await madeIn(IN_MEMORY).catch(() => null))) || // not ours to write in
    (await madeIn(tmpdir()));
  await chmod(folder, 0o755); // where the tests are root's, a database's server is another user's
  process.env["TMPDIR"] = folder; // the workers begin after this, with it
  return async () => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
};
