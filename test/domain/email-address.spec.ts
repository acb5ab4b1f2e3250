import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emailAddress } from "../../src/domain/email-address.ts";
import { EMAIL_REFUSALS } from "../../src/domain/email-address-syntax.ts";
import { conceal, reveal } from "../../src/domain/masking-sensitive.ts";
import { anyText } from "./text-arbitraries.ts";

const read = (written: string) => {
  const address = emailAddress(conceal(written));
  return Result.isSuccess(address) ? reveal(address.success) : address.failure;
};

describe("emailAddress", () => {
  it("keeps the address with its domain in lower case, and shows it masked", () => {
    const address = Result.getOrThrow(emailAddress(conceal("Hong.Gildong+bill@Example.CO.KR")));
    expect(reveal(address)).toBe("Hong.Gildong+bill@example.co.kr");
    expect(String(address)).toBe("Ho***@example.co.kr");
  });

  it.each([
    "a@b.kr",
    "o'hara@example.com",
    "user_name-1@sub.domain.example",
    "a@xn--bj0bj06e.xn--3e0b707e",
    `${"a".repeat(64)}@example.com`,
    "a@1.example",
  ])("takes %s", (written) => {
    expect(read(written)).toBe(written);
  });

  it.each([
    ["", "empty"],
    ["plain", "at-sign"],
    ["a@b@example.com", "at-sign"],
    ["@example.com", "local-length"],
    [`${"a".repeat(65)}@example.com`, "local-length"],
    [`${"a".repeat(60)}@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(63)}.kr`, "too-long"],
    ["a b@example.com", "control-or-space"],
    [" a@example.com", "control-or-space"],
    ["a@example.com\r\nBcc: all@example.com", "control-or-space"],
    ["a\u0000@example.com", "control-or-space"],
    ["a\u200b@example.com", "control-or-space"],
    ["a@exam\u00adple.com", "control-or-space"],
    [".a@example.com", "dots"],
    ["a.@example.com", "dots"],
    ["a..b@example.com", "dots"],
    ['"a"@example.com', "local-characters"],
    ["a(comment)@example.com", "local-characters"],
    ["a,b@example.com", "local-characters"],
    ["홍길동@example.com", "local-not-ascii"],
    ["a@한국.kr", "domain-not-ascii"],
    ["a@localhost", "domain-shape"],
    ["a@-example.com", "domain-shape"],
    ["a@example-.com", "domain-shape"],
    ["a@example..com", "domain-shape"],
    ["a@.com", "domain-shape"],
    ["a@example.com.", "domain-shape"],
    ["a@", "domain-shape"],
    ["a@[127.0.0.1]", "domain-shape"],
    ["a@127.0.0.1", "domain-shape"],
    ["a@exa_mple.com", "domain-shape"],
    [`a@${"b".repeat(64)}.com`, "domain-shape"],
  ])("refuses %j: %s", (written, refusal) => {
    expect(read(written)).toBe(refusal);
  });

  it("always takes a well-made address as it is, whatever the case of its domain", () => {
    const anyLabel = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?$/);
    const anyTop = fc.stringMatching(/^[a-z]{2,10}$/);
    const anyAtom = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,15}$/);
    const anyAddress = fc.record({
      local: fc.array(anyAtom, { minLength: 1, maxLength: 3 }).map((atoms) => atoms.join(".")),
      labels: fc.array(anyLabel, { minLength: 1, maxLength: 4 }),
      top: anyTop,
    });
    fc.assert(
      fc.property(anyAddress, ({ local, labels, top }) => {
        const domain = [...labels, top].join(".");
        expect(read(`${local}@${domain}`)).toBe(`${local}@${domain}`);
        expect(read(`${local}@${domain.toUpperCase()}`)).toBe(`${local}@${domain}`);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never takes what could end a header or hide something, wherever it stands", () => {
    const bad = fc.constantFrom(
      "\r",
      "\n",
      "\t",
      " ",
      "\u0000",
      "\u007f",
      "\u0085",
      "\u2028",
      "\u202e",
      "\ufeff",
      "@",
      ",",
      ";",
      "<",
      ">",
      '"',
      "\\",
      "\ud800",
    );
    const good = "honggildong@example.com";
    fc.assert(
      fc.property(bad, fc.nat(good.length), (character, place) => {
        expect(read(good.slice(0, place) + character + good.slice(place)) in EMAIL_REFUSALS).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never throws, and what it takes it takes again unchanged", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.emailAddress()), (written) => {
        const taken = read(written);
        if (!(taken in EMAIL_REFUSALS)) expect(read(taken)).toBe(taken);
      }),
      { numRuns: 1_000 },
    );
  });
});
