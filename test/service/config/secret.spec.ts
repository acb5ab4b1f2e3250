import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { reveal } from "../../../src/domain/masking-sensitive.ts";
import { secret } from "../../../src/service/config/secret.ts";

describe("a secret", () => {
  it("prints as stars whatever it is put into, and is had by one explicit call", () => {
    const token = secret("geheim");
    const shown = [
      String(token),
      `${token.toString()}`,
      JSON.stringify({ token }),
      inspect({ token }, { depth: 9 }),
    ];
    for (const text of shown) {
      expect(text).toContain("***");
      expect(text).not.toContain("geheim");
    }
    expect(reveal(token)).toBe("geheim");
  });
});
