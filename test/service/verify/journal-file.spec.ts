import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AcceptedRequest } from "../../../src/domain/ports/provider-evidence.ts";
import { journalFile } from "../../../src/service/verify/journal-file.ts";

describe("a provider's journal in a file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-journal-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const read = async (text: string): Promise<readonly AcceptedRequest[]> => {
    const path = join(folder, "journal.jsonl");
    await writeFile(path, text);
    const accepted: AcceptedRequest[] = [];
    for await (const each of journalFile(path).accepted()) accepted.push(each);
    return accepted;
  };

  const line = (more: Readonly<Record<string, unknown>> = {}): string =>
    JSON.stringify({
      attemptId: "a-1",
      reference: "n/1/1",
      channel: "email",
      acceptedAt: 1_700_000_000_000,
      id: "m-1",
      ...more,
    });
  const FIRST = { attemptId: "a-1", reference: "n/1/1", channel: "email", id: "m-1" };

  it("gives each acceptance, one that came twice included", async () => {
    const text = `${line()}\n\n${line()}\n${line({ id: 17, acceptedAt: "2026-11-21T00:00:00Z", more: true })}\n`;
    expect(await read(text)).toEqual([FIRST, FIRST, { ...FIRST, id: "17" }]);
  });

  it("reads what is longer than a chunk of the file, and what has Windows' ends of lines", async () => {
    expect(await read(`${line()}\r\n`.repeat(5_000))).toHaveLength(5_000);
  });

  it("passes over a last line that was never finished, and reads one that only lacks its end", async () => {
    expect(await read(`${line()}\n${line().slice(0, 20)}`)).toEqual([FIRST]);
    expect(await read(`${line()}\n${line()}`)).toHaveLength(2);
  });

  it("stops at a line that cannot be read, with its number and without its text", async () => {
    const refusal = async (text: string): Promise<unknown> =>
      read(text).then(
        () => "read",
        (error: unknown) => error,
      );
    for (const [text, why] of [
      [`${line()}\n{"secret":`, ""],
      [`${line()}\n{"secret":\n`, "line 2 is no JSON"],
      [`${line()}\n["secret"]\n`, 'line 2 has no "channel" of 1 to 400 characters'],
      [`${line({ channel: "E-Mail" })}\n`, "line 1 names no channel"],
      [`${line({ reference: null })}\n`, 'line 1 has no "reference" of 1 to 400 characters'],
      [`${line({ id: "a\0b" })}\n`, 'line 1 has no "id" of 1 to 400 characters'],
    ] as const) {
      const answer = await refusal(text);
      if (why === "") expect(answer).toBe("read");
      else {
        expect(answer).toMatchObject({ _tag: "Undecodable", code: "journal-line" });
        expect(String(answer)).toContain(why);
        expect(String(answer)).not.toContain("secret");
      }
    }
  });

  it("fails for good where there is no file", async () => {
    const read = async (): Promise<void> => {
      for await (const _ of journalFile(join(folder, "none.jsonl")).accepted());
    };
    await expect(read()).rejects.toMatchObject({ _tag: "Permanent", code: "ENOENT" });
  });
});
