import { Effect, Result } from "effect";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { KafkaLog, KafkaPublisher } from "../../../src/adapters/kafka/kafka-log.ts";
import { LazyAdmin } from "../../../src/adapters/kafka/kafkajs/topic-admin.ts";
import { partitionOf } from "../../../src/adapters/kafka/key-partition.ts";
import { openKafka } from "../../../src/adapters/kafka/open-kafka.ts";
import { Permanent } from "../../../src/failure.ts";
import { cluster, describeOnKafka, freshName, freshTopics } from "../../support/kafka.ts";
import { describeByClient } from "../../support/kafka-clients.ts";

interface Note {
  readonly topic: string;
  readonly text: string;
}

const wire = ({
  key,
  body,
  headers,
}: {
  key: string;
  body: Note;
  headers: Readonly<Record<string, string>>;
}) =>
  body.text === "unwritable"
    ? Result.fail(new Permanent({ message: "it cannot be written" }))
    : Result.succeed({ topic: body.topic, key, value: Buffer.from(body.text), headers });

describeByClient(describeOnKafka, "publishing to a real broker", (client) => {
  const topics = freshTopics();
  let log: KafkaLog;
  beforeAll(async () => {
    log = await Effect.runPromise(openKafka(client, cluster));
  });
  const publishers: KafkaPublisher<Note>[] = [];
  const publisher = (options: { readonly batchRecords?: number; readonly waitingBytes?: number } = {}) => {
    const made = log.publisher<Note>({ wire, ...options });
    publishers.push(made);
    return made;
  };
  afterAll(async () => {
    for (const made of publishers) await Effect.runPromise(made.close);
    await topics.close();
  });
  const publish = (by: KafkaPublisher<Note>, topic: string, texts: readonly string[]) =>
    Effect.runPromise(
      by.publish(
        texts.map((text, at) => ({ key: `key ${at}`, body: { topic, text }, headers: { at: String(at) } })),
      ),
    );
  const tags = (
    outcomes: readonly Result.Result<void, { readonly _tag: string; readonly code?: string }>[],
  ) =>
    outcomes.map((outcome) =>
      Result.isSuccess(outcome) ? "taken" : `${outcome.failure._tag} ${outcome.failure.code}`,
    );

  const readAll = async (topic: string, count: number): Promise<readonly string[]> => {
    const source = log.source({ topic, groupId: freshName("reader"), body: (message) => message });
    const had: string[] = [];
    await Effect.runPromise(
      source.open({ assigned: () => undefined, revoked: () => Effect.void, lost: () => undefined }),
    );
    while (had.length < count) {
      const { records } = await Effect.runPromise(source.pull({ records: 1_000, bytes: Infinity }));
      for (const { body, key } of records) {
        had.push(
          `${key}: ${Buffer.from(body.value ?? [])
            .toString("utf8")
            .slice(0, 20)} (${body.headers["at"]})`,
        );
      }
    }
    await Effect.runPromise(source.close);
    return had;
  };

  it("is answered for each record, and each is there once", async () => {
    const topic = await topics.make(3);
    const texts = Array.from({ length: 2_000 }, (_, at) => `text ${at}`);
    const outcomes = await publish(publisher(), topic, texts);
    expect(new Set(tags(outcomes))).toEqual(new Set(["taken"]));
    const had = await readAll(topic, texts.length);
    expect([...had].sort()).toEqual(texts.map((text, at) => `key ${at}: ${text} (${at})`).sort());
  });

  it("puts a key where Java's client would", async () => {
    const places = new Map(["key 0", "key 1", "key 2"].map((key) => [key, partitionOf(key, 5)]));
    const topic = await topics.make(5);
    await publish(publisher(), topic, ["a", "b", "c"]);
    const source = log.source({ topic, groupId: freshName("reader"), body: (message) => message });
    await Effect.runPromise(
      source.open({ assigned: () => undefined, revoked: () => Effect.void, lost: () => undefined }),
    );
    const found = new Map<string, number>();
    while (found.size < 3) {
      const { records } = await Effect.runPromise(source.pull({ records: 10, bytes: Infinity }));
      for (const { key, partition } of records) found.set(key, Number(partition));
    }
    await Effect.runPromise(source.close);
    expect(found).toEqual(places);
  });

  it("fails for the one record that is too large, and for none of its neighbours", async () => {
    const topic = await topics.make(1);
    const texts = ["one", "two", "x".repeat(1_200_000), "four", "unwritable", "six"];
    const by = publisher();
    expect(tags(await publish(by, topic, texts))).toEqual([
      "taken",
      "taken",
      "Permanent kafka:MESSAGE_TOO_LARGE",
      "taken",
      "Permanent undefined",
      "taken",
    ]);
    expect(tags(await publish(by, topic, ["seven"]))).toEqual(["taken"]);
    expect((await readAll(topic, 5)).length).toBe(5);
  });

  it("fails for a topic that is not there, and goes on with the others", async () => {
    const topic = await topics.make(1);
    const by = publisher();
    const outcomes = await Effect.runPromise(
      by.publish([
        { key: "k", body: { topic: freshName("nowhere"), text: "lost" }, headers: {} },
        { key: "k", body: { topic, text: "here" }, headers: {} },
        { key: "k", body: { topic: "no such name!", text: "lost" }, headers: {} },
      ]),
    );
    expect(tags(outcomes)).toEqual([
      "Permanent kafka:UNKNOWN_TOPIC_OR_PARTITION",
      "taken",
      "Permanent kafka:INVALID_TOPIC_EXCEPTION",
    ]);
  });

  it("goes on with the others after one of its topics was deleted", async () => {
    const [gone, stays, made] = [await topics.make(1), await topics.make(1), await topics.make(1)];
    const by = publisher();
    await publish(by, gone, ["one"]);
    const admin = new LazyAdmin(cluster);
    await admin.use((own) => own.deleteTopics({ topics: [gone] }));
    await admin.close();
    expect(tags(await publish(by, made, ["two"]))).toEqual(["taken"]);
    expect(tags(await publish(by, stays, ["three"]))).toEqual(["taken"]);
    // while a broker takes it away its answers may be others; it never says that it has the record
    let told: readonly string[] = [];
    do told = tags(await publish(by, gone, ["four"]));
    while (told.every((tag) => tag.startsWith("Unconfirmed") || tag.startsWith("Transient")));
    expect(told).toEqual(["Permanent kafka:UNKNOWN_TOPIC_OR_PARTITION"]);
  });

  it("finds partitions that were added before its producer has heard of them, and doubts nothing that is under way", async () => {
    const [topic, large] = [await topics.make(2), "x".repeat(1_200_000)];
    const by = publisher();
    expect(tags(await publish(by, topic, ["one"]))).toEqual(["taken"]);
    await Effect.runPromise(topics.admin.addPartitions(topic, 6));
    // a refusal has the publisher look at the topic anew; its producer looks no sooner than after half a minute
    expect(tags(await publish(by, topic, [large]))).toEqual(["Permanent kafka:MESSAGE_TOO_LARGE"]);
    const texts = Array.from({ length: 1_000 }, (_, at) => `text ${at}`);
    expect(new Set(tags(await publish(by, topic, texts)))).toEqual(new Set(["taken"]));
    expect(new Set(await readAll(topic, texts.length + 1)).size).toBe(texts.length + 1);
  });

  it("answers what has no place to wait in at once, as what did not happen", async () => {
    const topic = await topics.make(1);
    const outcomes = await publish(
      publisher({ waitingBytes: 300 }),
      topic,
      Array<string>(10).fill("x".repeat(60)),
    );
    const [taken, crowded] = [outcomes.filter(Result.isSuccess), outcomes.filter(Result.isFailure)];
    expect(taken.length).toBeGreaterThan(0);
    expect(new Set(tags(crowded))).toEqual(new Set(["Transient kafka:crowded"]));
    expect(await readAll(topic, taken.length)).toHaveLength(taken.length);
  });

  it("says of a broker that is not there that it passes, and of a closed publisher that it is closed", async () => {
    const away = await Effect.runPromise(openKafka(client, { ...cluster, brokers: ["127.0.0.1:1"] }));
    const nowhere = away.publisher<Note>({ wire });
    const [outcome] = await publish(nowhere, "t", ["x"]);
    expect(outcome !== undefined && Result.isFailure(outcome) && outcome.failure._tag).toBe("Transient");
    await Effect.runPromise(nowhere.close);
    expect(tags(await publish(nowhere, "t", ["x"]))).toEqual(["Transient kafka:closed"]);
  });
});
