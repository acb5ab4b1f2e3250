import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelId, instant, policyVersion, runId } from "../../src/domain/ids.ts";
import type { HistoryEntry } from "../../src/domain/lifecycle/rule.ts";
import { HOLD_REASONS, STATUSES, type Notice } from "../../src/domain/notice.ts";
import { decodePolicy } from "../../src/domain/policy-decoder.ts";
import type { Policy } from "../../src/domain/policy.ts";
import type { NoticeRecord } from "../../src/domain/ports/notice-ledger.ts";
import { why, type WhyFacts } from "../../src/domain/why.ts";
import { journey, type Taken } from "./lifecycle/journeys.ts";
import { NOW, viewIn } from "./lifecycle/samples.ts";

const EMAIL = channelId("email");
const SMS = channelId("sms");
const HOUR = 3_600_000;

const policyOf = (more: Readonly<Record<string, unknown>> = {}): Policy =>
  Result.getOrThrow(
    decodePolicy({
      version: 3,
      zone: "Asia/Seoul",
      channels: [
        { channel: "email", maxAttempts: 2, backoff: { firstMs: 1000, factor: 2, capMs: 60_000 } },
        { channel: "sms", maxAttempts: 1, backoff: { firstMs: 1000, factor: 2, capMs: 60_000 } },
      ],
      expiresAfterMs: 100 * HOUR,
      ...more,
    }),
  );

const line = (more: Partial<HistoryEntry>): HistoryEntry => ({
  transition: "T2h",
  from: "ready",
  to: "ready",
  epoch: 0,
  generation: 1,
  attemptNo: 0,
  channel: null,
  attemptId: null,
  actor: "operator:kim",
  because: null,
  at: NOW,
  ...more,
});

const factsOf = (
  status: Notice["status"],
  notice: Partial<Notice> = {},
  history: readonly HistoryEntry[] = [],
  more: Partial<WhyFacts> = {},
): WhyFacts => {
  const view = viewIn(status, notice);
  return {
    record: { ...view, history } satisfies NoticeRecord,
    now: NOW,
    active: policyOf(),
    pinned: view.notice.policyVersion === null ? null : policyOf(),
    suppressed: null,
    pauses: [],
    channels: [EMAIL, SMS],
    ownQuietHours: null,
    ...more,
  };
};

const reason = (...facts: Parameters<typeof factsOf>): string => why(factsOf(...facts)).because;

const FRESH = { channel: null, policyVersion: null, attemptNo: 0, runId: null } as const;

describe("the reason of what is held", () => {
  it("names the pause, whoever paused it, and since when", () => {
    const pauses = [{ scope: EMAIL, reason: "the gateway is being moved", since: instant(NOW - HOUR) }];
    const words = reason("ready", { holdReason: "paused", channel: EMAIL }, [line({ because: "paused" })], {
      pauses,
    });
    expect(words).toMatch(
      /^Held since .*: email is paused since .*, because of "the gateway is being moved" \(policy \d\)\.$/,
    );
  });

  it("tells a pause that is over, and a policy that is paused, apart from one that is in force", () => {
    expect(reason("ready", { holdReason: "paused", channel: EMAIL })).toContain(
      "by a pause that is over: upkeep releases it",
    );
    expect(reason("ready", { holdReason: "paused" }, [], { active: policyOf({ paused: true }) })).toContain(
      "the policy in force is paused",
    );
  });

  it("says how often its workers were lost", () => {
    expect(reason("ready", { holdReason: "lapses", lapses: 5 }, [line({ transition: "T4" })])).toContain(
      "its workers were lost 5 times in a row",
    );
  });

  it("says what could not be read of the recipient's own quiet hours, where that is what an operator has to mend", () => {
    expect(
      reason("ready", { holdReason: "operator" }, [], {
        ownQuietHours: { unreadable: "own quiet hours are no object" },
      }),
    ).toContain("until an operator decides: own quiet hours are no object");
    expect(reason("ready", { holdReason: "operator" }, [line({ because: "operator" })])).toContain(
      "by operator:kim until an operator releases it",
    );
  });

  it("names the provider that broke its class, wherever the notice stands", () => {
    for (const status of STATUSES) {
      const facts = factsOf(status, { holdReason: "contradiction" });
      const [attempt] = viewIn("sent").attempts;
      if (attempt === undefined) throw new Error("the sample has an attempt");
      const broken = { ...attempt, state: "rejected", contradiction: "m-9: a receipt" } as const;
      const words = why({ ...facts, record: { ...facts.record, attempts: [broken] } }).because;
      expect(words).toContain(`the provider simulated accepted attempt ${attempt.attemptId} on`);
      expect(words).toContain("which had been rejected");
      expect(words).toContain("until an operator decides");
    }
  });
});

describe("the reason of what is not sent yet", () => {
  it("works the clause out again that put it off", () => {
    // 22:30 in Seoul.
    const night = instant(Date.UTC(2026, 0, 5, 13, 30));
    const active = policyOf({ quietHours: [{ from: "21:00", until: "08:00" }] });
    const words = reason("ready", { ...FRESH, dueAt: instant(night + 10 * HOUR) }, [line({ at: night })], {
      active,
      now: instant(night + HOUR),
    });
    expect(words).toMatch(
      /^Put off at 2026-01-05T13:30:00.000Z until 2026-01-05T23:30:00.000Z: .*quiet.* \(policy 3\)\.$/,
    );
  });

  it("says what the next run will do with it: route, put off, hold or end it", () => {
    const due = { ...FRESH, dueAt: instant(NOW - HOUR) };
    expect(reason("ready", due)).toContain(
      "waits for the next run, which routes it to email: email is the first",
    );
    expect(reason("ready", due, [], { channels: [SMS] })).toContain("which routes it to sms");
    expect(reason("ready", due, [], { active: policyOf({ paused: true }) })).toContain(
      "holds it: the policy is paused",
    );
    expect(reason("ready", due, [], { suppressed: { reason: "moved", since: NOW } })).toContain(
      "ends it: the recipient is on the suppression list",
    );
    expect(reason("ready", due, [], { active: null })).toMatch(
      /no policy is in force .* \(no policy has decided yet\)\.$/,
    );
  });

  it("says what brought it back into the queue", () => {
    const back = (more: Partial<HistoryEntry>): string =>
      reason(
        "queued",
        { channel: EMAIL, attemptNo: 2, policyVersion: policyVersion(3), runId: runId("run-1") },
        [line(more)],
      );
    expect(back({ transition: "T2" })).toContain(
      "attempt 2 of 2 on email, and waits for a worker: it was routed by run run-1",
    );
    expect(back({ transition: "T4" })).toContain("after its worker was lost at");
    expect(back({ transition: "T5" })).toContain("after a worker gave it back at");
    expect(back({ transition: "T5f", because: "no template." })).toContain(
      "could not be used: no template (policy 3).",
    );
    expect(back({ transition: "T12", because: "look-up: not found" })).toContain(
      "had ended: look-up: not found",
    );
  });
});

describe("the reason of an end", () => {
  it("says who cancelled it and why, and that the answer was waited for where it was on its way", () => {
    const asked = line({
      transition: "T14",
      from: "sending",
      to: "sending",
      because: "the customer has paid",
    });
    const done = line({
      transition: "T9",
      from: "sending",
      to: "cancelled",
      attemptId: viewIn("sent").attempts[0]?.attemptId ?? null,
    });
    expect(reason("cancelled", {}, [asked, done])).toMatch(
      /^Cancelled by operator:kim: the customer has paid; asked for at .* after attempt .* was known not to be accepted/,
    );
  });

  it("tells a recipient who is on the list from one who was", () => {
    expect(reason("suppressed")).toContain("has been taken off it since");
    expect(reason("suppressed", {}, [], { suppressed: { reason: "", since: NOW } })).toContain(
      "(no reason was given)",
    );
  });

  it("tells the last channel from one after which nobody can be reached", () => {
    expect(reason("failed", { channel: SMS })).toContain("sms is the last channel");
    expect(reason("failed", { channel: EMAIL })).toContain("no channel after email has a usable contact");
  });
});

describe("every reason", () => {
  const recordOf = (taken: readonly Taken[]): NoticeRecord | null => {
    const last = taken.at(-1)?.after;
    if (last === undefined) return null;
    const history = taken.flatMap(({ outcome }) =>
      outcome.verdict === "won" && outcome.history !== null ? [outcome.history] : [],
    );
    // The journeys draw evidence as it is handed over; what is kept of it are its words.
    const attempts = last.attempts.map((attempt) => ({
      ...attempt,
      evidence: attempt.evidence === null ? null : "answer 250",
    }));
    return { ...last, attempts, history };
  };
  const life = journey.map(recordOf).filter((record) => record !== null);

  it("is one sentence that names the policy, whatever life the notice had", () => {
    fc.assert(
      fc.property(life, fc.constantFrom(...HOLD_REASONS, null), (record, holdReason) => {
        const notice = record.notice.status === "ready" ? { ...record.notice, holdReason } : record.notice;
        const facts = { ...factsOf("ready"), record: { ...record, notice } };
        const { noticeId, status, because } = why(facts);
        expect({ noticeId, status }).toEqual({ noticeId: notice.noticeId, status: notice.status });
        expect(because).toMatch(/^[A-Z][^\n]* \((policy \d+|no policy has decided yet)\)\.$/);
        expect(because).not.toMatch(/undefined|null|NaN|Invalid|\[object/);
      }),
      { numRuns: 1_000 },
    );
  });
});
