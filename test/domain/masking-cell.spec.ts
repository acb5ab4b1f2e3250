import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shownCell } from "../../src/domain/masking-cell.ts";

const RUNS = { numRuns: 1_000 };
const anyColumn = fc.constantFrom(
  "user_id",
  "available_at",
  "billing_month",
  "name",
  "email",
  "phone",
  "items",
  "zone",
);

describe("shownCell", () => {
  it.each([
    ["billing_month", "202613", "202613"],
    ["billing_month", "2026-13", "2026-13"],
    ["available_at", "2026-11-31T10:00:00+09:00", "2026-11-31T10:00:00+09:00"],
    ["quiet_from", "25:00", "25:00"],
    ["send_day", "32", "32"],
    ["zone", "Asia/Seul", "Asia/Seul"],
    ["email", "hong.gildong@example.com", "ho***@example.com"],
    ["email", "hong gildong@example.com", "***"],
    ["phone", "010-1234-5678", "010-****-5678"],
    ["phone", "010-1234-567", "***"],
    ["name", "홍길동", "홍*동"],
    ["user_id", "hong gildong", "***"],
    ["user_id", "", ""],
  ])("in the column %s shows %j as %j", (column, written, shown) => {
    expect(shownCell(column, written)).toBe(shown);
  });

  it("never shows a telephone number, whichever column it slipped into and however it is written", () => {
    const number = fc.tuple(
      fc.constantFrom("010", "02", "031", "+82 10", "8210", "011"),
      fc.integer({ min: 2_000_000, max: 99_999_999 }),
    );
    const separator = fc.constantFrom("", "-", " ", ".", "/", ":");
    fc.assert(
      fc.property(anyColumn, number, separator, (column, [prefix, subscriber], mark) => {
        const digits = String(subscriber);
        for (const written of [
          prefix + mark + digits.slice(0, -4) + mark + digits.slice(-4),
          `${prefix}${mark}${digits}`,
          `call ${prefix}${digits}`,
        ])
          expect(shownCell(column, written).replaceAll(/\D/g, "")).not.toContain(digits);
      }),
      RUNS,
    );
  });

  it("never shows what stands before an @", () => {
    const local = fc.string({
      unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz0123456789."),
      minLength: 4,
      maxLength: 30,
    });
    fc.assert(
      fc.property(
        anyColumn,
        local,
        fc.constantFrom("@example.com", "@", " @ example.com", "@@x.kr"),
        (column, before, after) => {
          expect(shownCell(column, before + after)).not.toContain(before);
        },
      ),
      RUNS,
    );
  });

  it("never shows Korean words whole", () => {
    const words = fc
      .string({ unit: fc.constantFrom(..."가나다라마바사아자차 "), minLength: 2, maxLength: 30 })
      .filter((text) => text.trim().length > 1);
    fc.assert(
      fc.property(anyColumn, words, (column, written) => {
        expect(shownCell(column, written)).not.toContain(written.trim());
      }),
      RUNS,
    );
  });
});
