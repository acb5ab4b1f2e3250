import { Effect } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPool, postgresLedger, type Pool } from "../../../../src/adapters/postgres/index.ts";
import { openReports, type Reports } from "../../../../src/adapters/postgres/reports/open-reports.ts";
import { instant, noticeId, runId } from "../../../../src/domain/ids.ts";
import type { LedgerReports, LetterKey, NoticeKey } from "../../../../src/domain/ports/ledger-reports.ts";
import type { NoticeLedger } from "../../../../src/domain/ports/notice-ledger.ts";
import { EMAIL, HOUR, PERIOD, SMS, START } from "../../../contracts/notice-ledger-commands.ts";
import { attemptOf, STORY, tellStory } from "../../../service/verify/ledger-story.ts";
import { freshDatabase, type TestDatabase } from "../../../support/postgres.ts";

const run = Effect.runPromise;

describe("the reports from Postgres", () => {
  let database: TestDatabase;
  let pool: Pool;
  let ledger: NoticeLedger;
  let opened: Reports;
  let reports: LedgerReports;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 2 });
    ledger = postgresLedger({ pool });
    opened = openReports(database.service);
    reports = opened.reports;
    await tellStory(ledger, database.setNow);
  });
  afterAll(async () => {
    await opened.close();
    await pool.close();
    await database.drop();
  });

  it("count notices by how they stand, with the next release and the oldest that is due", async () => {
    const { at, groups, openLetters, oldestDoubtAt } = await run(reports.counts());
    expect(at).toBe(START + 2_000);
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(STORY.length);
    expect(groups).toContainEqual({
      status: "queued",
      holdReason: null,
      isAhead: true,
      count: 1,
      earliestDueAt: START + 60_000,
    });
    expect(groups).toContainEqual({
      status: "ready",
      holdReason: "operator",
      isAhead: false,
      count: 1,
      earliestDueAt: START - HOUR,
    });
    expect(openLetters).toEqual({ failed: 1, doubt: 1 });
    expect(oldestDoubtAt).toBe(START);
  });

  it("count those of a run alone", async () => {
    const { groups, openLetters } = await run(reports.counts(runId("run-1")));
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(10);
    expect(openLetters).toEqual({ failed: 1, doubt: 1 });
    expect(await run(reports.counts(runId("run-2")))).toMatchObject({
      groups: [],
      openLetters: { failed: 0, doubt: 0 },
      oldestDoubtAt: null,
    });
  });

  const ids = (listed: readonly { readonly notice: { readonly noticeId: string } }[]): readonly string[] =>
    listed.map(({ notice }) => notice.noticeId);

  it("find notices by whatever an operator knows of them", async () => {
    const found = async (filter: Parameters<LedgerReports["notices"]>[0]): Promise<readonly string[]> =>
      ids(await run(reports.notices(filter, 100)));
    expect(await found({ status: ["sent"] })).toEqual(["sent", "sent-by-sms"]);
    expect(await found({ status: ["sent", "failed"], channel: SMS })).toEqual(["sent-by-sms"]);
    expect(await found({ holdReason: "operator" })).toEqual(["held"]);
    expect(await found({ userId: "user-of-ready" })).toEqual(["ready"]);
    expect(await found({ billId: "bill-of-queued", period: PERIOD })).toEqual(["queued"]);
    expect(await found({ billId: "bill' OR true --" })).toEqual([]);
    expect(await found({ runId: runId("run-1"), status: ["queued"] })).toEqual(["queued", "waiting"]);
    expect(await found({ channel: EMAIL, userId: "nobody" })).toEqual([]);
  });

  it("page through all notices by key, each once", async () => {
    const seen: string[] = [];
    let after: NoticeKey | undefined;
    for (;;) {
      const page = await run(reports.notices({}, 4, after));
      const last = page.at(-1)?.notice;
      if (last === undefined) break;
      seen.push(...ids(page));
      after = { period: last.period, noticeId: last.noticeId };
    }
    expect(seen).toEqual([...STORY].sort());
  });

  it("show one notice in full by its id alone, and of its contacts only by which channels they are", async () => {
    const report = await run(reports.notice(noticeId("failed")));
    expect(report).toMatchObject({
      record: {
        notice: { noticeId: "failed", status: "failed", period: PERIOD },
        attempts: [{ attemptId: attemptOf("failed"), state: "rejected" }],
        deadLetters: [{ kind: "failed", state: "open", reason: "mailbox unknown" }],
      },
      userId: "user-of-failed",
      billId: "bill-of-failed",
      channels: [EMAIL, SMS],
      ingestedBy: "intake",
      suppressed: null,
      at: START + 2_000,
    });
    expect(report?.record.history.map(({ transition }) => transition)).toEqual(["T2", "T3", "T6", "T9"]);
    expect(JSON.stringify(report)).not.toContain("encrypted");
    expect((await run(reports.notice(noticeId("suppressed"))))?.suppressed).toEqual({
      userId: "user-of-suppressed",
      reason: "moved away",
      actor: "operator:kim",
      since: START,
    });
    expect(await run(reports.notice(noticeId("nobody")))).toBeNull();
  });

  it("list dead letters by kind, state, reason and time, and count as many as they list", async () => {
    const found = async (filter: Parameters<LedgerReports["letters"]>[0]): Promise<readonly string[]> => {
      const listed = await run(reports.letters(filter, 100));
      expect(await run(reports.countLetters(filter))).toBe(listed.length);
      return listed.map(({ letter: { noticeId: id, kind, state } }) => `${id} ${kind} ${state}`);
    };
    expect(await found({})).toEqual([
      "doubted doubt open",
      "failed failed open",
      "replayed failed replaying",
    ]);
    expect(await found({ kind: "failed", state: "open" })).toEqual(["failed failed open"]);
    expect(await found({ reason: "MAILBOX" })).toHaveLength(2);
    expect(await found({ reason: "%" }), "a text, no pattern").toEqual([]);
    expect(await found({ channel: SMS })).toEqual([]);
    expect(await found({ openedFrom: instant(START + 1) })).toEqual([]);
    expect(
      await found({ openedUntil: instant(START + 1), runId: runId("run-1"), period: PERIOD }),
    ).toHaveLength(3);
  });

  it("tell of a letter which generation its notice is in, because a replay has to name it", async () => {
    const listed = await run(reports.letters({ state: "replaying" }, 10));
    expect(listed).toMatchObject([
      {
        letter: { generation: 1, channel: EMAIL, attempts: 1, stage: null },
        generation: 2,
        status: "sending",
        channel: EMAIL,
      },
    ]);
  });

  it("page through dead letters by key", async () => {
    const seen: string[] = [];
    let after: LetterKey | undefined;
    for (;;) {
      const [entry] = await run(reports.letters({}, 1, after));
      if (entry === undefined) break;
      seen.push(entry.letter.noticeId);
      after = entry.letter;
    }
    expect(seen).toEqual(["doubted", "failed", "replayed"]);
  });

  it("list doubts with the attempt that nobody knows the outcome of", async () => {
    expect(await run(reports.doubts(10))).toMatchObject([
      {
        letter: { noticeId: "doubted", reason: "the answer did not come" },
        attempt: { attemptId: attemptOf("doubted"), state: "in_doubt", copies: 1, provider: "simulated" },
        holdReason: null,
        cancelRequested: false,
      },
    ]);
  });

  it("list suppressions by recipient, page by page", async () => {
    await run(ledger.suppress("user-1", "asked for it", "operator:kim"));
    const [first] = await run(reports.suppressions(1));
    expect(first).toMatchObject({ userId: "user-1", reason: "asked for it" });
    expect(await run(reports.suppressions(10, "user-1"))).toMatchObject([{ userId: "user-of-suppressed" }]);
    await run(ledger.unsuppress("user-1", "operator:kim"));
  });

  it("tell the pauses and the policy in force, and who set them", async () => {
    await run(ledger.pause(SMS, "the gateway is being moved", "operator:kim"));
    expect(await run(reports.gates)).toEqual({
      pauses: [
        { scope: SMS, reason: "the gateway is being moved", actor: "operator:kim", since: START + 2_000 },
      ],
      activePolicy: { version: 1, activatedBy: "operator:kim", activatedAt: START },
    });
    await run(ledger.resume(SMS, "operator:kim"));
    expect((await run(reports.gates)).pauses).toEqual([]);
  });

  it("cannot write, whatever they are asked", async () => {
    const text = "'; UPDATE millrace.notice SET status = 'sent'; --";
    await run(reports.notices({ userId: text }, 10));
    await run(reports.letters({ reason: text }, 10));
    expect(ids(await run(reports.notices({ status: ["sent"] }, 10)))).toEqual(["sent", "sent-by-sms"]);
  });
});
