/**
 * A dry run decides by the function that routes, so what it says is what a run then does: shown over any mix of candidates.
 */
import { Effect } from "effect";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPool, postgresLedger, type Pool } from "../../src/adapters/postgres/index.ts";
import { postgresRuns } from "../../src/adapters/postgres/runs.ts";
import { openReports, type Reports } from "../../src/adapters/postgres/reports/open-reports.ts";
import { policiesAtHand, type PoliciesAtHand } from "../../src/adapters/memory/policies-at-hand.ts";
import { instant, workerId } from "../../src/domain/ids.ts";
import type { NewNotice, NoticeLedger } from "../../src/domain/ports/notice-ledger.ts";
import { carryOut, openRun } from "../../src/service/dispatch.ts";
import { dryRun } from "../../src/service/dry-run.ts";
import { DEMO_POLICY, DEMO_POLICY_WRITTEN } from "../../src/service/policy-file.ts";
import type { Wiring } from "../../src/service/wiring.ts";
import { systemPorts } from "../../src/streams/runtime/system-ports.ts";
import { aNotice, EMAIL, HOUR, SMS, START } from "../contracts/notice-ledger-commands.ts";
import { freshDatabase, type TestDatabase } from "../support/postgres.ts";

let database: TestDatabase;
let pool: Pool;
let ledger: NoticeLedger;
let reports: Reports;
let policies: PoliciesAtHand;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool({ connection: database.service, maxConnections: 4 });
  ledger = postgresLedger({ pool });
  reports = openReports(database.service);
  policies = await Effect.runPromise(policiesAtHand(ledger, systemPorts.clock));
});
afterAll(async () => {
  policies.stop();
  await reports.close();
  await pool.close();
  await database.drop();
});

const anew = async (notices: readonly NewNotice[], unwanted: readonly string[]): Promise<void> => {
  await database.clear();
  await database.setNow(START);
  await Effect.runPromise(ledger.activatePolicy(DEMO_POLICY.version, DEMO_POLICY_WRITTEN, "test"));
  await Effect.runPromise(policies.refresh);
  if (notices.length > 0) await Effect.runPromise(ledger.ingest(notices));
  for (const user of unwanted) await Effect.runPromise(ledger.suppress(user, "asked", "test"));
};

const everything = () =>
  database.query("SELECT n::text FROM millrace.notice n UNION ALL SELECT h::text FROM millrace.history h");

const saidOf = async (): Promise<ReadonlyMap<string, string>> => {
  const said = new Map<string, string>();
  for await (const { noticeId, decision } of dryRun(reports.reports, policies, DEMO_POLICY, instant(START)))
    said.set(noticeId, decision.kind === "route" ? `queued ${decision.channel}` : decision.kind);
  return said;
};

const candidate = fc.record({
  contacts: fc.constantFrom([EMAIL, SMS], [EMAIL], [SMS]),
  inMs: fc.constantFrom(-HOUR, 0, HOUR),
  isUnwanted: fc.boolean(),
  hasQuietHours: fc.boolean(),
});

describe("a dry run", () => {
  it("says of each what the run then does with it, and changes nothing", { timeout: 120_000 }, async () => {
    const wiring = {
      ...{ runs: postgresRuns({ pool }), ledger, policies, system: systemPorts, worker: workerId("w") },
      config: { dispatch: { capPerRun: 1_000, pageSize: 7 }, kafka: { brokers: null } },
    } as unknown as Wiring; // what a run looks at
    await fc.assert(
      fc.asyncProperty(fc.array(candidate, { maxLength: 12 }), async (people) => {
        const notices = people.map(({ contacts, inMs, hasQuietHours }, nth) =>
          aNotice(`n${nth}`, {
            contacts: Object.fromEntries(contacts.map((channel) => [channel, "sealed"])),
            dueAt: instant(START + inMs),
            routing: hasQuietHours
              ? { quietHours: { zone: "UTC", intervals: [{ from: "00:00", until: "23:59" }] } }
              : {},
          }),
        );
        const unwanted = people.flatMap(({ isUnwanted }, nth) => (isUnwanted ? [`user-of-n${nth}`] : []));
        await anew(notices, unwanted);
        const before = await everything();
        const said = await saidOf();
        expect(await everything()).toEqual(before);

        const { run } = await openRun(wiring, "key", "test");
        await carryOut(wiring, run).done;
        const rows = await database.query<{ id: string; status: string; channel: string | null }>(
          "SELECT notice_id AS id, status::text, channel FROM millrace.notice",
        );
        for (const { id, status, channel } of rows) {
          const did = status === "queued" ? `queued ${channel ?? "-"}` : status;
          const words = { suppressed: "suppress", ready: "later" }[did] ?? did;
          // who is not due yet is not in a run, so nothing is said of them
          expect(said.get(id) ?? "later").toBe(words);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("reads on past its first page", async () => {
    await anew(
      Array.from({ length: 501 }, (_, nth) => aNotice(`n${nth}`)),
      [],
    );
    expect((await saidOf()).size).toBe(501);
  });
});
