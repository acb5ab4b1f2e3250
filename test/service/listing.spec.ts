import { expect, it } from "vitest";
import { limitIn, MOST_LISTED, nextAfter, USUALLY_LISTED } from "../../src/service/listing.ts";

it("a page that was filled is gone on behind its last entry, and one that was not is the last", () => {
  expect(nextAfter(["a", "b"], 2, (last) => `after ${last}`)).toBe("after b");
  expect(nextAfter(["a"], 2, String)).toBeNull();
  expect(nextAfter([], 2, String)).toBeNull();
});

it("a list is as long as it was asked for, within what a screen can take", () => {
  expect(limitIn({ limit: "7" })).toBe(7);
  expect(limitIn({})).toBe(USUALLY_LISTED);
  expect(() => limitIn({ limit: String(MOST_LISTED + 1) })).toThrow(/--limit/);
});
