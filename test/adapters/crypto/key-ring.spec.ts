import { randomBytes } from "node:crypto";
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeKeyRing } from "../../../src/adapters/crypto/index.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const IV = Buffer.alloc(16, 9).toString("base64");

const problemsOf = (written: unknown): string => {
  const read = decodeKeyRing(typeof written === "string" ? written : JSON.stringify(written), "keys.json");
  return Result.isFailure(read) ? read.failure.message : "none";
};

describe("decodeKeyRing", () => {
  it("reads the present key, the earlier ones, and the formats of the time before", () => {
    const ring = Result.getOrThrow(
      decodeKeyRing(
        JSON.stringify({
          present: "2026-11",
          keys: { "2026-11": KEY, "2025-11": KEY.replace("=", "") },
          old: [
            { format: "cbc-fixed-iv", key: KEY, iv: IV },
            { format: "ecb", key: KEY },
          ],
        }),
        "keys.json",
      ),
    );
    expect(ring.present).toBe("2026-11");
    expect([...ring.keys.keys()]).toEqual(["2026-11", "2025-11"]);
    expect(ring.keys.get("2025-11")?.export()).toEqual(Buffer.alloc(32, 7));
    expect(ring.old.map(({ format, iv }) => [format, iv?.length ?? null])).toEqual([
      ["cbc-fixed-iv", 16],
      ["ecb", null],
    ]);
  });

  it("says everything that is wrong at once, by its place", () => {
    const problems = problemsOf({
      present: "no such id!",
      keys: { short: "AAAA", "not an id": KEY },
      old: [{ format: "rot13" }, { format: "cbc-fixed-iv", key: KEY }, { format: "ecb", key: KEY, iv: IV }],
      kyes: {},
    });
    for (const place of [
      "present",
      "keys.short",
      "entry 2 of keys",
      "old[0].format",
      "old[1].iv",
      "old[2].iv",
      "a field beside",
    ])
      expect(problems).toContain(place);
  });

  it.each([
    ["", "it is no JSON object"],
    ["[]", "it is no JSON object"],
    ["{", "it is no JSON object"],
    [{ present: "a" }, "keys is no object with at least one key"],
    [{ present: "b", keys: { a: KEY } }, "present names a key that is not among keys"],
    [{ present: "a", keys: { a: `${KEY}AAAA` } }, "keys.a is not 32 bytes in Base64"],
    [{ present: "a", keys: { a: "가".repeat(44) } }, "keys.a is not 32 bytes in Base64"],
    [{ present: "a", keys: { a: KEY }, old: {} }, "old is no list of at most 100 formats"],
    [
      { present: "a", keys: { a: KEY }, old: [{ format: "ecb", key: 1 }] },
      "old[0].key is not 32 bytes in Base64",
    ],
  ])("refuses %j: %s", (written, problem) => {
    expect(problemsOf(written)).toContain(problem);
  });

  it("never shows a key, also not one that it refuses", () => {
    const anyKey = fc
      .uint8Array({ minLength: 16, maxLength: 40 })
      .map((bytes) => Buffer.from(bytes).toString("base64"));
    const file = fc.record({
      present: fc.oneof(anyKey, fc.constant("a")),
      keys: fc.oneof(anyKey, fc.dictionary(fc.oneof(anyKey, fc.constant("a")), anyKey, { maxKeys: 3 })),
      old: fc.oneof(
        anyKey,
        fc.array(fc.record({ format: fc.oneof(anyKey, fc.constant("ecb")), key: anyKey, iv: anyKey })),
      ),
    });
    fc.assert(
      fc.property(file, fc.boolean(), (written, torn) => {
        const text = JSON.stringify(written);
        const read = decodeKeyRing(torn ? text.slice(0, -2) : text, "keys.json");
        if (!Result.isFailure(read)) return;
        for (const [, key] of text.matchAll(/"([A-Za-z0-9+/]{20,}=*)"/g)) {
          // As an id it was a name, which is shown where it has the form of one.
          if (typeof written.keys === "object" && key !== undefined && key in written.keys) continue;
          expect(read.failure.message).not.toContain(key);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("is full at a hundred keys", () => {
    const many = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [`k${at}`, randomBytes(32).toString("base64")]),
      );
    expect(problemsOf({ present: "k0", keys: many(100) })).toBe("none");
    expect(problemsOf({ present: "k0", keys: many(101) })).toContain("more than 100");
  });
});
