import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Effect, Result } from "effect";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileBillStore } from "../../../src/adapters/files/index.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-bills-"));
const root = join(folder, "bills");
const store = fileBillStore({ root, maxBytes: 1_000 });
const SECRET = "outside of the root";

const keep = (path: string, contents: string | Uint8Array): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), contents);
};

beforeAll(() => {
  mkdirSync(root);
  writeFileSync(join(folder, "secret"), SECRET);
  mkdirSync(join(folder, "bills-too"));
  writeFileSync(join(folder, "bills-too", "secret"), SECRET);
  keep("2026/11/1.sealed", "v1.key.text");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const answers = (...places: readonly string[]) =>
  Effect.runPromise(store.load(places.map((place) => ({ place, sha256: null }))));
const answer = async (place: string, sha256: string | null = null): Promise<string> => {
  const [loaded] = await Effect.runPromise(store.load([{ place, sha256 }]));
  if (loaded === undefined) throw new Error("no answer");
  return Result.isSuccess(loaded)
    ? `text: ${loaded.success}`
    : `${loaded.failure._tag} ${loaded.failure.code}`;
};

describe("fileBillStore", () => {
  it("gives each bill in its place, and for each that is not there the reason", async () => {
    keep("2.sealed", "v1.key.other");
    const [one, none, two] = await answers("file:2026/11/1.sealed", "file:2026/11/9.sealed", "file:2.sealed");
    expect(one).toEqual(Result.succeed("v1.key.text"));
    expect(two).toEqual(Result.succeed("v1.key.other"));
    expect(none !== undefined && Result.isFailure(none) && none.failure).toMatchObject({
      _tag: "Permanent",
      code: "no-such-bill",
      message: "reading the bill at file:2026/11/9.sealed: there is none (ENOENT)",
    });
  });

  it("takes the digest at ingest, and refuses other bytes later", async () => {
    keep("digest.sealed", "first");
    const ref = await Effect.runPromise(store.refOf("file:digest.sealed"));
    expect(ref.sha256).toBe(createHash("sha256").update("first").digest("hex"));
    expect(await answer(ref.place, ref.sha256)).toBe("text: first");
    keep("digest.sealed", "other");
    expect(await answer(ref.place, ref.sha256)).toBe("Permanent digest");
    expect(await answer(ref.place)).toBe("text: other");
  });

  it("reads no more than its limit", async () => {
    keep("full", "x".repeat(1_000));
    keep("over", "x".repeat(1_001));
    expect(await answer("file:full")).toBe(`text: ${"x".repeat(1_000)}`);
    expect(await answer("file:over")).toBe("Permanent too-large");
    symlinkSync("/dev/zero", join(root, "endless"));
    expect(await answer("file:endless")).toBe("Permanent outside");
  });

  it("reads neither folders nor pipes, and waits for nobody to write into one", async () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(await answer("file:2026")).toBe("Permanent no-such-bill");
    expect(await answer("file:pipe")).toBe("Permanent no-such-bill");
    expect(await answer("file:2026/11/1.sealed/deeper")).toBe("Permanent no-such-bill");
  });

  it("follows no link out of its root: of a file, of a folder, of one in between", async () => {
    symlinkSync(join(folder, "secret"), join(root, "link"));
    symlinkSync(folder, join(root, "up"));
    symlinkSync(join(folder, "bills-too"), join(root, "beside"));
    symlinkSync("self", join(root, "self"));
    for (const place of ["file:link", "file:up/secret", "file:beside/secret"])
      expect(await answer(place)).toBe("Permanent outside");
    expect(await answer("file:self")).toBe("Permanent no-such-bill");
    symlinkSync(join(root, "2026", "11"), join(root, "inside"));
    expect(await answer("file:inside/1.sealed")).toBe("text: v1.key.text");
  });

  it("never reads through a link that is exchanged while it looks", async () => {
    keep("swapped-inside/secret", "inside");
    const inside = join(root, "swapped-inside");
    const outside = join(folder, "bills-too");
    const link = join(root, "swapped");
    symlinkSync(inside, link);
    let swaps = 0;
    let isOver = false;
    const swap = (): void => {
      if (isOver) return;
      symlinkSync((swaps += 1) % 2 === 0 ? inside : outside, `${link}-next`);
      renameSync(`${link}-next`, link);
      setImmediate(swap);
    };
    swap();
    const seen = new Set<string>();
    for (let round = 0; round < 40; round += 1) {
      const loaded = await Promise.all(Array.from({ length: 50 }, () => answer("file:swapped/secret")));
      for (const each of loaded) seen.add(each);
    }
    isOver = true;
    expect(
      [...seen].filter(
        (each) => !["text: inside", "Permanent outside", "Transient exchanged"].includes(each),
      ),
    ).toEqual([]);
  });

  it("never leaves its root, whatever a place is made of", async () => {
    const segment = fc.oneof(
      fc.constantFrom(
        "..",
        ".",
        "",
        "secret",
        "bills-too",
        "2026",
        "11",
        "1.sealed",
        "~",
        "\u0000",
        "..\\secret",
        "%2e%2e",
        "C:",
        folder,
        "link",
        "up",
      ),
      fc.string({ unit: "binary", maxLength: 8 }),
    );
    const place = fc
      .tuple(fc.constantFrom("file:", "file://", "file:/", "", "FILE:"), fc.array(segment, { maxLength: 6 }))
      .map(([scheme, segments]) => scheme + segments.join("/"));
    await fc.assert(
      fc.asyncProperty(place, async (asked) => {
        expect(await answer(asked)).not.toContain(SECRET);
      }),
      { numRuns: 1_000 },
    );
  });

  it("does not show a place that has a person in it", async () => {
    const [loaded] = await answers("file:hong@example.com.json");
    expect(loaded !== undefined && Result.isFailure(loaded) && loaded.failure.message).not.toContain("hong");
  });

  it("calls text that is no UTF-8 unreadable", async () => {
    keep("latin", Uint8Array.of(0xb0, 0xa1));
    expect(await answer("file:latin")).toBe("Permanent unreadable");
  });

  it("takes a root that is gone for a volume that is not mounted: nobody's bill is lost by that", async () => {
    const gone = fileBillStore({ root: join(folder, "unmounted") });
    const [loaded] = await Effect.runPromise(gone.load([{ place: "file:1", sha256: null }]));
    expect(loaded !== undefined && Result.isFailure(loaded) && loaded.failure).toMatchObject({
      _tag: "Transient",
      code: "no-root",
    });
  });
});
