import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { startEmbeddedServer } from "../../../src/adapters/postgres/index.ts";

const SERVER = new URL("../../../src/adapters/postgres/embedded-server.ts", import.meta.url).href;

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The watchdog notices within a moment; until then there is nothing to wait for but time. */
const until = async (what: () => boolean): Promise<void> => {
  for (const limit = performance.now() + 15_000; !what() && performance.now() < limit;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(what()).toBe(true);
};

describe("the embedded server", () => {
  it("dies with its program, even when that is killed, and leaves no folder behind", async () => {
    const program = `
      const { startEmbeddedServer } = await import(${JSON.stringify(SERVER)});
      const server = await startEmbeddedServer({ settings: { fsync: "off" } });
      console.log(server.pid);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) =>
      child.stdout.once("data", (text: Buffer) => resolve(Number(text.toString()))),
    );
    const folder = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[2] ?? "";
    expect(existsSync(folder)).toBe(true);
    child.kill("SIGKILL");
    await until(() => !isRunning(pid));
    await until(() => !existsSync(folder));
  });

  it("keeps its databases and its password where it was given a folder", async () => {
    const home = mkdtempSync(join(tmpdir(), "millrace-keep-"));
    // As root the server runs as another user, who must be able to get there.
    chmodSync(home, 0o755);
    const folder = join(home, "postgres");
    try {
      const passwords: string[] = [];
      for (const statement of ["CREATE TABLE kept AS SELECT 7 AS n", "SELECT n FROM kept"]) {
        const server = await startEmbeddedServer({ folder });
        const client = new pg.Client({ ...server, database: "postgres" });
        await client.connect();
        const { rows } = await client.query<{ n?: number }>(statement);
        if (rows.length > 0) expect(rows).toEqual([{ n: 7 }]);
        await client.end();
        passwords.push(server.password);
        await server.stop();
      }
      expect(new Set(passwords).size).toBe(1);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
