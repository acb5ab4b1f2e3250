/**
 * Each violation is planted into a real ledger by hand, and must be found; a ledger that nobody touched must be clean, however
 * long and wild its life was.
 */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { memoryLedger } from "../../../src/adapters/memory/notice-ledger.ts";
import { openPool, postgresLedger, type Pool } from "../../../src/adapters/postgres/index.ts";
import { openReports, type Reports } from "../../../src/adapters/postgres/reports/open-reports.ts";
import { instant, period, policyVersion, runId, type NoticeId } from "../../../src/domain/ids.ts";
import type { Command, CommandType } from "../../../src/domain/lifecycle/commands.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import type { AcceptedRequest } from "../../../src/domain/ports/provider-evidence.ts";
import { STANDINGS } from "../../../src/domain/standing.ts";
import { verifyLedger, type VerifyOptions } from "../../../src/service/verify/verify-ledger.ts";
import type { Verdict } from "../../../src/service/verify/verdict.ts";
import { aNotice, EMAIL, HOUR, SMS, START } from "../../contracts/notice-ledger-commands.ts";
import { diceOf, nextCommand, pick } from "../../contracts/notice-ledger-walks.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { attemptOf, evidenceOf, STORY, STORY_EVIDENCE, tellStory, type StoryNotice } from "./ledger-story.ts";

const run = Effect.runPromise;

let database: TestDatabase;
let pool: Pool;
let ledger: NoticeLedger;
let reports: Reports;

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool({ connection: database.service, maxConnections: 2 });
  ledger = postgresLedger({ pool });
  reports = openReports(database.service);
});
afterAll(async () => {
  await reports.close();
  await pool.close();
  await database.drop();
});

const verify = (options: Partial<VerifyOptions> = {}): Promise<Verdict> =>
  verifyLedger({ audit: reports.audit, ...options });

/** `S7 sent`: the invariant and the notice. */
const found = ({ violations }: Verdict): readonly string[] =>
  [...new Set(violations.map(({ invariant, noticeId: id }) => `${invariant} ${id}`))].sort();

const sum = (verdict: Verdict): number => STANDINGS.reduce((total, name) => total + verdict[name], 0);

describe("a ledger that tells a story", () => {
  beforeEach(async () => {
    await database.clear();
    // What a case before took out of the way.
    await database.query(
      `CREATE UNIQUE INDEX IF NOT EXISTS attempt_live ON millrace.attempt (period, notice_id, generation) WHERE live;
       ALTER TABLE millrace.attempt ENABLE TRIGGER ALL`,
    );
    await tellStory(ledger, database.setNow);
  });

  it("is clean, and its balance says how each notice stands", async () => {
    const verdict = await verify({ evidence: evidenceOf(STORY_EVIDENCE) });
    expect(verdict.violations).toEqual([]);
    expect(verdict).toMatchObject({
      ...{ ok: true, ingested: 15, sent: 2, failed: 1, in_doubt: 1, cancelled: 1, suppressed: 1, expired: 1 },
      // ready and put off, ready and held, queued for a later attempt
      held: 3,
      // sending twice, claimed, queued and ready
      open: 5,
      ...{ duplicates: 0, lost: 0, balanced: true, violationCount: 0 },
      nextReleaseAt: START + 60_000,
      evidence: { accepted: 3, strangers: 0 },
    });
    expect(sum(verdict)).toBe(verdict.ingested);
  });

  it("cannot tell of duplicates without a provider's record", async () => {
    expect(await verify()).toMatchObject({ ok: true, duplicates: null, evidence: null });
  });

  it("is read page by page, with the same verdict however small the pages are", async () => {
    const whole = await verify({ evidence: evidenceOf(STORY_EVIDENCE) });
    const seen: number[] = [];
    const paged = await verify({
      evidence: evidenceOf(STORY_EVIDENCE),
      pageSize: 4,
      onProgress: (examined) => seen.push(examined),
    });
    expect(paged).toEqual(whole);
    expect(seen).toEqual([4, 8, 12, 15]);
  });

  it("is verified in part: what a run admitted, what somebody ingested, what is not too old", async () => {
    expect(await verify({ scope: { runId: runId("run-1") } })).toMatchObject({
      ok: true,
      ingested: 10,
      held: 1,
    });
    expect(await verify({ scope: { runId: runId("run-2") } })).toMatchObject({ ok: true, ingested: 0 });
    expect(await verify({ scope: { ingestedBy: "intake" } })).toMatchObject({ ok: true, ingested: 15 });
    expect(await verify({ scope: { fromPeriod: period(202312) } })).toMatchObject({ ok: true, ingested: 0 });
  });

  it("names no more violations than it was allowed to, and counts them all", async () => {
    await database.query("UPDATE millrace.notice SET epoch = epoch + 1");
    const verdict = await verify({ maxViolations: 3 });
    expect(verdict.violations).toHaveLength(3);
    expect(verdict).toMatchObject({ ok: false, violationCount: STORY.length });
  });

  const RIGHTS_GIVEN = ["doubted", "failed", "replayed", "sending", "sent", "sent-by-sms", "waiting"];

  const one = (id: StoryNotice): string => `notice_id = '${id}'`;

  /** What is planted, and what must be found: nothing less, and nothing about any other notice. */
  const PLANTED: readonly (readonly [what: string, sql: string, ...finds: string[]])[] = [
    [
      "S3: a second live right to send",
      `DROP INDEX IF EXISTS millrace.attempt_live;
       INSERT INTO millrace.attempt (period, notice_id, attempt_id, generation, attempt_no, epoch, channel, provider,
         provider_key, content_digest, intent_at, send_by, copies, state)
       SELECT period, notice_id, 'second', generation, attempt_no, epoch, channel, provider, provider_key,
         content_digest, intent_at, send_by, copies, 'intent' FROM millrace.attempt WHERE ${one("sending")}`,
      ...["S2 sending", "S3 sending"],
    ],
    [
      "S2: an attempt to which no right to send was given",
      `DELETE FROM millrace.history WHERE ${one("sent")} AND transition = 'T6'`,
      ...["S2 sent", "S5 sent"],
    ],
    [
      "S2: a right to send whose attempt is gone",
      `DELETE FROM millrace.attempt WHERE ${one("failed")}`,
      "S2 failed",
    ],
    [
      "S2: a copy that was never permitted",
      `UPDATE millrace.attempt SET copies = 2 WHERE ${one("doubted")}`,
      "S2 doubted",
    ],
    ["S4: an epoch that falls", `UPDATE millrace.history SET epoch = 0 WHERE ${one("queued")}`, "S4 queued"],
    [
      "S4: a row that is ahead of its history",
      `UPDATE millrace.notice SET epoch = epoch + 1 WHERE ${one("ready")}`,
      "S4 ready",
    ],
    [
      "S5: a path that is not in the table",
      `UPDATE millrace.history SET to_status = 'sent' WHERE ${one("claimed")} AND transition = 'T3';
       UPDATE millrace.history SET transition = 'T16' WHERE ${one("queued")}`,
      ...["S5 claimed", "S5 queued"],
    ],
    [
      "S5: a line that does not begin where the one before ended",
      `DELETE FROM millrace.history WHERE ${one("claimed")} AND transition = 'T2'`,
      ...["S4 claimed", "S5 claimed"],
    ],
    [
      "S5: a status that the history does not know",
      `UPDATE millrace.notice SET status = 'cancelled' WHERE ${one("ready")}`,
      "S5 ready",
    ],
    [
      "S5: a row on another channel, or at another attempt, than its history",
      `UPDATE millrace.notice SET channel = 'sms' WHERE ${one("claimed")};
       UPDATE millrace.notice SET attempt_no = 1 WHERE ${one("waiting")}`,
      ...["S5 claimed", "S5 waiting"],
    ],
    [
      "L1: queued for no channel: no worker looks there",
      `UPDATE millrace.notice SET channel = NULL WHERE ${one("queued")}`,
      ...["L1 queued", "S5 queued"],
    ],
    [
      "S5: a wish to cancel that nobody had, and one that was lost",
      `UPDATE millrace.notice SET cancel_requested = true WHERE ${one("sending")};
       INSERT INTO millrace.history (period, notice_id, at, epoch, generation, attempt_no, from_status, to_status, transition,
         channel, actor)
       SELECT period, notice_id, at, epoch, generation, attempt_no, 'in_doubt', 'in_doubt', 'T14', channel, actor
       FROM millrace.history WHERE ${one("doubted")} AND transition = 'T10'`,
      ...["S5 doubted", "S5 sending"],
    ],
    [
      "S6: a row that names another recipient than was ingested: no suppression would find it",
      `UPDATE millrace.notice SET user_id = 'somebody-else' WHERE ${one("queued")}`,
      "S6 queued",
    ],
    [
      "S11: on a channel, and by no policy",
      `UPDATE millrace.notice SET policy_version = NULL WHERE ${one("queued")}`,
      "S11 queued",
    ],
    [
      "S8: a letter of an earlier generation that is still to be decided about, and one of another generation than its entry",
      `UPDATE millrace.dead_letter SET state = 'open' WHERE ${one("replayed")};
       UPDATE millrace.dead_letter SET generation = 2 WHERE ${one("doubted")}`,
      ...["S8 doubted", "S8 replayed"],
    ],
    [
      "S13: an attempt that claims to be younger than its right to send",
      `UPDATE millrace.attempt SET intent_at = intent_at + 1 WHERE ${one("doubted")}`,
      "S13 doubted",
    ],
    [
      "S6: an ingested key without its notice",
      `DELETE FROM millrace.notice WHERE ${one("ready")}`,
      "S6 ready",
    ],
    [
      "S6: a notice that was never ingested",
      `DELETE FROM millrace.contents WHERE ${one("ready")}`,
      "S6 ready",
    ],
    [
      "S7: sent, and its attempt was not accepted",
      `UPDATE millrace.attempt SET state = 'rejected' WHERE ${one("sent")}`,
      ...["S7 sent"],
    ],
    [
      "S7: failed, and its attempt was accepted",
      `UPDATE millrace.attempt SET state = 'accepted' WHERE ${one("failed")}`,
      "S7 failed",
    ],
    [
      "S7: a new generation although the one before was accepted",
      `UPDATE millrace.attempt SET state = 'accepted' WHERE ${one("replayed")} AND generation = 1`,
      "S7 replayed",
    ],
    [
      "S8: an entry into failed without its dead letter",
      `DELETE FROM millrace.dead_letter WHERE ${one("failed")}`,
      "S8 failed",
    ],
    [
      "S8: a dead letter without an entry",
      `INSERT INTO millrace.dead_letter SELECT period, notice_id, 'failed', 9, 1, NULL, 'r', 'open', opened_at
       FROM millrace.dead_letter WHERE ${one("doubted")}`,
      "S8 doubted",
    ],
    [
      "L1: a doubt whose letter was closed: no reconciler finds it",
      `UPDATE millrace.dead_letter SET state = 'resolved' WHERE ${one("doubted")}`,
      ...["L1 doubted", "S8 doubted"],
    ],
    [
      "S10: a right to send while a pause was in force",
      `INSERT INTO millrace.gate_history (at, action, subject, actor) VALUES (${START - 1}, 'pause', 'sms', 'x'),
         (${START + 1}, 'resume', 'sms', 'x')`,
      "S10 sent-by-sms",
    ],
    [
      "S10: a right to send for a recipient who was suppressed",
      `INSERT INTO millrace.gate_history (at, action, subject, actor) VALUES (${START - 1}, 'suppress', 'user-of-sent', 'x')`,
      "S10 sent",
    ],
    [
      "S10: a right to send at an hour that the policy of its time closes",
      `UPDATE millrace.policy SET policy = (policy::jsonb || '{"sendHours": [3]}')::json;
       UPDATE millrace.gate_history SET at = at - 1 WHERE action = 'activate-policy'`,
      ...RIGHTS_GIVEN.map((id) => `S10 ${id}`),
    ],
    [
      "S10: a right to send while the policy in force was a paused one",
      `INSERT INTO millrace.policy SELECT 2, (policy::jsonb || '{"version": 2, "paused": true}')::json, 'x', ${START}
       FROM millrace.policy;
       INSERT INTO millrace.gate_history (at, action, subject, actor)
       VALUES (${START - 1}, 'activate-policy', '2', 'x'), (${START + 1}, 'activate-policy', '1', 'x')`,
      ...RIGHTS_GIVEN.map((id) => `S10 ${id}`),
    ],
    [
      "S10: a right to send in the recipient's own quiet hours",
      `UPDATE millrace.gate_history SET at = at - 1 WHERE action = 'activate-policy';
       UPDATE millrace.contents SET routing = '{"quietHours": {"intervals": [{"from": "06:00", "until": "08:00"}]}}'
       WHERE ${one("sent")}`,
      "S10 sent",
    ],
    [
      "S10: a right to send that reaches past the notice's own end",
      `UPDATE millrace.attempt SET send_by = ${START + 100 * HOUR} WHERE ${one("sent")}`,
      "S10 sent",
    ],
    [
      "S6: a run that counts more admissions than notices",
      `INSERT INTO millrace.run (run_id, key, state, cap, opened_by, opened_at, candidates, admitted)
       VALUES ('run-1', 'k', 'closed', 100, 'x', ${START}, 11, 11)`,
      "S6 null",
    ],
    [
      "S6: a run whose figures do not add up",
      `INSERT INTO millrace.run (run_id, key, state, cap, opened_by, opened_at, candidates, admitted, held_by, put_off)
       VALUES ('run-1', 'k', 'closed', 100, 'x', ${START}, 12, 10, '{"operator": 2}', 1)`,
      "S6 null",
    ],
    [
      "S6: a run that told the log of more than it admitted",
      `INSERT INTO millrace.run (run_id, key, state, cap, opened_by, opened_at, candidates, admitted, published)
       VALUES ('run-1', 'k', 'closed', 100, 'x', ${START}, 10, 10, 11)`,
      "S6 null",
    ],
    [
      "S7: accepted, and by no evidence",
      `UPDATE millrace.attempt SET provider_message_id = NULL WHERE ${one("sent")};
       UPDATE millrace.attempt SET evidence = NULL WHERE ${one("sent-by-sms")} AND state = 'accepted'`,
      ...["S7 sent", "S7 sent-by-sms"],
    ],
    [
      "S8: failed, and its letter was closed: no operator finds it",
      `UPDATE millrace.dead_letter SET state = 'resolved' WHERE ${one("failed")}`,
      "S8 failed",
    ],
    [
      "S11: more attempts than the pinned policy has",
      `UPDATE millrace.attempt SET attempt_no = 3 WHERE ${one("sent")};
       UPDATE millrace.history SET attempt_no = 3 WHERE ${one("sent")};
       UPDATE millrace.notice SET attempt_no = 3 WHERE ${one("sent")}`,
      "S11 sent",
    ],
    [
      "S12: a second channel while the first attempt had not ended",
      `DELETE FROM millrace.history WHERE ${one("sent-by-sms")} AND transition = 'T9';
       UPDATE millrace.history SET from_status = 'sending' WHERE ${one("sent-by-sms")} AND epoch = 4 AND transition = 'T3'`,
      ...["S12 sent-by-sms", "S4 sent-by-sms", "S5 sent-by-sms"],
    ],
    [
      "S12: not accepted, by no evidence",
      `UPDATE millrace.attempt SET evidence = NULL WHERE ${one("failed")}`,
      "S12 failed",
    ],
    [
      "S13: an attempt that is not what its right to send was given for",
      `UPDATE millrace.attempt SET channel = 'sms' WHERE ${one("sending")}`,
      "S13 sending",
    ],
    [
      "C2: a provider that accepted what it had refused",
      `UPDATE millrace.attempt SET contradiction = 'm-9: late receipt' WHERE ${one("failed")}`,
      "C2 failed",
    ],
    [
      "L1: queued, and no alarm",
      `UPDATE millrace.notice SET wake_at = NULL WHERE ${one("queued")}`,
      "L1 queued",
    ],
    [
      "L1: an alarm that rings after somebody should have looked",
      `UPDATE millrace.notice SET wake_at = expires_at WHERE ${one("claimed")}`,
      "L1 claimed",
    ],
    [
      "L1: claimed without a lease",
      `UPDATE millrace.notice SET lease_until = NULL WHERE ${one("claimed")}`,
      "L1 claimed",
    ],
  ];

  const LOST: readonly string[] = [
    "S6: an ingested key without its notice",
    "L1: a doubt whose letter was closed: no reconciler finds it",
    "L1: queued, and no alarm",
    "L1: queued for no channel: no worker looks there",
    "L1: claimed without a lease",
  ];

  for (const [what, sql, ...finds] of PLANTED) {
    it(`finds ${what}`, async () => {
      // The forward-only rule and the promise's own index would refuse some of these.
      await database.query("ALTER TABLE millrace.attempt DISABLE TRIGGER ALL");
      await database.query(sql);
      const verdict = await verify();
      expect(found(verdict)).toEqual([...finds].sort());
      expect(verdict.ok).toBe(false);
      expect(verdict.lost).toBe(LOST.includes(what) ? 1 : 0);
      expect(verdict.balanced).toBe(what !== "S6: an ingested key without its notice");
    });
  }

  const copy = (of: AcceptedRequest, more: Partial<AcceptedRequest>): AcceptedRequest => ({ ...of, ...more });
  const [first] = STORY_EVIDENCE as [AcceptedRequest];

  it("has a duplicate where the provider accepted twice for one reference, however the ledger looks", async () => {
    const twice = [...STORY_EVIDENCE, copy(first, { id: "m-sent-2" }), copy(first, { id: "m-sent-3" })];
    const verdict = await verify({ evidence: evidenceOf(twice) });
    expect(found(verdict)).toEqual(["S1 sent"]);
    expect(verdict).toMatchObject({ ok: false, duplicates: 2, balanced: true, lost: 0 });
  });

  it("has none where another generation was accepted", async () => {
    const next = { attemptId: attemptOf("replayed", 2), reference: "replayed/2", channel: EMAIL, id: "m-9" };
    expect(await verify({ evidence: evidenceOf([...STORY_EVIDENCE, next]) })).toMatchObject({
      ok: true,
      duplicates: 0,
    });
  });

  it("is wrong where the provider accepted what the ledger has as refused, or never gave a right to", async () => {
    const verdict = await verify({
      evidence: evidenceOf([
        ...STORY_EVIDENCE,
        { attemptId: attemptOf("failed"), reference: "failed/1", channel: EMAIL, id: "m-7" },
        { attemptId: attemptOf("queued"), reference: "queued/1", channel: EMAIL, id: "m-8" },
      ]),
    });
    expect(found(verdict)).toEqual(["S2 queued", "S7 failed"]);
  });

  it("cannot tell of duplicates where the provider's record is empty, although something was sent", async () => {
    const verdict = await verify({ evidence: evidenceOf([]) });
    expect(verdict).toMatchObject({ duplicates: null, evidence: { accepted: 0 } });
  });

  it("is clean where the figures of a run agree with its notices, and looks at the run that is asked for", async () => {
    await database.query(
      `INSERT INTO millrace.run (run_id, key, state, cap, opened_by, opened_at, candidates, admitted, put_off, published)
       VALUES ('run-1', 'k', 'closed', 100, 'x', ${START}, 12, 10, 1, 10),
              ('run-2', 'l', 'closed', 100, 'x', ${START}, 5, 5, 0, 0)`,
    );
    expect(await verify({ scope: { runId: runId("run-1") } })).toMatchObject({ ok: true });
    expect(await verify({ scope: { ingestedBy: "intake" } })).toMatchObject({ ok: true });
    const verdict = await verify();
    expect(verdict.violations).toEqual([
      { invariant: "S6", noticeId: null, words: "run run-2 counts 5 admitted, and 0 notices are" },
    ]);
  });

  it("is wrong where the provider's record does not know what is sent, on a channel that the record covers", async () => {
    const without = (id: string): readonly AcceptedRequest[] =>
      STORY_EVIDENCE.filter(({ reference }) => !reference.startsWith(`${id}/`));
    expect(found(await verify({ evidence: evidenceOf(without("sent")) }))).toEqual(["S7 sent"]);
    // Another provider sends by SMS, and its record was not given.
    expect(await verify({ evidence: evidenceOf(without("sent-by-sms")) })).toMatchObject({ ok: true });
  });

  it("tells of acceptances for notices that it does not know, and takes twice of those for a duplicate", async () => {
    const stranger = { attemptId: attemptOf("x"), reference: "elsewhere/1", channel: SMS, id: "m-1" };
    expect(await verify({ evidence: evidenceOf([...STORY_EVIDENCE, stranger]) })).toMatchObject({
      ok: true,
      duplicates: 0,
      evidence: { strangers: 1 },
    });
    const twice = [...STORY_EVIDENCE, stranger, copy(stranger, { id: "m-2" })];
    expect(await verify({ evidence: evidenceOf(twice) })).toMatchObject({ ok: false, duplicates: 1 });
    expect(
      await verify({ evidence: evidenceOf(twice), scope: { ingestedBy: "intake" } }),
      "of another ledger or another part: none of this one",
    ).toMatchObject({ ok: true, duplicates: 0 });
  });
});

describe("a ledger after a long and wild life", () => {
  const NOTICES = 150;
  const met = new Set<string>();

  /** The provider keeps its class: nothing is accepted that was settled before. */
  const breaksItsClass = (each: Command, settled: ReadonlySet<string>): boolean =>
    each.type === "accept" && settled.has(each.attemptId);

  const byType = (commands: readonly Command[]): Map<CommandType, Command[]> => {
    const groups = new Map<CommandType, Command[]>();
    for (const each of commands) groups.set(each.type, [...(groups.get(each.type) ?? []), each]);
    return groups;
  };

  for (const seed of [20231114, 7, 42]) {
    it(`is clean, and stays balanced all the way (seed ${seed})`, { timeout: 300_000 }, async () => {
      const dice = diceOf(seed);
      let now = START;
      const memory = memoryLedger({ now: () => instant(now) });
      const both = async <A>(ask: (each: NoticeLedger) => Effect.Effect<A, unknown>): Promise<A> => {
        await run(ask(ledger));
        return run(ask(memory));
      };
      await database.clear();
      await database.setNow(now);
      await both((each) => each.activatePolicy(policyVersion(1), {}, "operator"));
      const notices = Array.from({ length: NOTICES }, (_, n) =>
        aNotice(`n${n}`, { expiresAt: instant(START + pick(dice, [60_000, 9_000_000])) }),
      );
      await both((each) => each.ingest(notices));
      const before = new Map<NoticeId, Command>();

      for (let step = 0; step < 60; step++) {
        now += pick(dice, [1, 1, 500, 5_000, 20_000]);
        await database.setNow(now);
        const user = `user-of-n${Math.floor(dice() * NOTICES)}`;
        const gate = Math.floor(dice() * 8);
        if (gate === 0) await both((each) => each.pause(EMAIL, "a test", "operator"));
        if (gate === 1 || gate === 2) await both((each) => each.resume(EMAIL, "operator"));
        if (gate === 3) await both((each) => each.suppress(user, "a test", "operator"));
        if (gate === 4) await both((each) => each.unsuppress(user, "operator"));
        const commands = memory.notices().flatMap((view) => {
          const next = nextCommand(dice, view, instant(now), before.get(view.notice.noticeId));
          const settled = new Set(
            view.attempts
              .filter(({ state }) => state !== "intent" && state !== "in_doubt")
              .map(({ attemptId }): string => attemptId),
          );
          return breaksItsClass(next, settled) ? [] : [next];
        });
        // The ledger goes on while it is looked at.
        const meanwhile = step % 5 === 0 ? verify({ pageSize: 8 }) : null;
        for (const [type, batch] of byType(commands)) {
          const answers = await both((each) => each.apply(type, batch as never));
          expect(answers.every(Result.isSuccess)).toBe(true);
        }
        for (const each of commands) before.set(each.noticeId, each);
        expect((await meanwhile)?.violations ?? []).toEqual([]);
        if (step % 20 === 19) {
          const verdict = await verify({ pageSize: 64 });
          expect(verdict.violations).toEqual([]);
          expect(verdict).toMatchObject({ ok: true, ingested: NOTICES, lost: 0, balanced: true });
          for (const name of STANDINGS) if (verdict[name] > 0) met.add(name);
        }
      }
    });
  }

  it("had notices in every standing: a walk that never got anywhere would be clean as well", () => {
    expect([...met].sort()).toEqual([...STANDINGS].sort());
  });
});
