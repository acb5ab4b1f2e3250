/**
 * What an operator types about a ledger that tells a story, and what comes back, over the real command line and a real database.
 */
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Effect } from "effect";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPool, postgresLedger, type Pool } from "../../../src/adapters/postgres/index.ts";
import type { NoticeLedger, PoisonRecord } from "../../../src/domain/ports/notice-ledger.ts";
import { dltCommand } from "../../../src/service/commands/dlt.ts";
import { doubtCommand } from "../../../src/service/commands/doubt.ts";
import { noticeCommand } from "../../../src/service/commands/notice.ts";
import { statusCommand } from "../../../src/service/commands/status.ts";
import { suppressCommand } from "../../../src/service/commands/suppress.ts";
import { verifyCommand } from "../../../src/service/commands/verify.ts";
import { START } from "../../contracts/notice-ledger-commands.ts";
import { addressOf, freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { calling, lastLine, type Called } from "../calling.ts";
import { STORY_EVIDENCE, tellStory } from "../verify/ledger-story.ts";

let database: TestDatabase;
let pool: Pool;
let ledger: NoticeLedger;
let folder: string;
let call: (...line: readonly string[]) => Promise<Called>;

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool({ connection: database.service, maxConnections: 2 });
  ledger = postgresLedger({ pool });
  folder = await mkdtemp(join(tmpdir(), "millrace-operator-"));
  call = calling([verifyCommand, statusCommand, noticeCommand, dltCommand, doubtCommand, suppressCommand], {
    folder,
    environment: { MILLRACE_DATABASE_URL: addressOf(database.service) },
  });
});
beforeEach(async () => {
  await database.clear();
  await tellStory(ledger, database.setNow);
});
afterAll(async () => {
  await pool.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

describe("millrace verify", () => {
  it("ends with the balance as one line of JSON, and with 0 where nothing is wrong", async () => {
    const called = await call("verify", "--ingested-by", "intake", "--json");
    expect(called).toMatchObject({ code: 0, error: "" });
    expect(lastLine(called)).toMatchObject({
      ...{ ok: true, ingested: 15, sent: 2, failed: 1, in_doubt: 1, suppressed: 1, expired: 1, cancelled: 1 },
      ...{ held: 3, open: 5, lost: 0, balanced: true },
    });
  });

  it("counts duplicates by a provider's journal, names the notice, and ends with 1", async () => {
    const journal = join(folder, "journal.jsonl");
    const lines = STORY_EVIDENCE.map((each) => `${JSON.stringify({ ...each, acceptedAt: START })}\n`);
    await writeFile(journal, lines.join(""));
    const clean = await call("verify", "--provider-journal", "journal.jsonl", "--json");
    expect(clean.code).toBe(0);
    expect(lastLine(clean)).toMatchObject({ duplicates: 0 });
    await appendFile(journal, lines[0] ?? "");
    const wrong = await call("verify", "--provider-journal", "journal.jsonl", "--json");
    expect(wrong.code).toBe(1);
    expect(lastLine(wrong)).toMatchObject({
      duplicates: 1,
      violations: [{ invariant: "S1", noticeId: "sent" }],
    });
  });

  it("says which line of a journal cannot be read, and that there is none", async () => {
    await writeFile(join(folder, "broken.jsonl"), "{}\n");
    const broken = await call("verify", "--provider-journal", "broken.jsonl");
    expect(broken).toMatchObject({ code: 1 });
    expect(broken.error).toContain("reading broken.jsonl: line 1");
    expect((await call("verify", "--provider-journal", "none.jsonl")).error).toContain("none.jsonl: ENOENT");
  });

  it("never calls a run clean that there is not, and status shows none", async () => {
    for (const command of ["verify", "status"]) {
      const called = await call(command, "--run", "run-of-nobody", "--json");
      expect(called).toMatchObject({ code: 1 });
      expect(called.error).toContain("there is no run run-of-nobody");
    }
  });

  it("refuses a run or a month that cannot be one", async () => {
    expect(await call("verify", "--from-period", "202613")).toMatchObject({ code: 2 });
    expect(await call("verify", "--run", "a b")).toMatchObject({ code: 2 });
  });
});

describe("millrace status", () => {
  it("shows the balance, what is held and until when, what is owed, and that nobody is at work", async () => {
    const { code, out } = await call("status");
    expect(code).toBe(0);
    for (const words of [
      "ingested     15",
      "held: 1 put-off, the next until 2023-11-14T23:13:20.000Z",
      "held: 1 next-attempt, the next until 2023-11-14T22:14:20.000Z",
      "held: 1 operator",
      "dead letters that nobody has decided: 1 (millrace dlt list)",
      "doubts: 1, the oldest since 2023-11-14T22:13:20.000Z",
      "nobody is at work",
      "WARNING: nobody runs upkeep",
      "WARNING: nobody runs dispatch",
    ])
      expect(out).toContain(words);
  });

  it("says the same to a script", async () => {
    expect(lastLine(await call("status", "--json"))).toMatchObject({
      balance: { ingested: 15, open: 5, held: 3 },
      oldest_due_at: "2023-11-14T21:13:20.000Z",
      policy: 1,
      members: [],
    });
    expect(await call("status", "--watch", "--json")).toMatchObject({ code: 2 });
  });
});

describe("millrace notice", () => {
  it("says why, as an object with three names", async () => {
    const called = await call("notice", "why", "failed", "--json");
    expect(called.code).toBe(0);
    expect(lastLine(called)).toEqual({
      notice_id: "failed",
      status: "failed",
      because:
        "Failed at 2023-11-14T22:13:20.000Z: attempt failed-attempt-1 (1 of 2 on email) ended as rejected (mailbox unknown), and no channel after email has a usable contact (policy 1).",
    });
  });

  it("shows a notice in full, and never a contact", async () => {
    const { out } = await call("notice", "show", "doubted");
    expect(out).toContain("doubted is in_doubt");
    expect(out).toContain("contacts      email, sms");
    expect(out).toContain("T10  sending → in_doubt  by worker-1: the answer did not come");
    expect(out).not.toContain("encrypted");
    expect(lastLine(await call("notice", "show", "doubted", "--json"))).toMatchObject({
      notice_id: "doubted",
      attempts: [{ attempt_id: "doubted-attempt-1", state: "in_doubt" }],
    });
  });

  it("lists by what is asked for, page by page", async () => {
    const first = await call("notice", "list", "--status", "sent,failed", "--limit", "2", "--json");
    expect(lastLine(first)).toMatchObject({
      notices: [{ notice_id: "failed" }, { notice_id: "sent" }],
      next_after: "202311/sent",
    });
    const second = await call(
      "notice",
      "list",
      "--status",
      "sent,failed",
      "--after",
      "202311/sent",
      "--json",
    );
    expect(lastLine(second)).toMatchObject({ notices: [{ notice_id: "sent-by-sms" }], next_after: null });
    expect(await call("notice", "list", "--status", "lost")).toMatchObject({ code: 2 });
  });

  it("cancels what waits, notes the wish for what is on its way, and refuses what has ended", async () => {
    const reason = ["--reason", "the customer has paid"];
    expect(await call("notice", "cancel", "queued", ...reason)).toMatchObject({
      code: 0,
      out: "queued: done (cancelled).\n",
    });
    expect((await call("notice", "cancel", "sending", ...reason)).out).toContain("it is on its way");
    expect(await call("notice", "cancel", "sent", ...reason)).toMatchObject({ code: 4 });
    expect(await call("notice", "cancel", "ready")).toMatchObject({ code: 2 });
    expect(await call("notice", "cancel", "nobody", ...reason)).toMatchObject({ code: 1 });
  });

  it("sends again what failed, and once only", async () => {
    expect(await call("notice", "resend", "failed")).toMatchObject({
      code: 0,
      out: "failed: done (ready).\n",
    });
    expect(await call("notice", "resend", "failed")).toMatchObject({ code: 4 });
    expect(await call("notice", "resend", "sent")).toMatchObject({ code: 4 });
  });
});

describe("millrace notice update-contact", () => {
  const contacts = async (id: string): Promise<Readonly<Record<string, string>>> => {
    const [row] = await database.query<{ contacts: Record<string, string> }>(
      "SELECT contacts FROM millrace.contents WHERE notice_id = $1",
      [id],
    );
    return row?.contacts ?? {};
  };
  const update = (id: string, channel: string, ...more: readonly string[]): Promise<Called> =>
    call(
      ...["notice", "update-contact", id, "--channel", channel, "--from", "contact.txt"],
      ...["--reason", "called us", ...more],
    );

  it("seals the new contact, keeps the others, and says who changed it", async () => {
    await writeFile(join(folder, "contact.txt"), "new.address@example.com\n");
    const done = await update("failed", "email");
    expect(done).toMatchObject({
      code: 0,
      out: "failed: it is sent to the new contact from now on (failed).\n",
    });
    const { email, sms } = await contacts("failed");
    expect(email).not.toBe("encrypted e-mail");
    expect(email).not.toContain("example");
    expect(sms).toBe("encrypted phone");
    const told = await database.query(
      "SELECT action, subject, reason, actor FROM millrace.gate_history ORDER BY seq DESC LIMIT 1",
    );
    expect(told).toEqual([
      {
        action: "update-contact",
        subject: "failed email",
        reason: "called us",
        actor: expect.stringMatching(/^operator:/),
      },
    ]);
  });

  it("changes nothing while the contact is in use, nor after it was", async () => {
    await writeFile(join(folder, "contact.txt"), "010-1234-5678");
    for (const [id, code] of [
      ["claimed", 3],
      ["sending", 3],
      ["doubted", 3],
      ["sent", 4],
      ["nobody", 1],
    ] as const) {
      expect(await update(id, "sms"), id).toMatchObject({ code });
      expect((await contacts(id))["sms"] ?? "encrypted phone").toBe("encrypted phone");
    }
    expect(await update("queued", "sms")).toMatchObject({ code: 0 });
  });

  it("refuses what is no contact of the channel, and never shows it", async () => {
    await writeFile(join(folder, "contact.txt"), "no.address.at.all");
    const refused = await update("queued", "email");
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.error + refused.out).not.toContain("no.address");
    expect(
      await call(
        "notice",
        "update-contact",
        "queued",
        "--channel",
        "email",
        "--from",
        "none.txt",
        "--reason",
        "x",
      ),
    ).toMatchObject({ code: 1 });
  });
});

describe("millrace dlt", () => {
  it("lists what failed and why, oldest first", async () => {
    const called = await call("dlt", "list", "--json");
    expect(lastLine(called)).toMatchObject({
      letters: [
        { notice_id: "doubted", kind: "doubt" },
        { notice_id: "failed", kind: "failed", reason: "mailbox unknown" },
      ],
      total: 2,
      next_after: null,
    });
    const first = lastLine(await call("dlt", "list", "--limit", "1", "--json")) as { next_after: string };
    expect(lastLine(await call("dlt", "list", "--after", first.next_after, "--json"))).toMatchObject({
      letters: [{ notice_id: "failed" }],
    });
  });

  it("sends nothing again before somebody has said how many they are", async () => {
    expect(lastLine(await call("dlt", "replay", "--dry-run", "--json"))).toEqual({ dry_run: true, count: 1 });
    expect(await call("dlt", "replay")).toMatchObject({ code: 3 });
    expect(await call("dlt", "replay", "--confirm", "2")).toMatchObject({ code: 3 });
    const done = await call("dlt", "replay", "--confirm", "1", "--rate", "100", "--json");
    expect(done.code).toBe(0);
    expect(lastLine(done)).toMatchObject({ count: 1, replayed: 1, refused: {} });
    expect(lastLine(await call("notice", "why", "failed", "--json"))).toMatchObject({ status: "ready" });
    expect(lastLine(await call("dlt", "replay", "--dry-run", "--json"))).toMatchObject({ count: 0 });
  });

  it("says which could not be sent again, and why", async () => {
    await database.setNow(START + 1e9);
    const done = await call("dlt", "replay", "--confirm", "1", "--json");
    expect(done.code).toBe(5);
    expect(lastLine(done)).toMatchObject({ replayed: 0, refused: { "T13.expired": 1 } });
    const later = new Date(START + 2e9).toISOString();
    expect(await call("dlt", "replay", "--confirm", "1", "--expires-at", later)).toMatchObject({ code: 0 });
  });
});

describe("millrace dlt poison", () => {
  const record = (offset: string): PoisonRecord => ({
    ...{
      topic: "millrace.request.email",
      partition: 3,
      offset,
      reason: "not-json",
      stage: "decode",
      attempts: 1,
    },
    payload: Buffer.from("01012345678"),
    digest: { sha256: "ab".repeat(32), bytes: 11 },
  });

  it("lists where records lie that could not be read, and why, page by page, and nothing of what is in them", async () => {
    expect((await call("dlt", "poison")).out).toContain("Every record could be read.");
    await Effect.runPromise(ledger.poison([record("1042"), record("1043")]));
    const first = await call("dlt", "poison", "--limit", "1");
    expect(first.out).toMatch(
      /millrace\.request\.email\/3\/1042 {2}11 bytes, tried 1×, not told yet: not-json[^]*1 of 2[^]*--after millrace\.request\.email\/3\/1042/,
    );
    const second = await call("dlt", "poison", "--after", "millrace.request.email/3/1042", "--json");
    expect(lastLine(second)).toMatchObject({
      poison: [{ offset: "1043", reason: "not-json", sha256: "ab".repeat(32), bytes: 11, told: false }],
      total: 2,
      next_after: null,
    });
    expect(`${first.out}${second.out}`).not.toContain("01012345678");
  });

  it("refuses a place that is none", async () => {
    expect(await call("dlt", "poison", "--after", "somewhere")).toMatchObject({ code: 2 });
  });
});

describe("millrace dlt discard", () => {
  const because = ["--because", "told by letter"];

  it("gives up what failed, once somebody has said how many they are and why, and no replay takes it then", async () => {
    expect(lastLine(await call("dlt", "discard", "--dry-run", "--json"))).toEqual({
      ...{ dry_run: true, count: 1 },
    });
    const unsaid = await call("dlt", "discard", "--confirm", "1");
    expect(unsaid).toMatchObject({ code: 2 });
    expect(unsaid.error).toContain('--because "told by letter"');
    expect(await call("dlt", "discard", ...because)).toMatchObject({ code: 3 });
    expect(await call("dlt", "discard", "--confirm", "2", ...because)).toMatchObject({ code: 3 });
    expect(await call("dlt", "discard", "--reason", "no such", "--confirm", "1", ...because)).toMatchObject({
      code: 3,
    });
    const done = await call("dlt", "discard", "--confirm", "1", ...because, "--json");
    expect(done.code).toBe(0);
    expect(lastLine(done)).toEqual({ dry_run: false, count: 1, discarded: 1, refused: {} });
    expect(lastLine(await call("dlt", "list", "--state", "discarded", "--json"))).toMatchObject({
      letters: [{ notice_id: "failed", status: "failed" }],
    });
    expect(lastLine(await call("dlt", "replay", "--dry-run", "--json"))).toMatchObject({ count: 0 });
    expect(await call("notice", "resend", "failed")).toMatchObject({ code: 4 });
  });

  it("keeps who and why", async () => {
    await call("dlt", "discard", "--confirm", "1", ...because);
    const [noted] = await database.query(
      "SELECT actor, reason, subject FROM millrace.gate_history WHERE action = 'discard-letter'",
    );
    expect(noted).toMatchObject({
      actor: expect.stringMatching(/^operator:./) as string,
      reason: "told by letter",
      subject: expect.stringContaining(" failed failed ") as string,
    });
  });

  it("never gives up a doubt, and verify finds nothing wrong afterwards", async () => {
    expect(lastLine(await call("dlt", "discard", "--channel", "sms", "--dry-run", "--json"))).toMatchObject({
      count: 0,
    });
    await call("dlt", "discard", "--confirm", "1", ...because);
    expect(lastLine(await call("dlt", "list", "--kind", "doubt", "--json"))).toMatchObject({ total: 1 });
    expect((await call("verify", "--ingested-by", "intake")).code).toBe(0);
  });
});

describe("millrace doubt", () => {
  const evidence = ["--evidence", "in the gateway's log"];

  it("lists who ends each doubt", async () => {
    expect(lastLine(await call("doubt", "list", "--json"))).toMatchObject({
      doubts: [{ notice_id: "doubted", provider: "simulated", owed_by: "operator" }],
    });
  });

  it("takes an operator's word that it was accepted", async () => {
    expect(await call("doubt", "resolve", "doubted", "--accepted", "m-17", ...evidence)).toMatchObject({
      code: 0,
      out: "doubted: done (sent).\n",
    });
    expect(lastLine(await call("notice", "why", "doubted", "--json"))).toMatchObject({
      because: expect.stringContaining("as message m-17: operator: in the gateway's log"),
    });
    expect(await call("doubt", "resolve", "doubted", "--accepted", "m-17", ...evidence)).toMatchObject({
      code: 4,
    });
  });

  it("takes an operator's word that it was not, once no copy can be accepted any more", async () => {
    // The provider of the configuration, which the story's attempts were not made by.
    expect(await call("doubt", "resolve", "doubted", "--not-accepted", ...evidence)).toMatchObject({
      code: 3,
    });
    await database.query("UPDATE millrace.attempt SET provider = 'simulated-email'");
    const tooEarly = await call("doubt", "resolve", "doubted", "--not-accepted", ...evidence);
    expect(tooEarly).toMatchObject({ code: 3 });
    expect(tooEarly.out).toContain("it is too early to say that none was");
    await database.setNow(START + 600_000);
    expect(await call("doubt", "resolve", "doubted", "--not-accepted", ...evidence)).toMatchObject({
      code: 0,
      out: "doubted: done (queued).\n",
    });
  });

  it("wants one answer, and words for it", async () => {
    expect(await call("doubt", "resolve", "doubted", ...evidence)).toMatchObject({ code: 2 });
    expect(
      await call("doubt", "resolve", "doubted", "--accepted", "m", "--not-accepted", ...evidence),
    ).toMatchObject({
      code: 2,
    });
    expect(await call("doubt", "resolve", "doubted", "--accepted", "m")).toMatchObject({ code: 2 });
  });
});

describe("millrace suppress", () => {
  it("adds, lists and removes", async () => {
    expect(await call("suppress", "add", "user-1", "--reason", "asked for it")).toMatchObject({ code: 0 });
    expect(lastLine(await call("suppress", "list", "--limit", "1", "--json"))).toMatchObject({
      suppressions: [
        { user_id: "user-1", reason: "asked for it", actor: expect.stringMatching(/^operator:/) },
      ],
      next_after: "user-1",
    });
    expect(await call("suppress", "remove", "user-1")).toMatchObject({ code: 0 });
    expect(lastLine(await call("suppress", "list", "--json"))).toMatchObject({
      suppressions: [{ user_id: "user-of-suppressed" }],
      next_after: null,
    });
    expect(await call("suppress", "add", "user-1")).toMatchObject({ code: 2 });
  });
});
