import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "vitest";
import { locked } from "../../../src/adapters/postgres/folder-lock.ts";

const aFolder = async ({ onTestFinished }: TestContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "folder-lock-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
};

// side by side: most of their time is waiting
describe.concurrent("the lock of a folder", () => {
  it("lets one in at a time, and is gone afterwards, whatever became of the work", async (test) => {
    const { expect } = test;
    const folder = await aFolder(test);
    let inside = 0;
    let most = 0;
    const work = async (nth: number): Promise<number> => {
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside -= 1;
      if (nth === 1) throw new Error("its own");
      return nth;
    };
    const ends = await Promise.allSettled([0, 1, 2].map((nth) => locked(folder, () => work(nth))));
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is taken over from a process that is gone", async (test) => {
    const { expect } = test;
    const folder = await aFolder(test);
    const gone = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(gone, "exit");
    await writeFile(join(folder, "server.lock"), String(gone.pid));
    expect(await locked(folder, () => Promise.resolve("in"))).toBe("in");
  });

  it("is taken over by one, where many find at once that its process is gone", async (test) => {
    const { expect } = test;
    const folder = await aFolder(test);
    const gone = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(gone, "exit");
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      for (let looks = 0; looks < 10; looks++) await readdir(folder);
      inside -= 1;
    };
    for (let round = 0; round < 20; round++) {
      await writeFile(join(folder, "server.lock"), String(gone.pid));
      await Promise.all(Array.from({ length: 4 }, () => locked(folder, work)));
    }
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  }, 120_000);

  it("is taken over from an earlier process of our own number: in a container they begin anew each time", async (test) => {
    const { expect } = test;
    const folder = await aFolder(test);
    await writeFile(join(folder, "server.lock"), String(process.pid));
    expect(await locked(folder, () => Promise.resolve("in"))).toBe("in");
  }, 5_000);

  it("waits for one that is just writing its name, however long it has waited for others before", async (test) => {
    const { expect } = test;
    const folder = await aFolder(test);
    const beganMs = performance.now();
    const file = join(folder, "server.lock");
    await writeFile(file, String(process.ppid)); // somebody who lives
    let isIn = false;
    const waiting = locked(folder, () => Promise.resolve((isIn = true)));
    await expect.poll(() => performance.now() - beganMs, { timeout: 10_000 }).toBeGreaterThan(2_200);
    await writeFile(file, "");
    await expect.poll(() => performance.now() - beganMs, { timeout: 10_000 }).toBeGreaterThan(2_700);
    expect(isIn).toBe(false);
    await rm(file);
    await waiting;
  }, 20_000);

  it("is taken over, after a while, from one that was killed before it could write its name", async (test) => {
    const { expect } = test;
    const folder = await aFolder(test);
    await writeFile(join(folder, "server.lock"), "");
    expect(await locked(folder, () => Promise.resolve("in"))).toBe("in");
  });
});
