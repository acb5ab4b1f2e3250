import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conceal, reveal } from "../../src/domain/masking-sensitive.ts";
import { phoneNumber } from "../../src/domain/phone.ts";
import { PHONE_REFUSALS, readPhone } from "../../src/domain/phone-plan.ts";
import { anyText } from "./text-arbitraries.ts";

const e164Of = (written: string) => {
  const read = phoneNumber(conceal(written));
  return Result.isSuccess(read) ? reveal(read.success).e164 : read.failure;
};

describe("phoneNumber", () => {
  it("reads a mobile number in any usual spelling as one number, and shows it masked", () => {
    const number = Result.getOrThrow(phoneNumber(conceal("010-1234-5678")));
    expect(reveal(number)).toEqual({ kind: "mobile", e164: "+821012345678", national: "010-1234-5678" });
    expect(String(number)).toBe("010-****-5678");
  });

  it.each([
    "01012345678",
    "010 1234 5678",
    "010.1234.5678",
    "(010) 1234-5678",
    " 010-1234-5678 ",
    "010 - 1234 - 5678",
    "+821012345678",
    "+82-10-1234-5678",
    "+82 (0)10-1234-5678",
    "+82 010 1234 5678",
    "821012345678",
  ])("takes %j for the same", (written) => {
    expect(e164Of(written)).toBe("+821012345678");
  });

  it.each([
    ["02-345-6789", "+8223456789"],
    ["02)2345-6789", "+82223456789"],
    ["031-234-5678", "+82312345678"],
    ["064-712-3456", "+82647123456"],
    ["070-1234-5678", "+827012345678"],
    ["0505-123-4567", "+825051234567"],
    ["011-234-5678", "+82112345678"],
    ["+82 2 2345 6789", "+82223456789"],
  ])("takes %s as %s", (written, e164) => {
    expect(e164Of(written)).toBe(e164);
  });

  it.each([
    ["", "empty"],
    ["   ", "empty"],
    ["010-1234-567", "wrong-length"],
    ["010-1234-56789", "wrong-length"],
    ["02-123-4567", "wrong-length"],
    ["010-1234-567a", "strange-character"],
    ["０１０-1234-5678", "strange-character"],
    ["010--1234----5678", "strange-character"],
    ["010-1234-5678;ext=1", "strange-character"],
    ["010-1234-5678\r\nTo: x", "strange-character"],
    ["010+12345678", "strange-character"],
    ["-010-1234-5678", "strange-character"],
    ["+1 415 555 2671", "foreign"],
    ["00821012345678", "foreign"],
    ["+820012345678", "foreign"],
    ["1588-1234", "not-a-person"],
    ["080-123-4567", "not-a-person"],
    ["060-700-1234", "not-a-person"],
    ["112", "not-a-person"],
    ["09012345678", "unknown-prefix"],
    ["5551234", "unknown-prefix"],
    ["0".repeat(41), "too-long"],
  ])("refuses %j: %s", (written, refusal) => {
    expect(e164Of(written)).toBe(refusal);
  });

  it("always reads a number that it has written, in each of its forms, as the same number", () => {
    const digits = (length: number) =>
      fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: length, maxLength: length });
    const exchange = (length: number) =>
      fc.tuple(fc.constantFrom(..."23456789"), digits(length - 1)).map((parts) => parts.join(""));
    const anyNational = fc.oneof(
      digits(8).map((rest) => ["010", rest] as const),
      fc.tuple(fc.constantFrom("011", "016", "019"), fc.oneof(digits(7), digits(8))),
      fc.tuple(fc.constantFrom("02", "031", "043", "055", "064"), fc.oneof(exchange(7), exchange(8))),
      digits(8).map((rest) => ["070", rest] as const),
      fc.tuple(fc.constantFrom("0502", "0508"), fc.oneof(digits(7), digits(8))),
    );
    const anySeparator = fc.constantFrom("", "-", " ", ".", ") ");
    fc.assert(
      fc.property(anyNational, anySeparator, ([prefix, rest], separator) => {
        const plain = e164Of(prefix + rest);
        expect(plain).toBe(`+82${prefix.slice(1)}${rest}`);
        const number = Result.getOrThrow(phoneNumber(conceal(prefix + rest)));
        const { e164, national } = reveal(number);
        const split = `${prefix}${separator}${rest.slice(0, -4)}${separator}${rest.slice(-4)}`;
        for (const written of [e164, national, e164.slice(1), split, `+82${separator}${prefix}${rest}`]) {
          expect(e164Of(written), written).toBe(plain);
        }
        expect(number.masked).not.toContain(rest);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never takes what is not in the plan, never throws, and never repeats what was written", () => {
    const nearly = fc.string({ unit: fc.constantFrom(..."0123456789+-() .8"), maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(nearly, anyText), (written) => {
        const read = e164Of(written);
        expect(read.startsWith("+") ? /^\+82[1-7][0-9]{7,11}$/.test(read) : read in PHONE_REFUSALS).toBe(
          true,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("never takes long over a text made to make it slow", () => {
    const hostile = [`${"1".repeat(39)}x`, `${"1-".repeat(19)}x`, `${"1 - ".repeat(9)}x`];
    const begin = performance.now();
    for (let times = 0; times < 1_000; times += 1) hostile.forEach(readPhone);
    expect(performance.now() - begin).toBeLessThan(500);
  });
});
