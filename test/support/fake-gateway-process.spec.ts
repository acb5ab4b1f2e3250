import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import type { GatewayAcceptance } from "./fake-gateway.ts";
import { compiled } from "./program.ts";

const script = join(import.meta.dirname, "fake-gateway-process.ts");

const post = async (url: string, attemptId: string): Promise<{ readonly id: string }> => {
  const response = await fetch(url, {
    method: "POST",
    body: JSON.stringify({ attemptId, reference: `${attemptId}/1`, channel: "email", text: "-" }),
  });
  return (await response.json()) as { readonly id: string }; // as the gateway answers without a fault
};

describe("the fake gateway as a process", () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const started = async (...options: readonly string[]): Promise<{ child: ChildProcess; url: string }> => {
    const compiledTo = await compiled();
    const child = spawn(process.execPath, [...compiledTo(script), "--with-parent", ...options], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    closing.push(async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
    });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string]; // its first line
    return { child, url: (JSON.parse(line) as { url: string }).url }; // as it says of itself
  };

  it("has written down what it accepted before it answers, and remembers it after a kill", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fake-gateway-"));
    closing.push(() => rm(folder, { recursive: true }));
    const file = join(folder, "journal.jsonl");
    const lines = async (): Promise<GatewayAcceptance[]> =>
      (await readFile(file, "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as GatewayAcceptance); // its lines

    const first = await started("--class", "A", "--journal", file);
    const { id } = await post(first.url, "attempt-a");
    expect(await lines()).toMatchObject([
      { attemptId: "attempt-a", reference: "attempt-a/1", channel: "email", id },
    ]);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    await appendFile(file, '{"attemptId":"cut in the mid');

    const second = await started("--class", "A", "--journal", file);
    expect(await post(second.url, "attempt-a")).toEqual({ id });
    await post(second.url, "attempt-b");
    expect((await lines()).map(({ attemptId }) => attemptId)).toEqual(["attempt-a", "attempt-b"]);
  });

  it("ends when it is told to, and when whoever started it has gone", async () => {
    const told = await started();
    told.child.kill("SIGTERM");
    expect(await once(told.child, "exit")).toEqual([0, null]);
    const left = await started();
    left.child.stdin?.end();
    expect(await once(left.child, "exit")).toEqual([0, null]);
  });
});
