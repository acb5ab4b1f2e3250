import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { period } from "../../src/domain/ids.ts";
import { noticeIdFor, periodOfNoticeId } from "../../src/service/notice-ids.ts";

const key = fc.record({
  period: fc
    .integer({ min: 1900, max: 9999 })
    .chain((year) => fc.integer({ min: 1, max: 12 }).map((month) => period(year * 100 + month))),
  billId: fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
  purpose: fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
});

describe("noticeIdFor", () => {
  it("is the same for the same bill, month and purpose, on every machine and for ever", () => {
    expect(noticeIdFor({ period: period(202611), billId: "b-1", purpose: "monthly-bill" })).toBe(
      "202611-104c2d0502314fdb1d4f2080f8c72141",
    );
  });

  it("always tells the month, and never gives two bills one id", () => {
    fc.assert(
      fc.property(key, key, (one, other) => {
        expect(periodOfNoticeId(noticeIdFor(one))).toBe(one.period);
        const same =
          one.period === other.period && one.billId === other.billId && one.purpose === other.purpose;
        expect(noticeIdFor(one) === noticeIdFor(other)).toBe(same);
      }),
      { numRuns: 1_000 },
    );
  });

  it("does not mistake the end of a bill's id for the beginning of its purpose", () => {
    const of = (billId: string, purpose: string) => noticeIdFor({ period: period(202611), billId, purpose });
    expect(of("a", "bc")).not.toBe(of("ab", "c"));
    expect(of('a","b', "c")).not.toBe(of("a", 'b","c'));
  });

  it.each(["n-1", "202613-00000000000000000000000000000000", "202611-xyz", ""])(
    "knows no month in %j",
    (id) => {
      expect(periodOfNoticeId(id)).toBeNull();
    },
  );
});
