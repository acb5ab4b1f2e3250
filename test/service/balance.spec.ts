/**
 * The balance from counts of groups: every notice stands somewhere, and nowhere twice.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant } from "../../src/domain/ids.ts";
import { STATUSES } from "../../src/domain/notice.ts";
import type { NoticeCount, NoticeCounts } from "../../src/domain/ports/ledger-reports.ts";
import { STANDINGS } from "../../src/domain/standing.ts";
import { balanceOf, waitMs } from "../../src/service/balance.ts";
import { START } from "../contracts/notice-ledger-commands.ts";

const countsOf = (groups: readonly NoticeCount[]): NoticeCounts => ({
  at: instant(START),
  groups,
  openLetters: { failed: 0, doubt: 0 },
  oldestDoubtAt: null,
});

describe("balanceOf", () => {
  it("tells what waits for a time or a reason from what is open", () => {
    const due: NoticeCount = {
      status: "ready",
      holdReason: null,
      isAhead: false,
      count: 1,
      earliestDueAt: instant(START),
    };
    const balance = balanceOf(
      countsOf([
        due,
        { ...due, holdReason: "operator", count: 2 },
        { ...due, earliestDueAt: instant(START + 1), isAhead: true, count: 4 },
        { ...due, status: "sent", count: 8 },
      ]),
    );
    expect(balance).toMatchObject({ ingested: 15, open: 1, held: 6, sent: 8, failed: 0 });
  });

  it("says how long the first of those that wait for a time still waits", () => {
    const due: NoticeCount = {
      ...{ status: "ready", holdReason: null, isAhead: true, count: 1 },
      earliestDueAt: instant(START + 500),
    };
    expect(waitMs(countsOf([]))).toBe(Infinity);
    expect(waitMs(countsOf([due, { ...due, earliestDueAt: instant(START + 7_200_000) }]))).toBe(500);
    expect(waitMs(countsOf([{ ...due, earliestDueAt: instant(START - 1), isAhead: false }]))).toBe(0);
    // an operator's hold has no time, and what is over waits for nothing
    expect(waitMs(countsOf([{ ...due, holdReason: "operator" }]))).toBe(Infinity);
    expect(waitMs(countsOf([{ ...due, status: "sent" }]))).toBe(Infinity);
  });

  it("always sums to what was ingested", () => {
    const group = fc.record({
      status: fc.constantFrom(...STATUSES),
      holdReason: fc.constantFrom("operator" as const, null),
      isAhead: fc.boolean(),
      earliestDueAt: fc.integer({ min: START - 5, max: START + 5 }).map(instant),
      count: fc.nat(1_000_000),
    });
    fc.assert(
      fc.property(fc.array(group), (groups) => {
        const balance = balanceOf(countsOf(groups));
        const total = groups.reduce((sum, { count }) => sum + count, 0);
        expect(balance.ingested).toBe(total);
        expect(STANDINGS.reduce((sum, name) => sum + balance[name], 0)).toBe(total);
      }),
      { numRuns: 1_000 },
    );
  });
});
