import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openBillFile, type BillFormat } from "../../../src/adapters/files/index.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-bill-file-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileWith = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const count = async (path: string, format?: BillFormat): Promise<number> => {
  let lines = 0;
  for await (const _ of (await openBillFile(path, format)).lines) lines += 1;
  return lines;
};
const CSV =
  "user_id,bill_id,billing_month,purpose,available_at,name,email,items\nm,b,202611,bill,2026-11-21,n,e,i\n";

describe("openBillFile", () => {
  it("reads either format by the file's name, or as it was told", async () => {
    expect(await count(fileWith("a.csv", CSV))).toBe(1);
    expect(await count(fileWith("a.JSONL", '{"name":"x"}\n{"name":"y"}'))).toBe(2);
    expect(await count(fileWith("a.txt", CSV), "csv")).toBe(1);
  });

  it("tells how far the reading is", async () => {
    const file = await openBillFile(fileWith("progress.csv", CSV));
    expect([file.sizeBytes, file.readBytes()]).toEqual([CSV.length, 0]);
    for await (const _ of file.lines) expect(file.readBytes()).toBe(CSV.length);
  });

  it.each([
    ["none.csv", "no-such-file", "reading none.csv: there is none"],
    ["folder.csv", "no-file", "reading folder.csv: it is a folder"],
    [
      "unknown.xls",
      "format",
      "reading unknown.xls: its name ends neither with .csv nor with .jsonl: say which format it has",
    ],
  ])("says of %s what is wrong", async (name, code, message) => {
    mkdirSync(join(folder, "folder.csv"), { recursive: true });
    await expect(openBillFile(join(folder, name))).rejects.toMatchObject({
      _tag: "Permanent",
      code,
      message,
    });
  });

  it("says that it may not read", async () => {
    const path = fileWith("closed.csv", CSV);
    chmodSync(path, 0o000);
    // Whoever may do everything may read it, too.
    if (process.getuid?.() === 0) expect(await count(path)).toBe(1);
    else await expect(openBillFile(path)).rejects.toMatchObject({ _tag: "Permanent", code: "EACCES" });
  });

  it("closes the file when the reading is given up", async () => {
    const path = fileWith("many.csv", CSV + "m,b,202611,bill,2026-11-21,n,e,i\n".repeat(50_000));
    const openFiles = (): number => readdirSync("/dev/fd").length;
    const before = openFiles();
    for (let time = 0; time < 20; time += 1) {
      for await (const _ of (await openBillFile(path)).lines) break;
    }
    expect(openFiles()).toBeLessThan(before + 5);
  });
});
