import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failingEmail, failingPhone, isMadeToFail } from "../../src/domain/demo-address.ts";
import { readEmail } from "../../src/domain/email-address-syntax.ts";
import { readPhone } from "../../src/domain/phone-plan.ts";

describe("an address that is made to fail", () => {
  it.each([
    "made-to-fail-3@demo.invalid",
    "someone@INVALID",
    "+82 10-0000-1234",
    "010-0000-0001",
    "+821000000007",
  ])("is told by how it looks: %s", (address) => {
    expect(isMadeToFail(address)).toBe(true);
  });

  it.each([
    "someone@example.com",
    "someone@invalid.example.com",
    "invalid@example.com",
    "010-1234-0000",
    "01012340000",
    "",
  ])("is never one that could reach somebody: %s", (address) => {
    expect(isMadeToFail(address)).toBe(false);
  });

  it("always passes the rules for contacts, so that it comes as far as the provider", () => {
    fc.assert(
      fc.property(fc.nat(), (nth) => {
        for (const address of [failingEmail(nth), failingPhone(nth)])
          expect(isMadeToFail(address)).toBe(true);
        expect(Result.isSuccess(readEmail(failingEmail(nth)))).toBe(true);
        expect(Result.isSuccess(readPhone(failingPhone(nth)))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
