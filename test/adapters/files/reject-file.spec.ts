import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openRejectFile } from "../../../src/adapters/files/index.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-rejects-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const problems = [{ field: "email", problem: "is missing", shown: "" }] as const;

describe("openRejectFile", () => {
  it("writes a line of JSON for each rejected line, in the order in which they came, for its owner alone", async () => {
    const path = join(folder, "rejects.jsonl");
    const rejects = await openRejectFile(path);
    await Promise.all([7, 9, 8].map((line) => rejects.write({ line, problems })));
    expect(rejects.count()).toBe(3);
    await rejects.close();
    const lines = readFileSync(path, "utf8").split("\n");
    expect(lines.slice(0, -1).map((text) => JSON.parse(text) as unknown)).toEqual(
      [7, 9, 8].map((line) => ({ line, problems })),
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("leaves no file where nothing was rejected, also not an earlier pass's", async () => {
    const path = join(folder, "old.jsonl");
    writeFileSync(path, "old");
    const rejects = await openRejectFile(path);
    await rejects.close();
    expect(existsSync(path)).toBe(false);
  });

  it("says that it cannot write, as a failure", async () => {
    const rejects = await openRejectFile(join(folder, "none", "rejects.jsonl"));
    await expect(rejects.write({ line: 1, problems })).rejects.toMatchObject({
      _tag: "Permanent",
      code: "reject-file",
    });
    await rejects.close();
  });
});
