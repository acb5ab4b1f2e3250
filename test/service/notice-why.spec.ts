/**
 * The reason of a notice in every place there is, as an operator reads it from a real ledger.
 */
import { Effect } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPool, postgresLedger, type Pool } from "../../src/adapters/postgres/index.ts";
import { openReports, type Reports } from "../../src/adapters/postgres/reports/open-reports.ts";
import { noticeId } from "../../src/domain/ids.ts";
import type { NoticeLedger } from "../../src/domain/ports/notice-ledger.ts";
import { noticeWhy } from "../../src/service/notice-why.ts";
import { freshDatabase, type TestDatabase } from "../support/postgres.ts";
import { idOf, STORY, tellStory, type StoryNotice } from "./verify/ledger-story.ts";

const AT = "2023-11-14T22:13:20.000Z";

const REASONS: Readonly<Record<StoryNotice, string>> = {
  sent: `The provider simulated accepted attempt sent-attempt-1 (1 of 2 on email) at ${AT} as message m-sent: answer 250 (policy 1).`,
  "sent-by-sms": `The provider simulated accepted attempt sent-by-sms-attempt-2 (1 of 1 on sms) at ${AT} as message m-sms: answer 250 (policy 1).`,
  failed: `Failed at ${AT}: attempt failed-attempt-1 (1 of 2 on email) ended as rejected (mailbox unknown), and no channel after email has a usable contact (policy 1).`,
  doubted: `In doubt whether the provider simulated accepted attempt doubted-attempt-1 (1 of 2 on email), since ${AT}: the answer did not come (policy 1).`,
  sending: `The right to send attempt sending-attempt-1 (1 of 2 on email) was given at ${AT}, and the answer of the provider simulated is awaited (policy 1).`,
  claimed: `Worker worker-1 prepares attempt 1 of 2 on email under a lease until 2023-11-14T22:13:50.000Z (policy 1).`,
  queued: `Queued for attempt 1 of 2 on email, and waits for a worker: it was routed by run run-1 at ${AT} (policy 1).`,
  waiting: `Waits until 2023-11-14T22:14:20.000Z for attempt 2 of 2 on email, after attempt waiting-attempt-1 had ended: 450 mailbox busy (policy 1).`,
  ready: `Due since 2023-11-14T21:13:20.000Z, and waits for the next run, which routes it to email: email is the first of email, sms with a usable contact (policy 1).`,
  "put-off": `Not due before 2023-11-14T23:13:20.000Z: that is when it was made available (policy 1).`,
  held: `Held since ${AT} by worker-1 until an operator releases it (policy 1).`,
  cancelled: `Cancelled by worker-1: the customer has paid, at ${AT} (policy 1).`,
  suppressed: `The recipient is on the suppression list since ${AT} (moved away), so nothing was sent at ${AT} (policy 1).`,
  expired: `Its time to be sent ended at 2023-11-14T22:13:21.000Z, before it was on its way; until then it was ready (policy 1).`,
  replayed: `The right to send attempt replayed-attempt-2 (1 of 2 on email) was given at ${AT}, and the answer of the provider simulated is awaited (policy 1).`,
};

describe("the reason why a notice is where it is", () => {
  let database: TestDatabase;
  let pool: Pool;
  let ledger: NoticeLedger;
  let reports: Reports;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 2 });
    ledger = postgresLedger({ pool });
    reports = openReports(database.service);
    await tellStory(ledger, database.setNow);
  });
  afterAll(async () => {
    await reports.close();
    await pool.close();
    await database.drop();
  });

  const reason = async (id: string): Promise<string | undefined> =>
    (await noticeWhy({ reports: reports.reports, ledger }, noticeId(id)))?.because;

  for (const id of STORY) {
    it(`says it of what is ${id}`, async () => {
      expect(await reason(idOf(id))).toBe(REASONS[id]);
    });
  }

  it("names the pause that is in the way", async () => {
    await Effect.runPromise(ledger.pause("*", "the gateway is being moved.", "operator:kim"));
    expect(await reason("ready")).toContain(
      `and everything is paused since 2023-11-14T22:13:22.000Z, because of "the gateway is being moved"`,
    );
    expect(await reason("queued")).toContain("which is paused since");
    await Effect.runPromise(ledger.resume("*", "operator:kim"));
  });

  it("is none where there is no such notice", async () => {
    expect(await noticeWhy({ reports: reports.reports, ledger }, noticeId("nobody"))).toBeNull();
  });
});
