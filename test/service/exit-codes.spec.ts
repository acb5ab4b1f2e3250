import { describe, expect, it } from "vitest";
import { EXIT } from "../../src/service/exit-codes.ts";

describe("exit codes", () => {
  it("are the numbers that scripts rely on", () => {
    expect(EXIT).toEqual({ ok: 0, failed: 1, usage: 2, refused: 3, conflict: 4, partial: 5 });
  });
});
