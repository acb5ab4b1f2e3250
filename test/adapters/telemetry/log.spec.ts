import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { destination } from "pino";
import { logRecord, logWord, openLog } from "../../../src/adapters/telemetry/log.ts";
import { attemptId, noticeId } from "../../../src/domain/ids.ts";
import { maskPhone } from "../../../src/domain/masking.ts";

const kept = () => {
  const lines: string[] = [];
  return { lines, sink: { write: (line: string) => lines.push(line) } };
};

describe("the log", () => {
  it("writes one line of JSON a thing, with its event, its level and its time", () => {
    const { lines, sink } = kept();
    const log = openLog({ sink, worker: logWord("host-1") });
    const fields = { noticeId: noticeId("n-1"), attemptId: attemptId("a-1"), to: maskPhone("01012341234") };
    log.write("warn", "doubt:open:done", fields);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "warn",
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      worker: "host-1",
      event: "doubt:open:done",
      noticeId: "n-1",
      attemptId: "a-1",
      to: "010-****-1234",
    });
    expect(lines[0]).toMatch(/\n$/);
  });

  it("leaves out what is below its level", () => {
    const { lines, sink } = kept();
    const log = openLog({ sink, level: "error" });
    log.write("info", "service:start:done", {});
    log.write("error", "service:end:done", {});
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(["service:end:done"]);
  });

  it("has written a line when it says so, so that the last ones before a crash are there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-log-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "log");
    const fd = openSync(path, "w");
    openLog({ sink: destination({ fd, sync: true }) }).write("info", "service:start:done", {});
    expect(readFileSync(path, "utf8")).toContain("service:start:done");
    closeSync(fd);
  });

  it("where it cannot be written says so of a line that is owed, and stops nobody for another", () => {
    const full = () => {
      throw new Error("ENOSPC: no space left on device");
    };
    const log = openLog({ sink: { write: full } });
    expect(() => log.write("warn", "duty:fail:done", {})).not.toThrow();
    expect(() => log.write("error", "letter:open:done", {})).toThrow("ENOSPC");
    expect(() => log.write("warn", "doubt:open:done", {})).toThrow("ENOSPC");
  });

  it("does not compile with plain text in it", () => {
    const log = openLog({ sink: { write: () => undefined } });
    const plain: string = "010-1234-1234";
    // @ts-expect-error plain text may hold personal data
    log.write("info", "service:start:done", { to: plain });
    expect(log).toBeDefined();
  });
});

describe("a word for the log", () => {
  it.each([
    ["render-notice: no name in the bill", "render-notice"],
    ["sqlstate:40001", "sqlstate:40001"],
    ["failed", "failed"],
    ["홍길동 has no address", "in-words"],
    ["kim@example.kr refused it", "in-words"],
    ["010-1234-1234 is no number", "in-words"],
    ["", "in-words"],
  ])("of %j is %s", (text, word) => {
    expect(logWord(text)).toBe(word);
  });

  it("never is an address, a number or a name in another script", () => {
    const address = fc.emailAddress();
    const phone = fc.stringMatching(/^0\d{1,2}[- ]?\d{3,4}[- ]?\d{4}$/);
    const hangul = fc.stringMatching(/^[가-힣]{2,4}$/);
    const behind = fc.string();
    fc.assert(
      fc.property(fc.oneof(address, phone, hangul), behind, (personal, rest) => {
        expect(logWord(personal + rest)).toBe("in-words");
        if (personal.includes("@")) expect(logRecord(personal)).toBe("unnamed");
      }),
      { numRuns: 1_000 },
    );
  });
});
