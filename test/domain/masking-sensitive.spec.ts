import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskEmail } from "../../src/domain/masking.ts";
import { conceal, personName, reveal, Sensitive } from "../../src/domain/masking-sensitive.ts";

const address = "honggildong@example.com";
const contact = new Sensitive("email-address", address, maskEmail(address));

/** Everything that turns a value into text by accident. */
const printings: readonly (readonly [how: string, print: (value: Sensitive<unknown>) => string])[] = [
  ["String", (value) => String(value)],
  ["a template", (value) => `${value as unknown as string}`],
  ["adding to a text", (value) => "" + (value as unknown as string)],
  ["JSON", (value) => JSON.stringify({ value })],
  ["inspection", (value) => inspect({ value }, { depth: null, showHidden: true })],
  ["inspection without custom forms", (value) => inspect(value, { customInspect: false, showHidden: true })],
  ["listing its parts", (value) => JSON.stringify(Object.entries(value))],
  ["spreading it", (value) => JSON.stringify({ ...value })],
  ["every own property", (value) => JSON.stringify(Object.values(Object.getOwnPropertyDescriptors(value)))],
  ["an error's message", (value) => inspect(new Error(String(value), { cause: value }))],
  ["cloning it", (value) => inspect(structuredClone({ ...value }))],
  ["a locale's form", (value) => value.toLocaleString()],
];

describe("a sensitive value", () => {
  it("is had in the clear by asking for it", () => {
    expect(reveal(contact)).toBe(address);
  });

  it.each(printings)("shows its mask through %s", (_how, print) => {
    expect(print(contact)).toContain("ho***@example.com");
    expect(print(contact)).not.toContain("honggildong");
  });

  it("is not readable before it is known what it is", () => {
    expect(String(conceal(address))).toBe("***");
    expect(String(personName(conceal("홍길동")))).toBe("홍*동");
  });

  it("never shows its value, whatever it is and however it is printed", () => {
    // Long enough not to occur by chance in what surrounds it.
    const anyValue = fc.string({ minLength: 12, unit: fc.constantFrom(..."abcdefghij홍길동0123456789") });
    fc.assert(
      fc.property(anyValue, (value) => {
        const concealed = conceal(value);
        expect(reveal(concealed)).toBe(value);
        for (const [how, print] of printings) expect(print(concealed), how).not.toContain(value);
      }),
      { numRuns: 1_000 },
    );
  });
});
