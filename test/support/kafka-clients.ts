/**
 * The clients behind one port: a spec that runs its suite for each of them says once what holds for all.
 */
import { Effect, Exit, Result } from "effect";
import type { Producer } from "kafkajs";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { ClusterOptions } from "../../src/adapters/kafka/cluster-options.ts";
import type { KafkaLog, KafkaPublisher } from "../../src/adapters/kafka/kafka-log.ts";
import { CALL_RETRY, kafkaClient } from "../../src/adapters/kafka/kafkajs/client.ts";
import { LazyAdmin } from "../../src/adapters/kafka/kafkajs/topic-admin.ts";
import { type KafkaClient, openKafka } from "../../src/adapters/kafka/open-kafka.ts";
import { loadBinding, RDKAFKA_VERSION } from "../../src/adapters/kafka/rdkafka/binding.ts";
import { cluster as testCluster, freshTopics } from "./kafka.ts";

/** The optional package: suites that need it are not run without it, and counted as such; in CI that is a failure. */
const isRdkafkaThere = Exit.isSuccess(await Effect.runPromiseExit(loadBinding));

if (!isRdkafkaThere && process.env["CI"] === "true") {
  throw new Error(
    `CI has to have the other client: npm install --no-save --save-prod node-rdkafka@${RDKAFKA_VERSION}`,
  );
}

const CLIENTS: readonly KafkaClient[] = ["kafkajs", "rdkafka"];

/** A suite for each client; `describing` says what else it needs. */
export const describeByClient = (
  describing: typeof describe.skip,
  name: string,
  suite: (client: KafkaClient) => void,
): void => {
  for (const client of CLIENTS) {
    const own = client === "kafkajs" || isRdkafkaThere ? describing : describe.skip;
    own(`${name}, by ${client}`, () => {
      suite(client);
    });
  }
};

/** A record for a topic: what its key is follows from what it is for. */
export interface KeyedText {
  readonly key: string;
  readonly text?: string;
}

/** A cluster by one client, from before the first test of a suite until after the last. */
export interface ClusterWorld {
  readonly log: () => KafkaLog;
  /** Gives the name of a topic that goes at the end. */
  readonly makeTopic: (partitions: number, name?: string) => Promise<string>;
  readonly addPartitions: (topic: string, upTo: number) => Promise<void>;
  /** By key, through the client's own publisher; in order. */
  readonly publish: (topic: string, records: readonly KeyedText[]) => Promise<void>;
  /** Past the publisher, into a partition of the caller's choice. */
  readonly append: (topic: string, partition: number, texts: readonly string[]) => Promise<void>;
  readonly committed: (groupId: string, topic: string) => Promise<ReadonlyMap<number, number>>;
  /** Everything below the end of each partition is committed. */
  readonly isCommitted: (groupId: string, topic: string) => Promise<boolean>;
}

/** Of one send of `append`, whose records are all about as long as the first. */
const APPENDED_AT_ONCE = { records: 1_000, bytes: 500_000 };

/** To be called within a suite. */
export const clusterWorld = (client: KafkaClient, cluster: ClusterOptions = testCluster): ClusterWorld => {
  const topics = freshTopics();
  const offsets = new LazyAdmin(cluster);
  let log: KafkaLog | null = null;
  let publisher: KafkaPublisher<{ readonly topic: string; readonly text: string }> | null = null;
  let producer: Producer | null = null;
  const opened = <T>(what: T | null): T => {
    if (what === null) throw new Error("a suite's cluster is there from its first test on");
    return what;
  };
  beforeAll(async () => {
    log = await Effect.runPromise(openKafka(client, cluster));
    publisher = log.publisher({
      wire: ({ key, body: { topic, text }, headers }) =>
        Result.succeed({ topic, key, value: Buffer.from(text), headers }),
    });
  });
  afterAll(async () => {
    if (publisher !== null) await Effect.runPromise(publisher.close);
    await producer?.disconnect();
    await offsets.close();
    await topics.close();
  });
  const connected = async (): Promise<Producer> => {
    const made = kafkaClient(cluster).producer({ allowAutoTopicCreation: false, retry: CALL_RETRY });
    await made.connect();
    return made;
  };
  return {
    log: () => opened(log),
    makeTopic: (partitions, name) => topics.make(partitions, name),
    addPartitions: (topic, upTo) => Effect.runPromise(topics.admin.addPartitions(topic, upTo)),
    publish: async (topic, records) => {
      const outcomes = await Effect.runPromise(
        opened(publisher).publish(
          records.map(({ key, text = key }) => ({ key, body: { topic, text }, headers: {} })),
        ),
      );
      expect(outcomes.filter(Result.isFailure)).toEqual([]);
    },
    append: async (topic, partition, texts) => {
      const ready = (producer ??= await connected());
      const { records, bytes } = APPENDED_AT_ONCE;
      const page = Math.max(1, Math.min(records, Math.floor(bytes / (texts[0]?.length ?? 1))));
      for (let at = 0; at < texts.length; at += page) {
        const messages = texts.slice(at, at + page).map((value) => ({ partition, value }));
        await ready.send({ topic, acks: -1, messages });
      }
    },
    committed: (groupId, topic) => offsets.committed(groupId, topic),
    isCommitted: async (groupId, topic) => {
      const committed = await offsets.committed(groupId, topic);
      const bounds = await offsets.bounds(topic);
      return [...bounds].every(([partition, { high }]) => (committed.get(partition) ?? 0) === high);
    },
  };
};

/** Something that others wait for: whoever changes it says so, and those whose wish holds by then go on. */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  look(): void {
    for (const look of [...this.#waiting]) look();
  }

  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }
}
