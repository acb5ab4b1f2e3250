import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { locked } from "../../../src/adapters/postgres/folder-lock.ts";

describe("the lock of a folder", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "folder-lock-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("lets one in at a time, and is gone afterwards, whatever became of the work", async () => {
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

  it("is taken over from a process that is gone", async () => {
    const gone = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(gone, "exit");
    await writeFile(join(folder, "server.lock"), String(gone.pid));
    expect(await locked(folder, () => Promise.resolve("in"))).toBe("in");
  });

  it("is taken over, after a while, from one that was killed before it could write its name", async () => {
    await writeFile(join(folder, "server.lock"), "");
    expect(await locked(folder, () => Promise.resolve("in"))).toBe("in");
  });
});
