import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../../src/domain/sms-text-charset.ts";
import { KOREAN_SMS_LIMITS, MAX_UNENCODABLE, measureSms } from "../../src/domain/sms-text.ts";
import { anyText } from "./text-arbitraries.ts";

const uhc = { ...KOREAN_SMS_LIMITS, charset: "uhc" } as const;

describe("measureSms", () => {
  it("counts one byte for what ASCII has and two for Hangul", () => {
    expect(measureSms("6월 요금 58,300원")).toEqual({ kind: "sms", bytes: 17 });
  });

  it("is a short message up to 90 bytes, a long one up to 2,000, and none beyond", () => {
    expect(measureSms("가".repeat(45))).toEqual({ kind: "sms", bytes: 90 });
    expect(measureSms(`${"가".repeat(45)}.`)).toEqual({ kind: "lms", bytes: 91 });
    expect(measureSms("가".repeat(1_000))).toEqual({ kind: "lms", bytes: 2_000 });
    expect(measureSms(`${"가".repeat(1_000)}.`)).toEqual({ kind: "too-long", bytes: 2_001 });
    expect(measureSms("")).toEqual({ kind: "sms", bytes: 0 });
  });

  it("keeps to the limits of another provider", () => {
    expect(measureSms("가나다", { ...KOREAN_SMS_LIMITS, smsBytes: 4, lmsBytes: 6 }).kind).toBe("lms");
  });

  it("names each character that cannot be sent, by its place", () => {
    expect(measureSms("요금 ₩58,300\n뷁😀님")).toEqual({
      kind: "unencodable",
      bytes: 20,
      found: [
        { index: 3, line: 1, column: 4, codePoint: "U+20A9" },
        { index: 11, line: 2, column: 1, codePoint: "U+BDC1" },
        { index: 12, line: 2, column: 2, codePoint: "U+1F600" },
      ],
    });
  });

  it("takes the rarer syllables where the gateway is known to carry them", () => {
    expect(measureSms("뷁", uhc)).toEqual({ kind: "sms", bytes: 2 });
    expect(measureSms("똠방각하").kind).toBe("unencodable");
    expect(measureSms("똠방각하", uhc)).toEqual({ kind: "sms", bytes: 8 });
  });

  it("refuses decomposed Hangul, which looks the same and is not", () => {
    expect(measureSms("홍길동".normalize("NFD")).kind).toBe("unencodable");
  });

  it("stops listing where nobody would read on, but still counts", () => {
    const measured = measureSms("😀".repeat(500));
    expect(measured).toMatchObject({ kind: "unencodable", bytes: 1_000 });
    expect("found" in measured ? measured.found : []).toHaveLength(MAX_UNENCODABLE);
  });

  const anyMessage = fc.oneof(
    anyText,
    fc.string({
      unit: fc.constantFrom("가", "힝", "A", " ", "\n", "뷁", "😀", "\ud800", "李", "①", "₩"),
      maxLength: 80,
    }),
  );

  it("always says of a text what it says of its parts", () => {
    fc.assert(
      fc.property(anyMessage, anyMessage, fc.constantFrom(KOREAN_SMS_LIMITS, uhc), (one, other, limits) => {
        // A pair of surrogates may come together at the seam and be one character.
        fc.pre((one + other).length === one.length + other.length && !/[\ud800-\udbff]$/.test(one));
        const [first, second, both] = [one, other, one + other].map((text) => measureSms(text, limits));
        expect(both?.bytes).toBe((first?.bytes ?? 0) + (second?.bytes ?? 0));
        const bad = first?.kind === "unencodable" || second?.kind === "unencodable";
        expect(both?.kind === "unencodable").toBe(bad);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never calls sendable what is not, and what it names is always what stands there", () => {
    fc.assert(
      fc.property(anyMessage, fc.constantFrom(KOREAN_SMS_LIMITS, uhc), (text, limits) => {
        const measured = measureSms(text, limits);
        const unsendable = [...text].filter(
          (c) => bytesOf(c.codePointAt(0) ?? 0, limits.charset) === undefined,
        );
        const found = measured.kind === "unencodable" ? measured.found : [];
        const lines = text.split("\n");
        expect(found.map(({ index }) => String.fromCodePoint(text.codePointAt(index) ?? 0))).toEqual(
          unsendable,
        );
        for (const { index, line, column, codePoint } of found) {
          const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
          expect([...(lines[line - 1] ?? "")][column - 1]).toBe(character);
          expect(codePoint).toBe(`U+${text.codePointAt(index)?.toString(16).toUpperCase().padStart(4, "0")}`);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the character set", () => {
  const all = Array.from({ length: 0x1_0000 }, (_, codePoint) => codePoint);
  const having = (bytes: 1 | 2, charset: "ks-x-1001" | "uhc") =>
    all
      .filter((codePoint) => bytesOf(codePoint, charset) === bytes)
      .map((codePoint) => String.fromCodePoint(codePoint));

  it("is KS X 1001: 2,350 syllables, 4,888 Chinese characters and 985 signs that can be seen", () => {
    const two = having(2, "ks-x-1001");
    expect(two.filter((character) => /[가-힣]/.test(character))).toHaveLength(2_350);
    expect(two.filter((character) => /\p{Script=Han}/u.test(character))).toHaveLength(4_888);
    expect(two).toHaveLength(2_350 + 4_888 + 985);
  });

  it("has every syllable as UHC, and nothing else in addition", () => {
    const added = having(2, "uhc").length - having(2, "ks-x-1001").length;
    expect(added).toBe(8_822);
    expect(having(2, "uhc").filter((character) => /[가-힣]/.test(character))).toHaveLength(11_172);
  });

  it("has visible ASCII and line breaks as single bytes, and no other control", () => {
    expect(having(1, "ks-x-1001").join("")).toMatch(/^\n\r[ -~]{95}$/);
  });

  it("leaves out what gateways are not agreed on", () => {
    for (const character of ["€", "®", "₩", "\u3164", "\ue000", "\ufffd", "\u00a0", "—"]) {
      expect(bytesOf(character.codePointAt(0) ?? 0, "uhc"), character).toBeUndefined();
    }
    for (const character of ["￦", "※", "→", "·", "℃", "Ⅳ", "㎡", "─", "ㄱ", "Ａ"]) {
      expect(bytesOf(character.codePointAt(0) ?? 0, "ks-x-1001"), character).toBe(2);
    }
  });
});
