import { createSecretKey, randomBytes } from "node:crypto";
import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { contentCipher } from "../../../src/adapters/crypto/index.ts";
import { noticeId } from "../../../src/domain/ids.ts";
import { conceal, reveal } from "../../../src/domain/masking-sensitive.ts";
import { sealedAboutRequest } from "../../../src/domain/records/request-record.ts";
import { sealedText, sealFor } from "../../../src/domain/records/sealed-text.ts";

const ringOf = (id: string) => ({
  present: id,
  keys: new Map([[id, createSecretKey(randomBytes(32))]]),
  old: [],
});
const cipher = contentCipher({ ring: ringOf("2026-11") });
const about = sealedAboutRequest(noticeId("n-1"));
const codeOf = (answer: Result.Result<unknown, { readonly code?: string }>): string | undefined =>
  Result.isFailure(answer) ? answer.failure.code : undefined;

describe("a sealed text", () => {
  it("is opened by whoever has the key, as what it was sealed for", () => {
    const sealed = sealFor(cipher, conceal("hong@example.com"), about);
    expect(sealed).not.toContain("hong");
    expect(reveal(Result.getOrThrow(cipher.open(sealed, about)))).toBe("hong@example.com");
    expect(codeOf(cipher.open(sealed, sealedAboutRequest(noticeId("n-2"))))).toBe("tampered");
  });

  it("with another key, or a flipped bit, is refused with its reason", () => {
    const sealed = sealFor(cipher, conceal("hong@example.com"), about);
    expect(codeOf(contentCipher({ ring: ringOf("2027-01") }).open(sealed, about))).toBe("unknown-key");
    const last = sealed.at(-1) === "A" ? "Q" : "A";
    expect(codeOf(cipher.open(sealed.slice(0, -1) + last, about))).toBe("tampered");
  });

  it("is what a cipher made, and nothing else", () => {
    expect(sealedText(cipher.seal(conceal("010-1234-5678"), about))).not.toBeNull();
    for (const text of [
      "",
      "010-1234-5678",
      "hong@example.com",
      "v1.key",
      "v1..x",
      "v2.key.x",
      "v1.key.x ",
      "v1.k.x.y",
    ])
      expect(sealedText(text)).toBeNull();
  });

  it("cannot be made by a cipher that leaves the text in the clear", () => {
    expect(() => sealFor({ seal: reveal }, conceal("hong@example.com"), about)).toThrow(
      "the cipher seals what belongs to request/n-1 in a form that no log may carry",
    );
  });
});
