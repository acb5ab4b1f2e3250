import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Result } from "effect";
import { afterAll, describe, expect, it } from "vitest";
import { DEVELOPMENT_KEY_FILE, developmentKeys, type KeyRing } from "../../../src/adapters/crypto/index.ts";
import { programFolder } from "../../support/program.ts";

const root = mkdtempSync(join(tmpdir(), "millrace-development-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const keyIn = (ring: KeyRing): string => ring.keys.get(ring.present)?.export().toString("hex") ?? "none";
const made = (folder: string): string =>
  keyIn(Result.getOrThrow(developmentKeys(folder, { environment: {} })));

describe("developmentKeys", () => {
  it("makes a file for its owner alone, and finds it again", () => {
    const folder = join(root, "first", ".millrace");
    const key = made(folder);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(join(folder, DEVELOPMENT_KEY_FILE)).mode & 0o777).toBe(0o600);
    expect(made(folder)).toBe(key);
    expect(readdirSync(folder)).toEqual([DEVELOPMENT_KEY_FILE]);
  });

  it("makes another key in another folder", () => {
    expect(made(join(root, "one"))).not.toBe(made(join(root, "other")));
  });

  it("gives processes that start at the same moment the same key", async () => {
    const folder = join(root, "race");
    const source = join(await programFolder(), "src/adapters/crypto/development-keys.js");
    // Each says that it is ready, waits for its input to close, and only then asks for the keys.
    const program = `
      import { developmentKeys } from ${JSON.stringify(source)};
      process.stdout.write("ready\\n");
      for await (const _ of process.stdin);
      const { success: ring } = developmentKeys(${JSON.stringify(folder)}, { environment: {} });
      process.stdout.write(ring.keys.get(ring.present).export().toString("hex"));
    `;
    const racers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["--input-type=module", "-e", program], {
        stdio: ["pipe", "pipe", "inherit"],
      }),
    );
    const said = racers.map(() => "");
    const ended = racers.map((racer, at) => {
      racer.stdout.setEncoding("utf8").on("data", (text: string) => (said[at] += text));
      return once(racer, "close");
    });
    await Promise.all(racers.map((racer) => once(racer.stdout, "data")));
    for (const racer of racers) racer.stdin.end();
    await Promise.all(ended);
    const keys = new Set(said.map((text) => text.replace("ready\n", "")));
    expect([...keys]).toEqual([made(folder)]);
    expect(readdirSync(folder)).toEqual([DEVELOPMENT_KEY_FILE]);
  });

  it("are refused in production, also where they are there", () => {
    const folder = join(root, "production");
    made(folder);
    const refused = developmentKeys(folder, { environment: { NODE_ENV: "production" } });
    expect(Result.isFailure(refused) && refused.failure.message).toContain("NODE_ENV=production");
    const absent = join(root, "untouched");
    expect(Result.isFailure(developmentKeys(absent, { environment: { NODE_ENV: "production" } }))).toBe(true);
    expect(readdirSync(root)).not.toContain("untouched");
  });

  it("are refused where others could read them meanwhile", () => {
    const folder = join(root, "opened");
    made(folder);
    chmodSync(join(folder, DEVELOPMENT_KEY_FILE), 0o644);
    expect(Result.isFailure(developmentKeys(folder, { environment: {} }))).toBe(true);
  });

  it("say where they could not be made", () => {
    const file = join(root, "first", ".millrace", DEVELOPMENT_KEY_FILE);
    const refused = developmentKeys(file, { environment: {} });
    expect(Result.isFailure(refused) && refused.failure.message).toContain("cannot be made");
  });
});
