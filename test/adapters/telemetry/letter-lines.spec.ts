import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import { letterLines } from "../../../src/adapters/telemetry/letter-lines.ts";
import { openLog } from "../../../src/adapters/telemetry/log.ts";
import { attemptId, channelId, instant, noticeId, period, runId } from "../../../src/domain/ids.ts";
import type { Letter } from "../../../src/domain/ports/letters.ts";

const letter: Letter = {
  ...{ noticeId: noticeId("n-1"), period: period(202611), epoch: 4, kind: "failed", generation: 1 },
  ...{
    attemptId: attemptId("a-1"),
    reason: "render-notice: 홍길동 has no name",
    state: "open",
    openedAt: instant(5),
  },
  ...{ channel: channelId("sms"), runId: runId("r-1"), stage: "render-notice", attempts: 3 },
  ...{ firstTriedAt: instant(1), lastTriedAt: instant(4) },
};

describe("the line of a dead letter", () => {
  it("names the notice by its ids, what it failed at, and nobody", async () => {
    const lines: string[] = [];
    const told: Letter[] = [];
    const tell = letterLines(openLog({ sink: { write: (line) => lines.push(line) } }), (one) =>
      told.push(one),
    );
    expect(await Effect.runPromise(tell([letter]))).toEqual([Result.succeed(undefined)]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("홍길동");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "error",
      event: "letter:open:done",
      ...{ noticeId: "n-1", epoch: 4, attemptId: "a-1", channel: "sms", runId: "r-1", attempts: 3 },
      ...{ stage: "render-notice", reason: "render-notice" },
    });
    expect(told).toEqual([letter]);
  });

  it("is a warning for a doubt, which may still turn out well", async () => {
    const lines: string[] = [];
    const tell = letterLines(openLog({ sink: { write: (line) => lines.push(line) } }));
    await Effect.runPromise(tell([{ ...letter, kind: "doubt" }]));
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "warn", event: "doubt:open:done" });
  });

  it("is written however little else is: what was told is not told again", async () => {
    const lines: string[] = [];
    const tell = letterLines(openLog({ level: "error", sink: { write: (line) => lines.push(line) } }));
    await Effect.runPromise(tell([{ ...letter, kind: "doubt" }]));
    expect(lines).toHaveLength(1);
  });

  it("fails where it could not be written, so that the letter is told again; the others of its page are told", async () => {
    const lines: string[] = [];
    const full = {
      write: (line: string) => {
        if (line.includes("n-1")) throw new Error("ENOSPC");
        lines.push(line);
      },
    };
    const page = [letter, { ...letter, noticeId: noticeId("n-2") }];
    const answers = await Effect.runPromise(letterLines(openLog({ sink: full }))(page));
    expect(answers).toMatchObject([
      { failure: { _tag: "Transient", message: "logging the failed letter of n-1" } },
      Result.succeed(undefined),
    ]);
    expect(lines).toHaveLength(1);
  });
});
