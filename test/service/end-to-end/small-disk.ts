/**
 * A disk of a few MiB, in memory, that a test can fill up and make room on. Only who may mount can have one: Linux's root, which is
 * what a build machine is.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  readonly folder: string;
  /** To the last byte, or but for so many. */
  readonly fill: (roomBytes?: number) => Promise<void>;
  readonly empty: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A few writes do: each waits for its turn on a busy machine. */
const PIECE_BYTES = 4_194_304;

const mount = (folder: string, mebibytes: number): void => {
  // every user may enter: as root the server runs as another one
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=755`, "none", folder], {
    stdio: "pipe",
  });
};

const unmount = (folder: string): void => {
  execFileSync("umount", ["-l", folder], { stdio: "pipe" });
};

/** Why this machine cannot make one; empty where it can. */
export const whyNoDisk: string | null = (() => {
  if (process.platform !== "linux") return "not run: it needs Linux";
  if (process.getuid?.() !== 0) return "not run: only root may mount a disk to fill";
  const folder = mkdtempSync(join(tmpdir(), "millrace-mount-"));
  try {
    mount(folder, 1);
    unmount(folder);
    return null;
  } catch {
    return "not run: nothing can be mounted in this container";
  } finally {
    rmdirSync(folder);
  }
})();

export const smallDisk = async (mebibytes: number): Promise<SmallDisk> => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-small-disk-"));
  mount(folder, mebibytes);
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill: async (roomBytes = 0) => {
      const file = await open(ballast, "a");
      try {
        for (const size of [PIECE_BYTES, 65_536, 4_096, 512]) {
          const piece = Buffer.alloc(size, 1);
          try {
            for (;;) if ((await file.write(piece)).bytesWritten < size) break;
          } catch {
            // full for pieces of this size
          }
        }
        await file.truncate(Math.max(0, (await file.stat()).size - roomBytes));
      } finally {
        await file.close();
      }
    },
    empty: () => rm(ballast, { force: true }),
    close: async () => {
      unmount(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
