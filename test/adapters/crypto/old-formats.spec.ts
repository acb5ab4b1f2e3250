import { createCipheriv, createSecretKey, randomBytes } from "node:crypto";
import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentCipher, isContact, type OldFormat, type OldKey } from "../../../src/adapters/crypto/index.ts";
import { reveal } from "../../../src/domain/masking-sensitive.ts";
import { openOld } from "../../../src/adapters/crypto/old-formats.ts";

const KEY = createSecretKey(randomBytes(32));
const FIXED_IV = randomBytes(16);

/** As the programs of that time wrote it. */
const writtenThen = (format: OldFormat, text: string): string => {
  const iv = format === "ecb" ? null : format === "cbc-fixed-iv" ? FIXED_IV : randomBytes(16);
  const cipher = createCipheriv(format === "ecb" ? "aes-256-ecb" : "aes-256-cbc", KEY, iv);
  const front = format === "cbc-iv-in-front" && iv !== null ? [iv] : [];
  return Buffer.concat([...front, cipher.update(text, "utf8"), cipher.final()]).toString("base64");
};

const keyFor = (format: OldFormat): OldKey => ({
  format,
  key: KEY,
  iv: format === "cbc-fixed-iv" ? FIXED_IV : null,
});
const FORMATS: readonly OldFormat[] = ["cbc-iv-in-front", "cbc-fixed-iv", "ecb"];
const all = FORMATS.map(keyFor);

const digits = (count: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: count, maxLength: count });
const contact = fc.oneof(
  digits(8).map((subscriber) => `010-${subscriber.slice(0, 4)}-${subscriber.slice(4)}`),
  fc
    .tuple(
      fc.string({
        unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789_-"),
        minLength: 1,
        maxLength: 64,
      }),
      fc.constantFrom("example.com", "mail.example.co.kr"),
    )
    .map(([local, domain]) => `${local}@${domain}`),
);

describe("openOld", () => {
  it.each(FORMATS)(
    "reads a contact in the format %s where it is configured, and nothing where it is not",
    (format) => {
      const sealed = writtenThen(format, "hong.gildong@example.com");
      const others = all.filter((key) => key.format !== format);
      expect(openOld(sealed, [keyFor(format)], isContact)).toBe("hong.gildong@example.com");
      expect(openOld(sealed, [], isContact)).toBeUndefined();
      // "gildong@…" would be somebody else: read as if the IV were in front, the first block is lost.
      if (format !== "cbc-fixed-iv") expect(openOld(sealed, others, isContact)).toBeUndefined();
    },
  );

  it("takes a fixed IV for fixed where both kinds of CBC are configured, in whichever order: the end of an address is another's", () => {
    const sealed = writtenThen("cbc-fixed-iv", "hong.gildong.19870301@example.com");
    const front = keyFor("cbc-iv-in-front");
    expect(openOld(sealed, [front], isContact)).toBe("70301@example.com");
    expect(openOld(sealed, [front, keyFor("cbc-fixed-iv")], isContact)).toBe(
      "hong.gildong.19870301@example.com",
    );
  });

  it("always reads a contact as it was written, with every format configured", () => {
    fc.assert(
      fc.property(
        contact,
        fc.constantFrom(...FORMATS),
        fc.shuffledSubarray(all, { minLength: 3 }),
        (text, format, keys) => {
          expect(openOld(writtenThen(format, text), keys, isContact)).toBe(text);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("never believes a plaintext that is no contact", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 100 }),
        fc.constantFrom(...FORMATS),
        (text, format) => {
          fc.pre(!isContact(text) && !isContact(Buffer.from(text).subarray(16).toString()));
          expect(openOld(writtenThen(format, text), all, isContact)).toBeUndefined();
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("never reads what another key has written", () => {
    const stranger = { ...keyFor("ecb"), key: createSecretKey(randomBytes(32)) };
    fc.assert(
      fc.property(contact, (text) => {
        expect(openOld(writtenThen("ecb", text), [stranger], isContact)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it("reads over the line breaks of old encoders, and refuses what is no Base64 or too long", () => {
    const sealed = writtenThen("ecb", "hong.gildong@example.com");
    expect(openOld(`${sealed.slice(0, 20)}\r\n${sealed.slice(20)}\n`, all, isContact)).toBe(
      "hong.gildong@example.com",
    );
    expect(openOld(`${sealed.slice(0, 20)} ${sealed.slice(20)}`, all, isContact)).toBeUndefined();
    expect(openOld(sealed.slice(4), all, isContact)).toBeUndefined();
    expect(openOld("", all, isContact)).toBeUndefined();
    expect(openOld("AAAA".repeat(10_000), all, isContact)).toBeUndefined();
  });
});

describe("contentCipher with old formats", () => {
  const ring = { present: "now", keys: new Map([["now", createSecretKey(randomBytes(32))]]) };

  it("opens them where they are configured, and calls them unreadable where not", () => {
    const sealed = writtenThen("ecb", "010-1234-5678");
    const reads = contentCipher({ ring: { ...ring, old: [keyFor("ecb")] } }).open(sealed, "n-1");
    expect(reveal(Result.getOrThrow(reads))).toBe("010-1234-5678");
    const refuses = contentCipher({ ring: { ...ring, old: [] } }).open(sealed, "n-1");
    expect(Result.isFailure(refuses) && refuses.failure.code).toBe("unreadable");
  });

  it("asks the check that it was given", () => {
    const sealed = writtenThen("ecb", '{"name":"x"}');
    const open = (acceptsOld: (text: string) => boolean) =>
      contentCipher({ ring: { ...ring, old: [keyFor("ecb")] }, acceptsOld }).open(sealed, "n-1");
    expect(Result.isSuccess(open((text) => text.startsWith("{")))).toBe(true);
    expect(Result.isFailure(open(() => false))).toBe(true);
  });
});
