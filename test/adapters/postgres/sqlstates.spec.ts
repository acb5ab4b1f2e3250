import { describe, expect, it } from "vitest";
import { commitWasRefused, remedyFor } from "../../../src/adapters/postgres/sqlstates.ts";

describe("an error of Postgres", () => {
  it.each([
    ["40P01", "a deadlock", "retry"],
    ["40001", "a serialization failure", "retry"],
    ["57P01", "the server going down", "retry"],
    ["57014", "a statement's time limit", "retry"],
    ["08006", "a connection failure", "retry"],
    ["22021", "a NUL in a text", "split"],
    ["22003", "a number out of range", "split"],
    ["23505", "a unique key", "split"],
    ["54000", "a row too large for an index", "split"],
    ["42P01", "a missing table", "refuse"],
    ["42501", "a missing right", "refuse"],
    ["28P01", "a wrong password", "refuse"],
    ["3D000", "a missing database", "refuse"],
    ["53300", "too many connections", "give-up"],
    ["53100", "a full disk", "give-up"],
    ["XX000", "a bug of the server", "give-up"],
    ["ZZZZZ", "nothing that we know", "give-up"],
  ] as const)("%s, %s, asks for: %s", (code, _what, remedy) => {
    expect(remedyFor(code)).toBe(remedy);
  });

  it("in answer to COMMIT counts as a no only where the server can say so after the fact", () => {
    expect(["23505", "40001", "40P01", "25P02"].map(commitWasRefused)).toEqual([true, true, true, true]);
    expect(["57P01", "57P02", "08006", "XX000", "53100"].map(commitWasRefused)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
