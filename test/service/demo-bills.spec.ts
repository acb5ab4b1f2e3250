import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBillLine, type BillLine } from "../../src/domain/bill-line.ts";
import { isMadeToFail } from "../../src/domain/demo-address.ts";
import { instant } from "../../src/domain/ids.ts";
import { reveal } from "../../src/domain/masking-sensitive.ts";
import { isWithin } from "../../src/domain/quiet-hours-interval.ts";
import { readOwnQuietHours } from "../../src/domain/quiet-hours-own.ts";
import { SEOUL, zoneTime } from "../../src/domain/zone-time.ts";
import { demoBills, type DemoBillsOptions } from "../../src/service/demo-bills.ts";

const NOW = instant(Date.UTC(2026, 10, 21, 2, 30));
const RUNS = { numRuns: 1_000 };

const linesOf = (options: Partial<DemoBillsOptions>): readonly BillLine[] =>
  [...demoBills({ count: 40, name: "demo-1", now: NOW, ...options })].map((source) => {
    if (!("row" in source)) throw new Error("a demo line without a row");
    return Result.getOrThrow(readBillLine(source.row, { zone: SEOUL }));
  });

const fails = ({ email, phone }: BillLine): boolean[] => [
  email !== null && isMadeToFail(reveal(email)),
  phone !== null && isMadeToFail(reveal(phone).e164),
];

const isQuietNow = (line: BillLine): boolean => {
  const own = Result.getOrThrow(readOwnQuietHours(line.quietHours));
  return (
    own !== null && own.intervals.some((each) => isWithin(each, zoneTime(NOW, own.zone ?? SEOUL).minuteOfDay))
  );
};

describe("demoBills", () => {
  it("makes a person with a Korean name, an address, a telephone and a bill of some ten lines", () => {
    const [line] = linesOf({ failing: 0, quiet: 0 });
    expect(line).toMatchObject({
      userId: "member-000001",
      billId: "demo-1-000001",
      period: 202611,
      dueAt: NOW,
    });
    const bill = reveal(line?.bill ?? expect.fail("no line"));
    expect(bill["name"]).toMatch(/^[가-힣]{2,5}$/);
    const items = bill["items"];
    expect(Array.isArray(items) && items.length >= 8 && items.length <= 11).toBe(true);
    expect(bill["total"]).toBeGreaterThan(0);
  });

  it("always makes lines that ingest takes, each bill once, with exactly as many failures and quiet hours as were asked for", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        fc.nat({ max: 70 }),
        fc.nat({ max: 70 }),
        fc.nat(),
        (count, failing, quiet, seed) => {
          const lines = linesOf({ count, failing, quiet, seed });
          expect(lines).toHaveLength(count);
          expect(new Set(lines.map(({ billId }) => billId)).size).toBe(count);
          expect(lines.map(fails).every(([byEmail, bySms]) => byEmail === bySms)).toBe(true);
          const failed = lines.filter((line) => fails(line)[0]);
          expect(failed).toHaveLength(Math.min(count, failing));
          const held = lines.filter(isQuietNow);
          expect(held).toHaveLength(Math.min(quiet, count - failed.length));
          expect(held.some((line) => fails(line)[0])).toBe(false);
        },
      ),
      RUNS,
    );
  });

  it("always makes the same bills from the same seed, and others from another", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const made = (by: number) =>
          JSON.stringify([...demoBills({ count: 5, name: "d", now: NOW, seed: by })]);
        expect(made(seed)).toBe(made(seed));
        expect(made(seed)).not.toBe(made(seed + 1));
      }),
      RUNS,
    );
  });

  it("never reaches anybody: every address is reserved, every number impossible", () => {
    for (const { email, phone } of linesOf({ count: 2_000 })) {
      expect(reveal(email ?? expect.fail("no e-mail"))).toMatch(/@(example\.com|demo\.invalid)$/);
      expect(reveal(phone ?? expect.fail("no telephone")).national).toMatch(/^010-0\d{3}-\d{4}$/);
    }
  });

  it("knows quiet hours at every minute of the day, over midnight too", () => {
    for (let minute = 0; minute < 1_440; minute += 1) {
      const now = instant(NOW + minute * 60_000);
      const [source] = demoBills({ count: 1, name: "d", now, failing: 0, quiet: 1 });
      const row = source !== undefined && "row" in source ? source.row : expect.fail("no row");
      const { quietHours } = Result.getOrThrow(readBillLine(row, { zone: SEOUL }));
      const own = Result.getOrThrow(readOwnQuietHours(quietHours));
      const interval = own?.intervals[0] ?? expect.fail("no interval");
      const { minuteOfDay } = zoneTime(now, SEOUL);
      for (const after of [-59, 0, 1, 119])
        expect(isWithin(interval, (minuteOfDay + after + 1_440) % 1_440)).toBe(true);
      expect(isWithin(interval, (minuteOfDay + 120) % 1_440)).toBe(false);
    }
  });
});
