/**
 * The audit beside a worker: it prints what lies in the topics, and the worker's group does not notice.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Effect, Result } from "effect";
import { expect, it } from "vitest";
import type { LogEvent } from "../../src/adapters/kafka/log-events.ts";
import type { WireRecord } from "../../src/adapters/kafka/log-message.ts";
import { requestWire, resultWire } from "../../src/adapters/kafka/record-wire.ts";
import { readRequest } from "../../src/domain/records/request-record.ts";
import { readResult } from "../../src/domain/records/result-record.ts";
import { deadLetter, pipeline, stage } from "../../src/index.ts";
import { golden } from "../domain/records/golden.ts";
import { cluster, describeOnKafka, freshName } from "../support/kafka.ts";
import { clusterWorld, Waiters } from "../support/kafka-clients.ts";
import { compiled } from "../support/program.ts";

const ROOT = join(import.meta.dirname, "../..");
/** The example is a process of its own; its start takes two seconds on an idle machine. */
const WITHIN_MS = 120_000;
const CHANNELS = ["email", "sms"] as const;
const idOf = (number: number): string => `202611-bill-000000${number}-monthly`;

/** The golden samples, about other notices. */
const sample = (name: string, fields: Readonly<Record<string, unknown>>): Uint8Array =>
  Buffer.from(JSON.stringify({ ...(JSON.parse(golden(name)) as object), ...fields })); // a sample is an object

describeOnKafka("the audit of a log", () => {
  const world = clusterWorld("kafkajs");

  it(
    "prints what it says it prints, and does not disturb the worker beside it",
    { timeout: WITHIN_MS },
    async () => {
      const name = freshName("audit");
      const [requests, results] = [`${name}.request`, `${name}.result`];
      for (const channel of CHANNELS) await world.makeTopic(2, `${requests}.${channel}`);
      await world.makeTopic(1, results);
      const publisher = world.log().publisher<WireRecord>({ wire: ({ body }) => Result.succeed(body) });
      const publish = async (record: WireRecord): Promise<void> => {
        const [outcome] = await Effect.runPromise(
          publisher.publish([{ key: "", body: record, headers: {} }]),
        );
        expect(outcome !== undefined && Result.isSuccess(outcome)).toBe(true);
      };
      const request = async (
        number: number,
        epoch: number,
        channel: (typeof CHANNELS)[number],
      ): Promise<void> => {
        const bytes = sample("request-v2", { noticeId: idOf(number), epoch, channel });
        const record = Result.getOrThrow(readRequest(bytes));
        if (record.details === null) throw new Error("a request of the present version has details");
        await publish(requestWire({ ...record, details: record.details }, (own) => `${requests}.${own}`));
      };
      const result = async (number: number, status: string): Promise<void> => {
        const bytes = sample("result-v1", { noticeId: idOf(number), status });
        await publish(resultWire(Result.getOrThrow(readResult(bytes)), results));
      };
      await publish({ topic: results, key: "k", value: Buffer.from("{"), headers: {} });
      for (const number of [1, 2, 3]) await request(number, 2, "email");
      // published again, and by the other channel after the first has failed
      await request(3, 2, "email");
      await request(2, 4, "sms");
      await request(3, 4, "sms");
      await result(1, "sent");
      await result(2, "failed");
      await result(2, "failed");
      await Effect.runPromise(publisher.close);

      const started = await compiled();
      const heard: LogEvent["type"][] = [];
      const waiters = new Waiters();
      const [topic, groupId] = [`${requests}.email`, freshName("worker")];
      const worker = pipeline({
        name: "worker",
        source: world.log().source({
          ...{ topic, groupId, maxWaitMs: 50, heartbeatMs: 100, body: () => null },
          told: ({ type }) => {
            heard.push(type);
            waiters.look();
          },
        }),
        flow: (items) => items.pipe(stage({ name: "work", work: () => Promise.resolve() })),
        diversions: { work: deadLetter },
        deadLetters: { write: () => Effect.die("nothing here is to die") },
      }).start();
      await waiters.until(() => heard.includes("group:join:done"));
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [...started(join(ROOT, "examples/run.ts")), "07-kafka-audit"],
        {
          cwd: ROOT,
          env: {
            ...process.env,
            MILLRACE_KAFKA_BROKERS: cluster.brokers.join(","),
            MILLRACE_KAFKA_REQUEST_TOPIC: requests,
            MILLRACE_KAFKA_RESULT_TOPIC: results,
          },
        },
      );
      await worker.drain();

      expect(stderr).toBe("");
      expect(stdout).toBe(readFileSync(join(ROOT, "examples/07-kafka-audit/expected.txt"), "utf8"));
      expect(heard).toEqual(["group:join:done"]);
      expect(await world.isCommitted(groupId, topic)).toBe(true);
    },
  );
});
