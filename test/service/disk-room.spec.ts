import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { freeBytesOf, leftInWords, saysFull } from "../../src/service/disk-room.ts";

describe("a full disk", () => {
  it("is known by what the server, the system or a called program says of it, however deep", () => {
    const said = new Error("initdb: error: could not write to file: No space left on device");
    const wrapped = new Error("could not make its databases", {
      cause: new Error("it ended", { cause: said }),
    });
    const byCode = (code: string) => Object.assign(new Error("-"), { code });
    const bySqlState = Object.assign(new Error("-"), { sqlState: "53100" });
    expect([said, wrapped, byCode("ENOSPC"), byCode("53100"), bySqlState].map(saysFull)).not.toContain(false);
  });

  it("is not what other trouble means", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const memory = Object.assign(new Error("out of memory"), { code: "53200" });
    expect([refused, memory, null, "no space left on device"].map(saysFull)).not.toContain(true);
  });

  it("says what is left, where that is known", async () => {
    expect(await freeBytesOf(tmpdir())).toBeGreaterThan(0);
    expect(await freeBytesOf("/nowhere/at/all")).toBeNull();
    expect([leftInWords(3.9 * 2 ** 20), leftInWords(null)]).toEqual([" (3 MiB left)", ""]);
  });
});
