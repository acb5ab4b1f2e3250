import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant, noticeId } from "../../../src/domain/ids.ts";
import { DoubtBook, type WaitingDoubt } from "../../../src/streams/upkeep/doubt-book.ts";
import { EMAIL, PERIOD, SMS } from "../../contracts/notice-ledger-commands.ts";

const waiting = (id: string, notBefore: number, more: Partial<WaitingDoubt> = {}): WaitingDoubt => ({
  key: { noticeId: noticeId(id), period: PERIOD },
  channel: EMAIL,
  notBefore: instant(notBefore),
  tries: 0,
  owed: false,
  ...more,
});
const idsOf = (doubts: readonly WaitingDoubt[]): readonly string[] => doubts.map(({ key }) => key.noticeId);
const everywhere = () => Infinity;

describe("DoubtBook", () => {
  it("brings those whose time has come, and no more of a channel than it has places", () => {
    const book = new DoubtBook(10);
    for (const [id, at] of [
      ["a", 5],
      ["b", 10],
      ["c", 10],
    ] as const)
      book.wait(waiting(id, at));
    book.wait(waiting("other", 5, { channel: SMS }));
    expect(idsOf(book.ripe(instant(9), 10, everywhere))).toEqual(["a", "other"]);
    expect(idsOf(book.ripe(instant(10), 10, (channel) => (channel === EMAIL ? 2 : 0)))).toEqual(["a", "b"]);
    expect(idsOf(book.ripe(instant(10), 1, everywhere))).toHaveLength(1);
  });

  it("knows what is under way, and forgets it when it is over", () => {
    const book = new DoubtBook(10);
    book.wait(waiting("a", 0));
    book.begin("a", EMAIL);
    expect([book.knows("a"), book.waiting, book.underWay, book.underWayOn(EMAIL)]).toEqual([true, 0, 1, 1]);
    expect(book.ripe(instant(10), 10, everywhere)).toEqual([]);
    book.forget("a");
    expect(book.knows("a")).toBe(false);
  });

  it("counts what is owed", () => {
    const book = new DoubtBook(10);
    book.wait(waiting("a", 0, { owed: true }));
    book.wait(waiting("b", 0));
    expect([book.waiting, book.owed]).toEqual([2, 1]);
    book.wait(waiting("a", 0));
    expect([book.waiting, book.owed]).toEqual([2, 0]);
  });

  it("never remembers more than its bound", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.array(fc.tuple(fc.nat(30), fc.nat(2))), (most, steps) => {
        const book = new DoubtBook(most);
        for (const [id, what] of steps) {
          if (what === 0) book.wait(waiting(`n${id}`, id));
          if (what === 1) book.begin(`n${id}`, EMAIL);
          if (what === 2) book.forget(`n${id}`);
          expect(book.waiting).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
