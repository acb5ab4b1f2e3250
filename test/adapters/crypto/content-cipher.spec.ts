import { createSecretKey, randomBytes } from "node:crypto";
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentCipher, type KeyRing } from "../../../src/adapters/crypto/index.ts";
import { conceal, reveal } from "../../../src/domain/masking-sensitive.ts";

const ringOf = (present: string, ...ids: readonly string[]): KeyRing => ({
  present,
  keys: new Map([present, ...ids].map((id) => [id, createSecretKey(randomBytes(32))])),
  old: [],
});

const ring = ringOf("2026-11", "2025-11");
const cipher = contentCipher({ ring });
const RUNS = { numRuns: 1_000 };
/** Any text but one with half a surrogate pair, for which UTF-8 has no bytes. */
const anyText = fc.string({ unit: "binary", maxLength: 200 });

const opened = (sealed: string, about: string): string => {
  const answer = cipher.open(sealed, about);
  return Result.isSuccess(answer) ? `text: ${reveal(answer.success)}` : String(answer.failure.code);
};

/** The same text with other bytes behind the key id. */
const withBytes = (sealed: string, change: (bytes: Buffer) => Buffer): string => {
  const [format, id, body = ""] = sealed.split(".");
  return `${format}.${id}.${change(Buffer.from(body, "base64url")).toString("base64url")}`;
};

describe("contentCipher", () => {
  it("opens what it has sealed, for the notice that it was sealed for, and shows it masked", () => {
    const sealed = cipher.seal(conceal("hong@example.com"), "n-1");
    expect(sealed).toMatch(/^v1\.2026-11\.[A-Za-z0-9_-]+$/);
    const contact = Result.getOrThrow(cipher.open(sealed, "n-1"));
    expect(reveal(contact)).toBe("hong@example.com");
    expect(String(contact)).toBe("***");
  });

  it("always gives back what was sealed", () => {
    fc.assert(
      fc.property(anyText, anyText, (text, about) => {
        expect(opened(cipher.seal(conceal(text), about), about)).toBe(`text: ${text}`);
      }),
      RUNS,
    );
  });

  it("never opens for anything else than what it was sealed for", () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (text, about, other) => {
        fc.pre(about !== other);
        expect(opened(cipher.seal(conceal(text), about), other)).toBe("tampered");
      }),
      RUNS,
    );
  });

  it("always notices a flipped bit, wherever it is", () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, at) => {
        const changed = withBytes(cipher.seal(conceal(text), "n-1"), (bytes) => {
          const bit = at % (bytes.length * 8);
          bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          return bytes;
        });
        expect(opened(changed, "n-1")).toBe("tampered");
      }),
      RUNS,
    );
  });

  it("never opens a text of which a character was exchanged, not even one that decodes to the same bytes", () => {
    fc.assert(
      fc.property(
        anyText,
        fc.nat(),
        fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. "),
        (text, at, character) => {
          const sealed = cipher.seal(conceal(text), "n-1");
          const place = at % sealed.length;
          fc.pre(sealed[place] !== character);
          const changed = sealed.slice(0, place) + character + sealed.slice(place + 1);
          expect(["tampered", "unknown-key", "unreadable"]).toContain(opened(changed, "n-1"));
        },
      ),
      RUNS,
    );
  });

  it("never opens a text that was cut, at whichever end: a short tag counts for nothing", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), fc.boolean(), (text, count, atEnd) => {
        const cut = withBytes(cipher.seal(conceal(text), "n-1"), (bytes) =>
          atEnd ? bytes.subarray(0, -count) : bytes.subarray(count),
        );
        expect(opened(cut, "n-1")).toBe("tampered");
      }),
      RUNS,
    );
  });

  it("never seals the same text twice alike, since that would show who shares a telephone", () => {
    const sealed = Array.from({ length: 1_000 }, () => cipher.seal(conceal("010-1234-5678"), "n-1"));
    expect(new Set(sealed).size).toBe(1_000);
  });

  it("never shows text or key, whatever it refuses", () => {
    const keyTexts = [...ring.keys.values()].flatMap((key) => [
      key.export().toString("base64"),
      key.export().toString("base64url"),
      key.export().toString("hex"),
    ]);
    const secret = fc
      .string({ unit: "grapheme-ascii", minLength: 8, maxLength: 60 })
      .filter((text) => text.trim().length > 7);
    fc.assert(
      fc.property(secret, fc.nat({ max: 3 }), (text, how) => {
        const sealed = cipher.seal(conceal(text), "n-1");
        const changed = [
          withBytes(sealed, (bytes) => Buffer.from(bytes.toReversed())),
          sealed.replace("2026-11", "2031-01"),
          text,
          `v1.2026-11.${text}`,
        ][how] as string;
        const answer = cipher.open(changed, "n-2");
        if (!Result.isFailure(answer)) throw new Error("it was opened");
        const shown = `${answer.failure.message} ${String(answer.failure)} ${JSON.stringify(answer.failure)}`;
        for (const hidden of [text, sealed, ...keyTexts]) expect(shown).not.toContain(hidden);
      }),
      RUNS,
    );
  });

  it("opens with the key that the text names, and seals with the present one: that is how keys are rotated", () => {
    const sealed = cipher.seal(conceal("hong@example.com"), "n-1");
    const rotated = contentCipher({
      ring: {
        ...ring,
        present: "2027-11",
        keys: new Map([...ring.keys, ["2027-11", createSecretKey(randomBytes(32))]]),
      },
    });
    expect(reveal(Result.getOrThrow(rotated.open(sealed, "n-1")))).toBe("hong@example.com");
    expect(rotated.seal(conceal("x"), "n-1")).toMatch(/^v1\.2027-11\./);
  });

  it("names a key that is missing, and what to do", () => {
    const sealed = cipher.seal(conceal("hong@example.com"), "n-1");
    const answer = contentCipher({ ring: ringOf("2027-11") }).open(sealed, "n-1");
    expect(Result.isFailure(answer) && answer.failure).toMatchObject({
      _tag: "Permanent",
      code: "unknown-key",
      message:
        "decrypting what belongs to n-1: it was sealed with the key 2026-11, which is not among the keys: add it, then replay",
    });
  });

  it("says tampered, too, where the key under that id is another one", () => {
    const sealed = cipher.seal(conceal("hong@example.com"), "n-1");
    const answer = contentCipher({ ring: ringOf("2026-11") }).open(sealed, "n-1");
    expect(Result.isFailure(answer) && answer.failure.code).toBe("tampered");
  });

  it.each([
    "",
    "v1",
    "v1.2026-11",
    "v2.2026-11.AAAA",
    "v1..AAAA",
    "v1.2026-11.AAAA.AAAA",
    "hong@example.com",
    "AAAA",
  ])("cannot read %j", (text) => {
    expect(opened(text, "n-1")).toBe("unreadable");
  });

  it("is not made of a ring without its present key", () => {
    expect(() => contentCipher({ ring: { ...ring, present: "gone" } })).toThrow(RangeError);
  });
});
