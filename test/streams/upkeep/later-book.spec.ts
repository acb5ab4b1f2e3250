import { describe, expect, it } from "vitest";
import { LaterBook } from "../../../src/streams/upkeep/later-book.ts";

describe("LaterBook", () => {
  it("knows who need not be looked at before when", () => {
    const book = new LaterBook<number>(10);
    book.put("a", 5);
    expect([book.isTime("a", 4), book.isTime("a", 5), book.isTime("unknown", 0)]).toEqual([
      false,
      true,
      true,
    ]);
    book.forget("a");
    expect(book.isTime("a", 0)).toBe(true);
  });

  it("forgets the oldest beyond its bound", () => {
    const book = new LaterBook<number>(2);
    for (const id of ["a", "b", "a", "c"]) book.put(id, 9);
    expect([book.count, book.isTime("a", 0), book.isTime("b", 0), book.isTime("c", 0)]).toEqual([
      2,
      false,
      true,
      false,
    ]);
  });
});
