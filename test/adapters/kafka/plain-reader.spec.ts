/**
 * What a reader of results outside needs: a client of Kafka, a reader of JSON, and the page that describes the records. Nothing of
 * ours is used to read here; which fields a result has, and which of them may be empty, is taken from the page.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Effect, Result } from "effect";
import fc from "fast-check";
import { Kafka, type KafkaMessage, logLevel } from "kafkajs";
import { beforeAll, expect, it } from "vitest";
import type { WireRecord } from "../../../src/adapters/kafka/log-message.ts";
import { resultWire } from "../../../src/adapters/kafka/record-wire.ts";
import { results } from "../../domain/records/arbitraries.ts";
import { cluster, describeOnKafka, freshName } from "../../support/kafka.ts";
import { clusterWorld } from "../../support/kafka-clients.ts";

const script = process.env["MILLRACE_TEST_KAFKA_SCRIPT"] ?? "";
const page = readFileSync(join(import.meta.dirname, "../../../docs/records.md"), "utf8");
/** Of a tool of Kafka's own: its start takes two seconds on an idle machine. */
const TOOL_WITHIN_MS = 60_000;
const PUBLISHED = 300;
/** So many of them once more. */
const REPEATED = 50;

type Fields = Readonly<Record<string, unknown>>;
const parsed = (text: string): Fields => JSON.parse(text) as Fields; // every record of the page is an object

/** The names in a sentence of the page: `in such quotes`. */
const quoted = (sentence: string | undefined): readonly string[] =>
  [...(sentence ?? "").matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);

/** What the page says of results. */
const documented = () => {
  const section = page.slice(page.indexOf("## Result, version 1"), page.indexOf("## Dead letter, version 1"));
  const sample = /```json result-v1\n(.*?)```/s.exec(section)?.[1] ?? "null";
  const [words = ""] = section.split("```");
  const sentences = words.replace(/\n/g, " ").split(". ");
  const empty = quoted(sentences.find((sentence) => sentence.includes("may be `null`")));
  const [, ...statuses] = quoted(sentences.find((sentence) => sentence.includes("`status` is")));
  return { sample: parsed(sample), mayBeEmpty: empty.filter((name) => name !== "null"), statuses };
};

/** Everything in which a record is not what the page says. */
const departures = (record: Fields): readonly string[] => {
  const { sample, mayBeEmpty, statuses } = documented();
  const found: string[] = [];
  for (const name of Object.keys(sample)) if (!(name in record)) found.push(`${name} is missing`);
  for (const [name, value] of Object.entries(record)) {
    const example = sample[name];
    if (!(name in sample)) found.push(`${name} is not on the page`);
    else if (value === null) {
      if (!mayBeEmpty.includes(name)) found.push(`${name} is empty`);
    } else if (example !== null && typeof value !== typeof example)
      found.push(`${name} is a ${typeof value}`);
  }
  if (!statuses.includes(String(record["status"]))) found.push(`status is ${String(record["status"])}`);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(record["endedAt"])))
    found.push("endedAt is no time");
  return found;
};

describeOnKafka("a reader of results that knows only the page", () => {
  const world = clusterWorld("kafkajs");
  const outcomes = fc.sample(results, { seed: 5, numRuns: PUBLISHED });
  let topic = "";
  beforeAll(async () => {
    topic = await world.makeTopic(4);
    const publisher = world.log().publisher<WireRecord>({ wire: ({ body }) => Result.succeed(body) });
    const taken = await Effect.runPromise(
      publisher.publish(
        [...outcomes, ...outcomes.slice(0, REPEATED)].map((outcome) => ({
          ...{ key: "", headers: {}, body: resultWire(outcome, topic) },
        })),
      ),
    );
    await Effect.runPromise(publisher.close);
    expect(taken.filter(Result.isFailure)).toEqual([]);
  });

  const demand = (records: readonly Fields[]): void => {
    for (const record of records) expect(departures(record)).toEqual([]);
    const distinct = new Map(records.map((record) => [record["resultId"], record]));
    const expected = new Set(outcomes.map((own) => `${own.period}/${own.noticeId}/${own.generation}`));
    expect(new Set(distinct.keys())).toEqual(expected);
    for (const { period, noticeId, generation, status, billId, attempts } of outcomes) {
      const read = distinct.get(`${period}/${noticeId}/${generation}`);
      expect(read).toMatchObject({ noticeId, status, billId, attempts });
    }
  };

  it("finds on the page what it needs", () => {
    const { sample, mayBeEmpty, statuses } = documented();
    expect(departures(sample)).toEqual([]);
    expect(mayBeEmpty.length).toBeGreaterThan(3);
    expect(statuses).toContain("sent");
    const bent = departures({ ...sample, status: "sending", more: 1, billId: null, attempts: "2" });
    expect(new Set(bent)).toEqual(
      new Set(["billId is empty", "attempts is a string", "more is not on the page", "status is sending"]),
    );
  });

  it("reads every result by a client of its own, drops repeats by their id, and may go by the headers alone", async () => {
    const kafka = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: freshName("outside") });
    const read: KafkaMessage[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = ({ message }: { readonly message: KafkaMessage }): Promise<void> => {
        read.push(message);
        if (read.length === PUBLISHED + REPEATED) resolve();
        return Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    const records = read.map(({ value }) => parsed(value?.toString("utf8") ?? "null"));
    demand(records);
    for (const [at, { key, headers }] of read.entries()) {
      const { billId, resultId, schema, version } = records[at] ?? {};
      // half a character is written whole in UTF-8, and as what it is in JSON
      expect(key?.toString("utf8")).toBe(Buffer.from(String(billId)).toString("utf8"));
      const named = ["event-id", "schema", "version"].map((name) => headers?.[name]?.toString());
      expect(named).toEqual([resultId, schema, String(version)]);
    }
  });

  it.skipIf(script === "")(
    "reads every result by Kafka's own console consumer",
    async () => {
      const { stdout } = await promisify(execFile)(
        script,
        [
          ...["tool", "org.apache.kafka.tools.consumer.ConsoleConsumer"],
          ...["--bootstrap-server", cluster.brokers.join(","), "--topic", topic, "--from-beginning"],
          ...["--max-messages", String(PUBLISHED + REPEATED)],
        ],
        { timeout: TOOL_WITHIN_MS, maxBuffer: 64 * 1_048_576 },
      );
      demand(
        stdout
          .split("\n")
          .filter((line) => line !== "")
          .map(parsed),
      );
    },
    TOOL_WITHIN_MS * 2,
  );
});
