/**
 * Batches into topics, by kafkajs: the producer is kept, or retired with its sequence numbers (`producers.ts`).
 */
import { Partitioners, type Producer } from "kafkajs";
import { type ClusterOptions, metadataMaxAge } from "../cluster-options.ts";
import { type Concern, type KnownError, knownError } from "../error-table.ts";
import type { KafkaPublisher, KafkaPublisherOptions } from "../kafka-log.ts";
import type { WireRecord } from "../log-message.ts";
import { logPublisher } from "../log-publisher.ts";
import type { Sending } from "../produce-line.ts";
import { CALL_RETRY, kafkaClient } from "./client.ts";
import { type Made, Producers, type Taken } from "./producers.ts";
import { LazyAdmin } from "./topic-admin.ts";

/** Refused by a broker that has looked at it: nothing was written, and the producer's sequence numbers still hold. */
const CERTAIN: ReadonlySet<Concern> = new Set(["record", "topic", "identity"]);

/**
 * The client knew of no such partition and has asked nobody: it leaves such records out. Where it had known it before, and had
 * tried, the topic was made anew meanwhile, and what was written went with the old one.
 */
const UNKNOWN_PARTITION: KnownError = {
  code: "kafka:unknown-partition",
  concerns: "way",
  passes: true,
  undone: true,
};

const MAY_BE_OLD_NEWS: ReadonlySet<string> = new Set([
  "kafka:UNKNOWN_TOPIC_OR_PARTITION",
  UNKNOWN_PARTITION.code,
]);

/** `null` when the broker has the whole batch; else what went wrong with the whole of it. */
type SendingBatch = (
  topic: string,
  partition: number,
  records: readonly WireRecord[],
) => Promise<KnownError | null>;

/** Connects when the first record comes. */
export const kafkajsPublisher = <Body>(
  cluster: ClusterOptions,
  options: KafkaPublisherOptions<Body>,
): KafkaPublisher<Body> => {
  const admin = new LazyAdmin(cluster);

  const connecting = (): Made => {
    const client = kafkaClient(cluster);
    const own = client.producer({
      idempotent: true,
      maxInFlightRequests: 5,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      metadataMaxAge: metadataMaxAge(cluster),
      retry: CALL_RETRY,
    });
    return { ready: own.connect().then(() => own), end: () => client.end(() => own.disconnect()) };
  };

  const producers = new Producers(connecting);

  /**
   * One batch of one partition. A producer of the client asks for every topic that it was ever given, and refuses each of them
   * while one is gone; and what partitions a topic has it looks at now and then. So what the first says of a missing topic or
   * partition counts only when a new one says so too.
   */
  const sendTwice: SendingBatch = async (topic, partition, records) => {
    const before = producers.current;
    const refused = await sendOnce(topic, partition, records);
    if (before === null || refused === null || !MAY_BE_OLD_NEWS.has(refused.code)) return refused;
    producers.retire(before);
    return sendOnce(topic, partition, records);
  };

  const sendOnce: SendingBatch = async (topic, partition, records) => {
    const own = producers.take();
    try {
      return await sendBy(own, topic, partition, records);
    } finally {
      producers.release(own);
    }
  };

  const sendBy = async (
    own: Taken,
    topic: string,
    partition: number,
    records: readonly WireRecord[],
  ): Promise<KnownError | null> => {
    let ready: Producer;
    try {
      ready = await own.ready;
    } catch (error) {
      producers.retire(own);
      return knownError(error);
    }
    try {
      const answers = await ready.send({
        topic,
        acks: -1,
        messages: records.map(({ key, value, headers }) => ({
          partition,
          key,
          value: Buffer.from(value),
          headers,
        })),
      });
      if (answers.some((one) => one.partition === partition && one.errorCode === 0)) return null;
      if (answers.length === 0) return UNKNOWN_PARTITION;
      throw new Error(`no answer for partition ${partition}`);
    } catch (error) {
      const known = knownError(error);
      if (CERTAIN.has(known.concerns)) return known;
      // the client has tried several times and tells of the last: an earlier one may have been written
      producers.retire(own);
      return { ...known, passes: true, undone: false };
    }
  };

  const send: Sending = async (topic, partition, records) => {
    const refused = await sendTwice(topic, partition, records);
    return records.map(() => refused);
  };

  const partitions = async (topic: string): Promise<number> => {
    const { topics } = await admin.use((one) => one.fetchTopicMetadata({ topics: [topic] }));
    return topics[0]?.partitions.length ?? 0;
  };

  const close = async (): Promise<void> => {
    await admin.close();
    await producers.close();
  };

  return logPublisher({ partitions, metadataMaxAgeMs: metadataMaxAge(cluster), send, close }, options);
};
