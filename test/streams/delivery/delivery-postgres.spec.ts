/**
 * A delivery on a real database, given up again and again while rights are being won: what nobody was asked for must not be in doubt.
 */
import { Effect } from "effect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openPool,
  type Pool,
  postgresLedger,
  postgresQueuedNotices,
} from "../../../src/adapters/postgres/index.ts";
import { attemptId, type AttemptId } from "../../../src/domain/ids.ts";
import type { NoticeLedger } from "../../../src/domain/ports/notice-ledger.ts";
import type { Sender, SendOutcome } from "../../../src/domain/ports/sender.ts";
import { deliveryPipeline } from "../../../src/streams/delivery/delivery-pipeline.ts";
import type { DeliveryPorts } from "../../../src/streams/delivery/delivery-ports.ts";
import { ledgerDelivery } from "../../../src/streams/delivery/ledger-delivery.ts";
import { Leases } from "../../../src/streams/delivery/leases.ts";
import { ProviderGate } from "../../../src/streams/delivery/provider-gate.ts";
import { systemPorts } from "../../../src/streams/runtime/system-ports.ts";
import { aNotice, command, EMAIL, LEASE_MS, START, WORKER } from "../../contracts/notice-ledger-commands.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { POLICY, worldWith } from "./delivery-world.ts";

const ROUNDS = 16;
const NOTICES = 60;
const run = Effect.runPromise;

describe("a delivery on Postgres", () => {
  let database: TestDatabase;
  let pool: Pool;
  let ledger: NoticeLedger;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = openPool({ connection: database.service, maxConnections: 6 });
    ledger = postgresLedger({ pool });
    await database.setNow(START);
    await run(ledger.activatePolicy(POLICY.version, POLICY, "operator:kim"));
  });
  afterAll(async () => {
    await pool.close();
    await database.drop();
  });

  const queue = async (round: number): Promise<void> => {
    const ids = Array.from({ length: NOTICES }, (_, at) => `r${round}-n${at}`);
    const contacts = { [EMAIL]: "contact:kim@example.com" };
    const content = { sealed: 'bill:{"sum":"1"}' };
    await run(ledger.ingest(ids.map((id) => aNotice(id, { contacts, routing: {}, content }))));
    await run(
      ledger.apply(
        "route",
        ids.map((id) => command("route", id)),
      ),
    );
  };

  /** By the real clock; what prepares a message is the memory world's. */
  const portsOf = async (asked: Set<AttemptId>, begins: () => void): Promise<DeliveryPorts> => {
    const world = await worldWith();
    const ports = world.ports();
    const { limits } = ports.sender;
    const sender: Sender = {
      ...ports.sender,
      send: (batch) =>
        batch.map(async ({ attemptId: id }): Promise<SendOutcome> => {
          asked.add(id);
          await new Promise((resolve) => setTimeout(resolve, 5)); // the provider's own time
          return { kind: "accepted", providerMessageId: `m-${id}`, words: "accepted" };
        }),
    };
    const watched: NoticeLedger = {
      ...ledger,
      apply: (type, batch) => {
        if (type === "begin-send") begins();
        return ledger.apply(type, batch);
      },
    };
    return {
      ...ports,
      ...{ ledger: watched, sender, system: systemPorts },
      gate: new ProviderGate({ provider: "scripted", limits, ports: systemPorts }),
      leases: new Leases({ ledger, worker: WORKER, leaseMs: LEASE_MS, system: systemPorts }),
      limits: { ...ports.limits, batchCount: 10 },
    };
  };

  it("leaves no attempt open, however often and whenever it is given up", async () => {
    const asked = new Set<AttemptId>();
    for (let round = 0; round < ROUNDS; round += 1) {
      await queue(round);
      let left = round % 4;
      let come: () => void = () => undefined;
      const moment = new Promise<void>((resolve) => (come = resolve));
      const ports = await portsOf(asked, () => {
        if (left === 0) setTimeout(come, round / 2); // into the statement, or into what follows it
        left -= 1;
      });
      const log = ledgerDelivery(ports, { queued: postgresQueuedNotices({ pool }), pageCount: 10 });
      const delivery = deliveryPipeline(ports, log).start();
      await moment;
      await (round % 2 === 0 ? delivery.abort() : delivery.drain(0));
    }
    const attempts = await database.query<{ attempt_id: string; state: string }>(
      "SELECT attempt_id, state FROM millrace.attempt",
    );
    const seen = new Map(attempts.map(({ attempt_id, state }) => [attemptId(attempt_id), state]));
    expect(asked.size).toBeGreaterThan(0);
    expect(seen.size, "some rights were never used").toBeGreaterThan(asked.size);
    for (const [id, state] of seen) expect(state).toBe(asked.has(id) ? "accepted" : "not_handed_over");
    const open = await database.query<{ status: string; count: string }>(
      "SELECT status, count(*)::text FROM millrace.notice WHERE status NOT IN ('sent', 'queued') GROUP BY status",
    );
    expect(open).toEqual([]);
  }, 60_000);
});
