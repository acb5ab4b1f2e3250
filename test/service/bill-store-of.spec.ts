import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Result } from "effect";
import { afterAll, describe, expect, it } from "vitest";
import { fileBillStore } from "../../src/adapters/files/bill-store.ts";
import { billStoreOf } from "../../src/service/bill-store-of.ts";
import type { Config } from "../../src/service/config/config.ts";

const root = mkdtempSync(join(tmpdir(), "millrace-bills-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const configWith = (content: Config["content"]): Config => ({ content }) as unknown as Config; // all that it looks at

describe("where bills lie that are not in their rows", () => {
  it("is the configured folder, and nothing is read that is larger than it may be", async () => {
    writeFileSync(join(root, "4711.json"), "sealed text");
    const ref = await Effect.runPromise(fileBillStore({ root, maxBytes: 100 }).refOf("file:4711.json"));
    const [read] = await Effect.runPromise(billStoreOf(configWith({ root, maxBytes: 100 })).load([ref]));
    expect(read).toEqual(Result.succeed("sealed text"));
    const [tooLarge] = await Effect.runPromise(billStoreOf(configWith({ root, maxBytes: 5 })).load([ref]));
    expect(tooLarge !== undefined && Result.isFailure(tooLarge)).toBe(true);
  });

  it("is nowhere where none is configured: each bill fails by itself, and the setting is named", async () => {
    const ref = await Effect.runPromise(fileBillStore({ root, maxBytes: 100 }).refOf("file:4711.json"));
    const answers = await Effect.runPromise(
      billStoreOf(configWith({ root: null, maxBytes: 5 })).load([ref, ref]),
    );
    expect(answers).toHaveLength(2);
    for (const answer of answers)
      expect(Result.isFailure(answer) ? answer.failure.message : "").toContain(
        "content.root is not configured",
      );
  });
});
