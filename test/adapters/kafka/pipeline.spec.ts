/**
 * Pipelines over a topic of a real broker: that what the runtime promises of an offset source holds with this one.
 */
import { Effect, Result } from "effect";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { KafkaLog, KafkaPublisher } from "../../../src/adapters/kafka/kafka-log.ts";
import type { KafkaSourceOptions } from "../../../src/adapters/kafka/source-settings.ts";
import { LazyAdmin } from "../../../src/adapters/kafka/kafkajs/topic-admin.ts";
import type { LogEvent } from "../../../src/adapters/kafka/log-events.ts";
import type { LogMessage } from "../../../src/adapters/kafka/log-message.ts";
import { openKafka } from "../../../src/adapters/kafka/open-kafka.ts";
import { readRequest } from "../../../src/domain/records/request-record.ts";
import {
  deadLetter,
  type DeadRecord,
  pipeline,
  type PipelineEvent,
  type Running,
  stage,
  step,
} from "../../../src/index.ts";
import { cluster, describeOnKafka, freshName, freshTopics } from "../../support/kafka.ts";
import { describeByClient } from "../../support/kafka-clients.ts";

const text = ({ value }: LogMessage): string => Buffer.from(value ?? []).toString("utf8");

describeByClient(describeOnKafka, "a pipeline over a topic of a real broker", (client) => {
  const topics = freshTopics();
  const offsets = new LazyAdmin(cluster);
  let log: KafkaLog;
  let publisher: KafkaPublisher<{ readonly topic: string; readonly value: Uint8Array }>;
  beforeAll(async () => {
    log = await Effect.runPromise(openKafka(client, cluster));
    publisher = log.publisher({
      wire: ({ key, body, headers }) => Result.succeed({ ...body, key, headers }),
    });
  });
  afterAll(async () => {
    await Effect.runPromise(publisher.close);
    await offsets.close();
    await topics.close();
  });

  const fill = async (topic: string, texts: readonly string[]): Promise<void> => {
    const outcomes = await Effect.runPromise(
      publisher.publish(texts.map((key) => ({ key, body: { topic, value: Buffer.from(key) }, headers: {} }))),
    );
    expect(outcomes.every(Result.isSuccess)).toBe(true);
  };
  const numbered = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, at) => `number ${at}`);

  /** Everything below the end of each partition is committed. */
  const isCommitted = async (groupId: string, topic: string): Promise<boolean> => {
    const committed = await offsets.committed(groupId, topic);
    const bounds = await offsets.bounds(topic);
    return [...bounds].every(([partition, { high }]) => high === 0 || committed.get(partition) === high);
  };

  interface Worker {
    readonly running: Running;
    readonly events: PipelineEvent[];
    readonly dead: DeadRecord[];
  }
  const worker = (
    options: Omit<KafkaSourceOptions<LogMessage>, "body">,
    work: (text: string) => Promise<void>,
    credits = 200,
  ): Worker => {
    const dead: DeadRecord[] = [];
    const events: PipelineEvent[] = [];
    const running = pipeline({
      name: "worker",
      source: log.source({ maxWaitMs: 50, heartbeatMs: 100, ...options, body: (message) => message }),
      window: { credits },
      flow: (messages) =>
        messages.pipe(
          stage({ name: "work", concurrency: credits, retry: false, work: (message) => work(text(message)) }),
        ),
      diversions: { work: deadLetter },
      deadLetters: { write: (records) => Effect.sync(() => void dead.push(...records)) },
    }).start();
    running.on((event) => events.push(event));
    return { running, events, dead };
  };

  /** Resolves when the work has been called for each of them. */
  const seenAll = (expected: readonly string[]) => {
    const left = new Set(expected);
    let resolve = (): void => undefined;
    const all = new Promise<void>((done) => {
      resolve = done;
    });
    return {
      all,
      note: (seen: string): void => {
        left.delete(seen);
        if (left.size === 0) resolve();
      },
    };
  };

  it("works on everything once, with a read-ahead much smaller than the topic, and commits to the end", async () => {
    const topic = await topics.make(4);
    const groupId = freshName("group");
    const texts = numbered(3_000);
    await fill(topic, texts);
    const { all, note } = seenAll(texts);
    const seen: string[] = [];
    const one = worker({ topic, groupId, bufferBytes: 8_192, partitionFetchBytes: 4_096 }, async (own) => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(own);
      note(own);
    });
    await all;
    await one.running.drain();
    expect([...seen].sort()).toEqual([...texts].sort());
    expect(await isCommitted(groupId, topic)).toBe(true);
  });

  it("is held up by a record that hangs only in what it commits of that one partition", async () => {
    const topic = await topics.make(2);
    const groupId = freshName("group");
    const texts = numbered(1_000);
    await fill(topic, texts);
    let release = (): void => undefined;
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    const one = worker({ topic, groupId, commitEveryMs: 20 }, async (own) => {
      if (own === "number 0") await hanging;
    });
    await new Promise<void>((resolve) => {
      let settled = 0;
      one.running.on(({ type }) => {
        if (type === "item:settle:done") settled += 1;
        if (settled === texts.length - 1) resolve();
      });
    });
    const held = one.running.health().partitions.filter(({ unfinished }) => unfinished > 0);
    expect(held).toHaveLength(1);
    release();
    await one.running.drain();
    expect(await isCommitted(groupId, topic)).toBe(true);
  });

  it("loses nothing when members come and go with work in hand, and knows what comes again", async () => {
    const topic = await topics.make(6);
    const groupId = freshName("group");
    const texts = numbered(4_000);
    const { all, note } = seenAll(texts);
    const counts = new Map<string, number>();
    const work = async (own: string): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      counts.set(own, (counts.get(own) ?? 0) + 1);
      note(own);
    };
    const joins: number[] = [];
    const told = (event: LogEvent): void => {
      if (event.type === "group:join:done") joins.push(event.partitions.length);
    };
    const options = { topic, groupId, commitEveryMs: 20, told };
    const first = worker(options, work, 20);
    await fill(topic, texts.slice(0, 2_000));
    const second = worker(options, work, 20);
    await fill(topic, texts.slice(2_000));
    await second.running.drain(5_000);
    const third = worker(options, work, 20);
    await all;
    await first.running.drain();
    await third.running.drain();
    expect(counts.size).toBe(texts.length);
    expect(await isCommitted(groupId, topic)).toBe(true);
    expect(joins.length).toBeGreaterThanOrEqual(4);
    const revoked = first.events.filter(({ type }) => type === "partition:revoke:begin");
    expect(revoked.length).toBeGreaterThan(0);
    // at most what was in flight or not yet committed is worked on again, at each of the few rebalances
    const again = [...counts.values()].reduce((sum, count) => sum + count - 1, 0);
    expect(again).toBeLessThan(1_000);
  });

  it("leaves poison to the dead letters, each with its reason, and goes on", async () => {
    const topic = await topics.make(1);
    const groupId = freshName("group");
    const poison = [
      "",
      "\u0000\ud800",
      "{",
      '{"schema":"other"}',
      '{"__proto__":{}}',
      "[".repeat(5_000),
      "x".repeat(20_000),
    ];
    await fill(topic, [
      ...poison,
      '{"schema":"millrace.request","version":1,"noticeId":"n-1","period":202611,"epoch":1,"channel":"sms"}',
    ]);
    const dead: DeadRecord[] = [];
    const running = pipeline({
      name: "requests",
      source: log.source({ topic, groupId, maxWaitMs: 50, body: (message) => message }),
      flow: (messages) =>
        messages.pipe(
          step({
            name: "read",
            work: ({ value }: LogMessage) => {
              const request = readRequest(value);
              if (Result.isFailure(request)) throw request.failure;
              return request.success;
            },
          }),
          step({
            name: "note",
            work: ({ noticeId }) => {
              read(noticeId);
            },
          }),
        ),
      diversions: { read: deadLetter, note: deadLetter },
      deadLetters: { write: (records) => Effect.sync(() => void dead.push(...records)) },
    });
    let read: (noticeId: string) => void = () => undefined;
    const found = new Promise<string>((resolve) => {
      read = resolve;
    });
    const started = running.start();
    expect(await found).toBe("n-1");
    await started.drain();
    expect(dead.map(({ failure, stage: at }) => [failure, at])).toEqual(
      poison.map(() => ["Undecodable", "read"]),
    );
    expect(dead.map(({ record }) => record)).toEqual(poison.map((_, at) => `0@${at}`));
    expect(await isCommitted(groupId, topic)).toBe(true);
  });

  it("fails at the start with what is missing, where no waiting would mend it", async () => {
    const source = log.source({ topic: freshName("nowhere"), groupId: freshName("group"), body: text });
    const opened = await Effect.runPromise(
      Effect.result(
        source.open({ assigned: () => undefined, revoked: () => Effect.void, lost: () => undefined }),
      ),
    );
    expect(Result.isFailure(opened) && opened.failure).toMatchObject({
      _tag: "Permanent",
      code: "kafka:UNKNOWN_TOPIC_OR_PARTITION",
    });
    await Effect.runPromise(source.close);
  });

  it("waits for brokers that are not there, says so, and stops waiting when it is told to", async () => {
    let heard: (code: string) => void = () => undefined;
    const away = new Promise<string>((resolve) => {
      heard = resolve;
    });
    const nowhere = await Effect.runPromise(openKafka(client, { ...cluster, brokers: ["127.0.0.1:1"] }));
    const source = nowhere.source({
      ...{ topic: "t", groupId: "g", body: text },
      told: (event) => {
        if (event.type === "broker:away:seen") heard(event.code);
      },
    });
    const opening = Effect.runFork(
      source.open({ assigned: () => undefined, revoked: () => Effect.void, lost: () => undefined }),
    );
    // librdkafka says the one or the other first
    const codes = { kafkajs: ["ECONNREFUSED"], rdkafka: ["_ALL_BROKERS_DOWN", "_TRANSPORT"] }[client];
    expect(codes.map((code) => `kafka:${code}`)).toContain(await away);
    expect(opening.pollUnsafe()).toBeUndefined();
    opening.interruptUnsafe();
    await new Promise<void>((resolve) => {
      opening.addObserver(() => {
        resolve();
      });
    });
  });
});
