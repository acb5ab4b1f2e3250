/** The command as a process of its own: what only a process can show. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { compiled } from "./support/program.ts";

const root = join(import.meta.dirname, "..");

const millrace = async (...line: readonly string[]) => {
  const started = await compiled();
  const child = spawn(process.execPath, [...started(join(root, "src/cli.ts")), ...line], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number | null];
  return { code, out, error };
};

// whoever asks first waits for the program to be compiled
describe("the command millrace", { timeout: 120_000 }, () => {
  it("ends with the number of its mistake", async () => {
    expect(await millrace("config", "prnt")).toMatchObject({
      code: 2,
      out: "",
      error: expect.stringContaining("Did you mean print?") as string,
    });
  });

  it("writes everything before it ends, also into a pipe", async () => {
    const { code, out } = await millrace("config", "schema");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty("properties");
  });
});
