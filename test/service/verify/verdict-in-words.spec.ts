import { describe, expect, it } from "vitest";
import { instant, noticeId } from "../../../src/domain/ids.ts";
import { verdictInWords } from "../../../src/service/verify/verdict-in-words.ts";
import type { Verdict } from "../../../src/service/verify/verdict.ts";

const CLEAN: Verdict = {
  ...{ ok: true, ingested: 5_000, sent: 4_985, failed: 10, in_doubt: 0, suppressed: 0, expired: 0 },
  ...{
    cancelled: 0,
    held: 5,
    open: 0,
    duplicates: 0,
    lost: 0,
    balanced: true,
    violationCount: 0,
    violations: [],
  },
  nextReleaseAt: instant(1_700_000_000_000),
  at: instant(1_700_000_000_000),
  scope: {},
  evidence: { name: "journal.jsonl", accepted: 4_985, strangers: 0 },
};

describe("a verdict in words", () => {
  it("is a balance, what is owed, and a last line that says it all", () => {
    expect(verdictInWords(CLEAN)).toBe(
      [
        "  ingested     5,000",
        "  sent         4,985",
        "  failed          10",
        "  held             5",
        "  balanced: the states sum to what was ingested",
        "  the next held notice is released at 2023-11-14T22:13:20.000Z",
        "  lost: 0",
        "  duplicates: 0 (by journal.jsonl: 4,985 acceptances)",
        "clean: nothing is lost, and nothing contradicts the guarantees (5 held)",
      ].join("\n"),
    );
  });

  it("says that nobody can tell of duplicates without a provider's record", () => {
    expect(verdictInWords({ ...CLEAN, duplicates: null, evidence: null })).toContain("duplicates: unknown");
  });

  it("names what is wrong, as far as there is room, and counts the rest", () => {
    const violations = Array.from({ length: 30 }, (_, n) => ({
      invariant: "S7",
      noticeId: noticeId(`n-${n}`),
      words: "sent, and 0 attempts of it were accepted",
    }));
    const words = verdictInWords({
      ...{ ...CLEAN, ok: false, balanced: false, lost: 2, duplicates: 1 },
      ...{ violations, violationCount: 40 },
    }).split("\n");
    expect(words.at(-1)).toBe("WRONG: the balance does not close, 2 lost, 1 duplicate, 40 violations");
    expect(words.at(-2)).toBe("  … and 20 more violations (--json names more)");
    expect(words).toContain("  S7   n-19: sent, and 0 attempts of it were accepted");
    expect(words.filter((line) => line.startsWith("  S7"))).toHaveLength(20);
  });
});
