import { describe, expect, it } from "vitest";
import {
  channelIn,
  countIn,
  demanded,
  instantIn,
  noticeNamed,
  periodIn,
  runIn,
  wordIn,
} from "../../src/service/read-options.ts";

const refusal = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return error;
  }
};

describe("an option of the command line", () => {
  it("is read as what the domain calls it, and is nothing where it was not given", () => {
    expect(instantIn({ openedFrom: "2026-11-21T00:00:00Z" }, "openedFrom")).toBe(Date.UTC(2026, 10, 21));
    expect(periodIn({ period: "202611" }, "period")).toBe(202611);
    expect(channelIn({}, "channel")).toBeUndefined();
    expect(runIn({ run: "run-1" }, "run")).toBe("run-1");
    expect(countIn({}, "limit", { most: 10, otherwise: 7 })).toBe(7);
    expect(wordIn({ kind: "failed" }, "kind", ["failed", "doubt"])).toBe("failed");
  });

  it("is refused with its flag, and with what to write instead", () => {
    for (const [read, words] of [
      [() => instantIn({ openedFrom: "yesterday" }, "openedFrom"), "--opened-from: write an instant such as"],
      [() => periodIn({ period: "202613" }, "period"), "--period: a period is a month"],
      [() => channelIn({ channel: "E-Mail" }, "channel"), "--channel: a channel is named by"],
      [() => runIn({ run: "a b" }, "run"), "--run: a run id must be"],
      [
        () => countIn({ limit: "1.5" }, "limit", { most: 10, otherwise: 7 }),
        "--limit takes a whole number from 1 to 10",
      ],
      [() => countIn({ limit: "11" }, "limit", { most: 10, otherwise: 7 }), "--limit takes a whole number"],
      [() => wordIn({ kind: "lost" }, "kind", ["failed", "doubt"]), "--kind is one of failed, doubt"],
      [() => demanded({ reason: " " }, "reason", "moved away"), '--reason "moved away"'],
      [() => noticeNamed([]), "the notice: a notice id must be"],
    ] as const) {
      expect(refusal(read)).toMatchObject({
        name: "Refusal",
        ending: "usage",
        message: expect.stringContaining(words),
      });
    }
  });
});
