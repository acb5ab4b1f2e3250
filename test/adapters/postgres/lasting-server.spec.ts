import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { connected } from "../../../src/adapters/postgres/connect.ts";
import {
  lastingServer,
  type LastingServer,
  reasonIn,
} from "../../../src/adapters/postgres/lasting-server.ts";

const pidIn = async (folder: string): Promise<number> =>
  Number.parseInt(await readFile(join(folder, "postgres", "postmaster.pid"), "utf8"), 10);

const ask = async ({ connection }: LastingServer): Promise<number | null> =>
  connected(connection, async (client) => (await client.query("SELECT 1")).rowCount);

/** A folder of its own, and what is to be closed before it is taken away. */
const aFolder = async ({ onTestFinished }: TestContext) => {
  const folder = await mkdtemp(join(tmpdir(), "lasting-server-"));
  await chmod(folder, 0o755); // as root the server runs as another user
  const closing: (() => Promise<void>)[] = [];
  onTestFinished(async () => {
    for (const close of closing.reverse()) await close();
    await rm(folder, { recursive: true });
  });
  return { folder, closing };
};

// side by side: most of their time is waiting
describe.concurrent("the embedded server of a folder", () => {
  it("is joined by whoever comes second, and found where it was when it was killed and started again", async (test) => {
    const { expect } = test;
    const { folder, closing } = await aFolder(test);
    const first = await lastingServer(folder);
    closing.push(first.leave);
    const second = await lastingServer(folder);
    expect([first.joined, second.joined]).toEqual([false, true]);
    expect(second.connection).toEqual(first.connection);
    await first.revive(); // it runs: nothing to do
    expect(await ask(first)).toBe(1);

    const pid = await pidIn(folder);
    process.kill(pid, "SIGKILL"); // its own processes learn of it by themselves
    await expect.poll(() => ask(first).catch(() => "refused"), { timeout: 10_000 }).toBe("refused");
    await Promise.all([first.revive(), second.revive()]);
    expect(await pidIn(folder)).not.toBe(pid);
    expect(await ask(first)).toBe(1);

    // stopped by the last one to leave, and at the same place for whoever comes later
    await first.leave();
    await expect(ask(first)).rejects.toThrow();
    expect((await lastingServer(folder)).connection).toEqual(first.connection);
  });

  it("is made where an earlier try was killed while it wrote the password", async (test) => {
    const { expect } = test;
    const { folder, closing } = await aFolder(test);
    await writeFile(join(folder, "postgres.password"), "");
    const made = await lastingServer(folder);
    closing.push(made.leave);
    expect(await ask(made)).toBe(1);
  }, 40_000);

  it("is started where its file names a process that has its number by now, and is none of its own", async (test) => {
    const { expect } = test;
    const { folder, closing } = await aFolder(test);
    const first = await lastingServer(folder);
    const file = join(folder, "postgres", "postmaster.pid");
    const left = await readFile(file, "utf8");
    await first.leave();
    await writeFile(file, left.replace(/^\d+/, "1")); // the first process of the machine lives
    const second = await lastingServer(folder);
    closing.push(second.leave);
    expect(await ask(second)).toBe(1);
  }, 40_000);
});

describe("why Postgres's own program could not do something", () => {
  it("is the line that says it, whatever advice and cleaning up come behind", () => {
    const said = [
      "creating subdirectories ... ok",
      'initdb: error: could not write file "PG_VERSION": No space left on device',
      'initdb: removing contents of data directory "databases.new"',
      "",
    ].join("\n");
    expect(reasonIn(said)).toBe('initdb: error: could not write file "PG_VERSION": No space left on device');
    expect(reasonIn("initdb: error: cannot be run as root\ninitdb: hint: Please log in")).toBe(
      "initdb: error: cannot be run as root",
    );
    expect(reasonIn("initdb ended with 3")).toBe("initdb ended with 3");
  });
});
