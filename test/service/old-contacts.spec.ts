import { createCipheriv, createSecretKey, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentCipher } from "../../src/adapters/crypto/index.ts";
import { conceal } from "../../src/domain/masking-sensitive.ts";
import { contactsOpened, oldContacts } from "../../src/service/old-contacts.ts";
import { aRow } from "./bill-rows.ts";

const key = createSecretKey(randomBytes(32));
const cipher = contentCipher({
  ring: { present: "t", keys: new Map([["t", key]]), old: [{ format: "ecb", key, iv: null }] },
});
const open = oldContacts(cipher);
const sealed = (text: string): string => {
  const ecb = createCipheriv("aes-256-ecb", key, null);
  return Buffer.concat([ecb.update(text, "utf8"), ecb.final()]).toString("base64");
};

describe("contacts that an earlier system has encrypted", () => {
  it("are opened, and nothing else of the row is looked at", () => {
    const row = aRow(1, {
      email: ` ${sealed("hong@example.com")} `,
      phone: sealed("010-0123-4567"),
      name: sealed("hong@example.com"),
    });
    expect(contactsOpened(row, open)).toEqual({ ...row, email: "hong@example.com", phone: "010-0123-4567" });
  });

  it("always leave what is written in the clear as it is, and what does not open", () => {
    const plain = fc.oneof(fc.emailAddress(), fc.string(), fc.base64String(), fc.constant(null), fc.nat());
    fc.assert(
      fc.property(plain, plain, (email, phone) => {
        const row = aRow(1, { email, phone });
        expect(contactsOpened(row, open)).toEqual(row);
      }),
      { numRuns: 1_000 },
    );
  });

  it("are not what the present format has sealed: that belongs to somebody, and opens for nobody else", () => {
    const row = aRow(1, { email: cipher.seal(conceal("hong@example.com"), "a notice") });
    expect(contactsOpened(row, open)).toEqual(row);
  });
});
