import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { billFields, storedBill } from "../../src/domain/bill.ts";
import { readBillLine, type BillLine, type BillRow } from "../../src/domain/bill-line.ts";
import { instant } from "../../src/domain/ids.ts";
import { reveal } from "../../src/domain/masking-sensitive.ts";
import { readOwnQuietHours } from "../../src/domain/quiet-hours-own.ts";
import { SEOUL } from "../../src/domain/zone-time.ts";
import { aboutTheMember, aboutTheNotice, newNotice } from "../../src/service/new-notice.ts";
import { aRow, cipher, NOW } from "./bill-rows.ts";

const STAMP = { now: NOW, expiresAfterMs: 1_000, kind: "bill", priority: 0, actor: "test" };
const SEALING = { cipher, sealedAbout: aboutTheNotice };
const lineOf = (row: BillRow): BillLine => Result.getOrThrow(readBillLine(row, { zone: SEOUL }));
const opened = (sealed: string | undefined, about: string): string =>
  reveal(Result.getOrThrow(cipher.open(sealed ?? "", about)));

describe("newNotice", () => {
  it("seals each contact and the bill for the notice, and leaves to the ledger what routing decides by", () => {
    const notice = newNotice(
      lineOf(aRow(1, { quiet_from: "22:00", quiet_to: "07:00" })),
      null,
      SEALING,
      STAMP,
    );
    const contacts: Readonly<Record<string, string>> = notice.contacts;
    expect(opened(contacts["email"], notice.noticeId)).toBe("hong.gildong@example.com");
    expect(opened(contacts["sms"], notice.noticeId)).toBe("+821001234567");
    const { sealed, ref } = Result.getOrThrow(storedBill(notice.content));
    expect(ref).toBeNull();
    expect(Result.getOrThrow(billFields(opened(sealed, notice.noticeId)))).toEqual({
      name: "홍길동",
      grade: "VIP",
      items: [{ label: "기본료", amount: 33_000 }],
      total: 33_000,
    });
    expect(Result.getOrThrow(readOwnQuietHours(notice.routing["quietHours"]))).toEqual({
      zone: SEOUL,
      intervals: [{ fromMinute: 1_320, untilMinute: 420 }],
    });
  });

  it("never lets a name, an address or a number through in the clear", () => {
    const word = fc.string({ unit: fc.constantFrom(..."abcdefghijklmnop"), minLength: 6, maxLength: 20 });
    const name = fc.string({ unit: fc.constantFrom(..."가나다라마바사아자차"), minLength: 3, maxLength: 6 });
    const digits = fc.integer({ min: 20_000_000, max: 99_999_999 });
    fc.assert(
      fc.property(word, name, digits, (local, person, number) => {
        const notice = newNotice(
          lineOf(aRow(1, { name: person, email: `${local}@example.com`, phone: `010${number}` })),
          null,
          SEALING,
          STAMP,
        );
        const kept = JSON.stringify(notice);
        for (const secret of [local, "example.com", person, String(number)])
          expect(kept).not.toContain(secret);
      }),
      { numRuns: 1_000 },
    );
  });

  it("has only the contacts that the line has", () => {
    const contactsOf = (row: BillRow) => Object.keys(newNotice(lineOf(row), null, SEALING, STAMP).contacts);
    expect(contactsOf(aRow(1, { phone: "" }))).toEqual(["email"]);
    expect(contactsOf(aRow(1, { email: null }))).toEqual(["sms"]);
  });

  it("expires when the line says, else so long after it may be sent, or after now where that is past", () => {
    const expiry = (row: BillRow) => newNotice(lineOf(row), null, SEALING, STAMP).expiresAt;
    expect(expiry(aRow(1, { expires_at: "2026-12-01T00:00:00Z" }))).toBe(Date.UTC(2026, 11, 1));
    expect(expiry(aRow(1, { available_at: "2026-11-01" }))).toBe(NOW + 1_000);
    const later = instant(NOW + 86_400_000);
    expect(expiry(aRow(1, { available_at: new Date(later).toISOString() }))).toBe(later + 1_000);
  });

  it("binds to the member, where that is asked for", () => {
    const notice = newNotice(lineOf(aRow(1)), null, { cipher, sealedAbout: aboutTheMember }, STAMP);
    const contacts: Readonly<Record<string, string>> = notice.contacts;
    expect(opened(contacts["email"], "member-1")).toBe("hong.gildong@example.com");
    expect(Result.isFailure(cipher.open(contacts["email"] ?? "", notice.noticeId))).toBe(true);
  });
});
