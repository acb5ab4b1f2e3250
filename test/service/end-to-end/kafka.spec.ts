/**
 * The service on a real broker: roles as processes of their own, topics made by the command, a worker killed in the middle, and the
 * way from the ledger as the log to Kafka and back with work queued.
 */
import { Result } from "effect";
import { expect, it } from "vitest";
import { readResult, resultId } from "../../../src/domain/records/result-record.ts";
import { describeOnKafka } from "../../support/kafka.ts";
import { valuesOf } from "../../support/plain-reader.ts";
import { BRIEF, gatewayFlags, readiness, startGateway, startRun, writeBills } from "./november.ts";
import { onKafka } from "./on-kafka.ts";
import { doubtsOf, lastLine, openPlace, type Place, type Running } from "./place.ts";

const LIMIT_MS = 240_000;
const CLEAN = { ok: true, balanced: true, lost: 0, duplicates: 0, open: 0, in_doubt: 0, violations: [] };
const OPEN = "millrace.notice WHERE status NOT IN ('sent', 'failed', 'suppressed', 'expired', 'cancelled')";

const BROKERS = process.env["MILLRACE_TEST_KAFKA"] ?? "";

const countOf = async ({ query }: Place, where: string): Promise<number> =>
  Number((await query<{ n: string }>(`SELECT count(*) AS n FROM ${where}`))[0]?.n);

const done = async (place: Place, ...line: readonly string[]): Promise<void> => {
  const { code, error, out } = await place.call(...line);
  if (code !== 0) throw new Error(`${line.join(" ")}: ${error}${out}`);
};

const baseOf = async (serve: Running): Promise<string> =>
  (await serve.says(/(http:\/\/127\.0\.0\.1:\d+)\/readyz/))[1] ?? "";

describeOnKafka("the service on Kafka", { timeout: LIMIT_MS, concurrent: true }, () => {
  it("takes bills over it in processes of one role each, one of them killed with sends under way", async ({
    onTestFinished,
  }) => {
    const kafka = onKafka(BROKERS);
    const place = await openPlace({ ...BRIEF, ...kafka });
    onTestFinished(place.close, LIMIT_MS);
    const refused = await place.call("serve", "--role", "dispatch");
    expect(refused).toMatchObject({ code: 3 });
    expect(refused.error).toContain('make it with "millrace topics create"');

    await done(place, "topics", "create");
    const gateway = await startGateway(place, "--latency", "300");
    const flags = [...gatewayFlags(gateway.url), "--set", "delivery.windowCredits=20"];
    const role = (name: string): Running => place.start(...flags, "serve", "--role", name);
    const [dispatch, one, another] = [role("dispatch"), role("deliver"), role("deliver")];
    role("upkeep");
    const base = await baseOf(dispatch);
    const readyAt = await baseOf(another);
    await place.until("both workers read the topics", async () => {
      const ready = await Promise.all([baseOf(one).then(readiness), readiness(readyAt)]);
      return ready.every(({ checks }) => checks.some(({ name, ok }) => name === "log" && ok));
    });
    await done(place, "ingest", await writeBills(place, 400));
    expect((await startRun(base, "november")).status).toBe(201);
    const sendsOf = (worker: Running) =>
      `millrace.notice WHERE status = 'sending' AND owner LIKE '%:${worker.pid}:%'`;
    await place.until("the worker has sends under way", async () => (await countOf(place, sendsOf(one))) > 0);
    one.kill("SIGKILL");
    await one.ended;
    await place.until("every notice is settled", async () => (await countOf(place, OPEN)) === 0);
    expect(await doubtsOf(place)).toBeGreaterThan(0);
    const verified = await place.call(...flags, "verify", "--provider-journal", gateway.journal, "--json");
    expect(lastLine(verified)).toMatchObject({ ...CLEAN, ingested: 400, sent: 400 });

    await place.until(
      "each outcome is told",
      async () => (await countOf(place, "millrace.untold_results")) === 0,
    );
    const values = await valuesOf(kafka.MILLRACE_KAFKA_RESULT_TOPIC, 400);
    const results = values.map((value) => Result.getOrThrow(readResult(value)));
    expect(new Set(results.map(resultId)).size).toBe(400);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["sent"]));
  });

  it("loses nothing on the way from the ledger as the log to Kafka, and back", async ({ onTestFinished }) => {
    const kafka = onKafka(BROKERS);
    const place = await openPlace({ ...BRIEF, ...kafka, MILLRACE_DISPATCH_CAP_PER_RUN: "50" });
    onTestFinished(place.close, LIMIT_MS);
    await done(place, "topics", "create");
    const gateway = await startGateway(place);
    const flags = gatewayFlags(gateway.url);
    const withoutBrokers = ["--set", "kafka.brokers=none"];
    await done(place, "ingest", await writeBills(place, 100));

    await done(place, ...flags, ...withoutBrokers, "run", "--once", "--key", "the ledger is the log");
    expect(await countOf(place, "millrace.notice WHERE status = 'queued'")).toBe(50);
    const serve = place.start(...flags, "serve");
    await place.until("what was queued without brokers is sent", async () => {
      return (await countOf(place, "millrace.notice WHERE status = 'sent'")) === 50;
    });
    serve.kill("SIGTERM");
    expect(await serve.ended).toMatchObject({ code: 0 });

    await done(place, ...flags, "run", "--once", "--key", "Kafka is the log");
    expect(await countOf(place, "millrace.notice WHERE status = 'queued'")).toBe(50);
    const alone = place.start(...flags, ...withoutBrokers, "serve");
    await place.until("what was queued for Kafka is sent", async () => (await countOf(place, OPEN)) === 0);
    alone.kill("SIGTERM");
    expect(await alone.ended).toMatchObject({ code: 0 });
    const verified = await place.call(...flags, "verify", "--provider-journal", gateway.journal, "--json");
    expect(lastLine(verified)).toMatchObject({ ...CLEAN, ingested: 100, sent: 100 });
  });
});
