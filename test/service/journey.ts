/**
 * The whole journey in this process, made from a configuration as the service makes it: bills in, one run, delivered to a gateway
 * that writes down what it was given, and the ledger's word on what became of each.
 */
import { chmodSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Effect, Result } from "effect";
import { openReports } from "../../src/adapters/postgres/reports/open-reports.ts";
import type { BillRow } from "../../src/domain/bill-line.ts";
import type { NoticeReport } from "../../src/domain/ports/ledger-reports.ts";
import { loadConfig } from "../../src/service/config/load.ts";
import { startDelivery } from "../../src/service/deliver.ts";
import { carryOut, openRun } from "../../src/service/dispatch.ts";
import { ingestBills, type IngestProgress } from "../../src/service/ingest.ts";
import { oldContacts } from "../../src/service/old-contacts.ts";
import { DEMO_POLICY, DEMO_POLICY_WRITTEN } from "../../src/service/policy-file.ts";
import { openWiring } from "../../src/service/wiring.ts";
import { startFakeGateway, type FakeGateway } from "../support/fake-gateway.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { linesOf } from "./bill-rows.ts";
import { urlOf } from "./calling.ts";

/** What is asked is the ledger, which rings no bell for a test. */
const LOOK_EVERY_MS = 10;
const MOST_LOOKS = 1_000;

/** Written as an operator would. */
export const writeKeys = (folder: string, keys: object): string => {
  const file = join(folder, "keys.json");
  writeFileSync(file, JSON.stringify(keys));
  chmodSync(file, 0o600);
  return file;
};

export interface Journey {
  readonly gateway: FakeGateway;
  readonly ingest: (rows: readonly BillRow[], variables?: Variables) => Promise<IngestProgress>;
  /** One run, and delivery until nothing waits any more. */
  readonly deliver: (variables?: Variables) => Promise<void>;
  /** By bill. */
  readonly reports: () => Promise<ReadonlyMap<string, NoticeReport>>;
  /** What the gateway was given by e-mail, as `to`. */
  readonly mailed: () => readonly string[];
  readonly close: () => Promise<void>;
}

type Variables = Readonly<Record<string, string>>;

export const openJourney = async (database: TestDatabase, always: Variables): Promise<Journey> => {
  const gateway = await startFakeGateway();

  const wired = async <A>(
    more: Variables,
    work: (wiring: Awaited<ReturnType<typeof openWiring>>) => Promise<A>,
  ): Promise<A> => {
    const environment = {
      MILLRACE_DATABASE_URL: urlOf(database),
      MILLRACE_PROVIDERS_EMAIL_KIND: "http-gateway",
      MILLRACE_PROVIDERS_EMAIL_URL: gateway.url,
      MILLRACE_DELIVERY_MAX_WAIT_MS: "20",
      ...always,
      ...more,
    };
    const loaded = loadConfig({ folder: tmpdir(), environment });
    if (Result.isFailure(loaded)) throw new Error(JSON.stringify(loaded.failure));
    const wiring = await openWiring(loaded.success.config, {
      name: "journey",
      sink: { write: () => undefined },
    });
    try {
      if (wiring.policies.active() === null) {
        const [email] = DEMO_POLICY.channels;
        const mailOnly = { ...DEMO_POLICY_WRITTEN, channels: [email] };
        await Effect.runPromise(wiring.ledger.activatePolicy(DEMO_POLICY.version, mailOnly, "journey"));
        await Effect.runPromise(wiring.policies.refresh);
      }
      return await work(wiring);
    } finally {
      await wiring.close();
    }
  };

  const waiting = async (): Promise<number> =>
    (
      await database.query(
        "SELECT FROM millrace.notice WHERE status NOT IN ('sent', 'failed', 'suppressed', 'expired', 'cancelled')",
      )
    ).length;

  return {
    gateway,
    ingest: (rows, variables = {}) =>
      wired(variables, ({ ledger, cipher, sealedAbout, system }) =>
        Effect.runPromise(
          ingestBills({ ledger, cipher, sealedAbout, refOf: null, clock: system.clock }, linesOf(rows), {
            ...{ actor: "journey", expiresAfterMs: DEMO_POLICY.expiresAfterMs },
            openContact: oldContacts(cipher),
          }),
        ),
      ),
    deliver: (variables = {}) =>
      wired(variables, async (wiring) => {
        const delivery = startDelivery(wiring, [...wiring.senders.keys()]);
        try {
          const { run } = await openRun(wiring, wiring.system.newId(), "journey");
          await carryOut(wiring, run).done;
          for (let looks = 0; (await waiting()) > 0; looks += 1) {
            if (looks === MOST_LOOKS) throw new Error("it is not delivered, and nothing brings it on");
            await wait(LOOK_EVERY_MS);
          }
        } finally {
          await delivery.drain(10_000);
        }
      }),
    reports: async () => {
      const { reports, close } = openReports(database.admin);
      try {
        const listed = await Effect.runPromise(reports.notices({}, 100));
        const read = await Effect.runPromise(
          Effect.forEach(listed, ({ notice }) => reports.notice(notice.noticeId)),
        );
        return new Map(read.flatMap((report) => (report === null ? [] : [[report.billId, report] as const])));
      } finally {
        await close();
      }
    },
    mailed: () =>
      gateway.requests.flatMap(({ method, body }) => {
        if (method !== "POST") return [];
        const { to } = JSON.parse(body) as { readonly to: string }; // as the protocol has it
        return [to];
      }),
    close: () => gateway.close(),
  };
};
