import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskEmail, maskName, maskPhone, maskWhole } from "../../src/domain/masking.ts";
import { anyText } from "./text-arbitraries.ts";

const anyName = fc.oneof(
  anyText,
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom("홍", "길", "동", "é", "e\u0301", "\ud83d", "\n", "\u001b", "*", " ", "a"),
    maxLength: 12,
  }),
);
/** A secret of stars alone is its own mask, whatever one does. */
const anySecret = anyName.filter((text) => text.trim() !== "" && !text.includes("*"));

const SYLLABLES = fc.constantFrom("홍", "길", "동", "남", "궁", "박", "李", "田");
const anyKoreanName = fc.string({ unit: SYLLABLES, minLength: 1, maxLength: 8 });
const anyDigits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength, maxLength });
const anyMobile = anyDigits(8, 8).map((digits) => `010${digits}`);

const shownIn = (mask: string) => [...mask].filter((character) => character !== "*");

describe("maskName", () => {
  it.each([
    ["홍길동", "홍*동"],
    ["홍길", "홍*"],
    ["남궁민길", "남**길"],
    ["홍", "*"],
    ["홍 길동", "홍*동"],
    ["李小龍", "李*龍"],
    ["", ""],
    ["John Smith", "J*** S****"],
    ["Madonna", "M******"],
    ["Bo", "B*"],
    ["홍길동(본인)", "홍******"],
  ])("shows %s as %s", (name, mask) => {
    expect(maskName(name)).toBe(mask);
  });

  it("takes a name in decomposed letters for the same name", () => {
    expect(maskName("홍길동".normalize("NFD"))).toBe("홍*동");
  });

  it("counts a letter with its marks as one, and shows neither marks nor what is no letter", () => {
    expect(maskName("e\u0301\u0302lan")).toBe("é***");
    expect(maskName("\u001b[31m")).toBe("*****");
    expect(maskName("😀😀😀")).toBe("***");
    expect(maskName("\ud83dab")).toBe("***");
    expect(maskName("a\u200b\u202eb")).toBe("a***");
  });

  it("never shows more of a Korean name than its first and last syllable", () => {
    fc.assert(
      fc.property(anyKoreanName, (name) => {
        const mask = maskName(name);
        const syllables = [...name];
        expect([...mask]).toHaveLength(syllables.length);
        const allowed = syllables.length < 3 ? [syllables[0]] : [syllables[0], syllables.at(-1)];
        expect(shownIn(mask)).toEqual(syllables.length === 1 ? [] : allowed);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never shows more of anything than one letter a word, or two syllables", () => {
    fc.assert(
      fc.property(anyName, (text) => {
        const mask = maskName(text);
        const words = text
          .normalize("NFC")
          .split(/\s+/u)
          .filter((word) => word !== "");
        expect(shownIn(mask.replaceAll(" ", "")).length).toBeLessThanOrEqual(
          Math.max(2, Math.min(4, words.length)),
        );
        expect(mask).toMatch(/^[\p{L}\p{N}* ]*$/u);
        expect(mask).not.toMatch(/\p{Surrogate}/u);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never grows beyond its bound, however long the text", () => {
    expect(maskName("가".repeat(1_000_000))).toBe(`가${"*".repeat(8)}가`);
    expect(maskName(`${"가".repeat(100)}나`)).toBe(`가${"*".repeat(8)}가`);
    expect(maskName("ab ".repeat(1_000_000)).length).toBeLessThanOrEqual(40);
  });
});

describe("maskPhone", () => {
  it.each([
    ["010-1234-5678", "010-****-5678"],
    ["01012345678", "010-****-5678"],
    ["+82 10-1234-5678", "010-****-5678"],
    ["011-234-5678", "011-***-5678"],
    ["02)345-6789", "02-***-6789"],
    ["0505-1234-5678", "0505-****-5678"],
    ["+1 415 555 2671", "***"],
    ["1234", "***"],
    ["call me", "***"],
    ["", ""],
  ])("shows %s as %s", (written, mask) => {
    expect(maskPhone(written)).toBe(mask);
  });

  it("never shows more of a number than its prefix and the last four digits", () => {
    fc.assert(
      fc.property(anyMobile, (written) => {
        expect(maskPhone(written)).toBe(`010-****-${written.slice(-4)}`);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never shows anything of what is no number", () => {
    fc.assert(
      fc.property(anyName, (text) => {
        const mask = maskPhone(text);
        if (shownIn(mask).length > 0) expect(text).toMatch(/[0-9]{2}/);
        expect(mask).toMatch(/^(?:[0-9]{2,4}-\*{3,4}-[0-9]{4}|\*{3}|)$/);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("maskEmail", () => {
  it.each([
    ["abcdef@example.com", "ab***@example.com"],
    ["abcd@example.com", "ab***@example.com"],
    ["abc@example.com", "***@example.com"],
    ["a@Example.COM", "***@example.com"],
    ["a@b@example.com", "***"],
    ["\nab@example.com", "***"],
    ["010-1234-5678", "***"],
    ["", ""],
  ])("shows %j as %s", (written, mask) => {
    expect(maskEmail(written)).toBe(mask);
  });

  it("never shows more than two characters before the @, nor any where there are three", () => {
    const anyLocal = fc.string({ unit: fc.constantFrom(..."abcdefgh0123_+-"), minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(anyLocal, (local) => {
        const [shownLocal] = maskEmail(`${local}@example.com`).split("@");
        expect(shownLocal).toBe(local.length > 3 ? `${local.slice(0, 2)}***` : "***");
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("every mask", () => {
  it("never contains the secret", () => {
    const addresses = fc.emailAddress().filter((address) => !address.includes("*"));
    fc.assert(
      fc.property(fc.oneof(anySecret, anyKoreanName, anyMobile, addresses), (secret) => {
        for (const masker of [maskName, maskPhone, maskEmail, maskWhole]) {
          expect(masker(secret).normalize("NFC")).not.toContain(secret.normalize("NFC"));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("never says how long a wholly masked text is", () => {
    fc.assert(
      fc.property(anySecret, (secret) => {
        expect(maskWhole(secret)).toBe("***");
      }),
      { numRuns: 1_000 },
    );
  });
});
