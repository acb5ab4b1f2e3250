/**
 * Batches into topics, by kafkajs: the producer is kept, or thrown away with its sequence numbers.
 */
import { Partitioners, type Producer } from "kafkajs";
import { type ClusterOptions, metadataMaxAge } from "../cluster-options.ts";
import { type Concern, type KnownError, knownError } from "../error-table.ts";
import type { KafkaPublisher, KafkaPublisherOptions } from "../kafka-log.ts";
import type { WireRecord } from "../log-message.ts";
import { logPublisher } from "../log-publisher.ts";
import type { Sending } from "../produce-line.ts";
import { CALL_RETRY, kafkaClient } from "./client.ts";
import { LazyAdmin } from "./topic-admin.ts";

/** Refused by a broker that has looked at it: nothing was written, and the producer's sequence numbers still hold. */
const CERTAIN: ReadonlySet<Concern> = new Set(["record", "topic", "identity"]);

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
  let producer: Promise<Producer> | null = null;

  const connected = async (): Promise<Producer> => {
    const made = kafkaClient(cluster).producer({
      idempotent: true,
      maxInFlightRequests: 5,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      metadataMaxAge: metadataMaxAge(cluster),
      retry: CALL_RETRY,
    });
    await made.connect();
    return made;
  };

  const drop = (dropped: Promise<Producer>): void => {
    if (producer === dropped) producer = null;
    dropped.then((one) => one.disconnect()).catch(() => undefined);
  };

  /**
   * One batch of one partition. A producer of the client asks for every topic that it was ever given, and refuses each of them
   * while one is gone: what the first says of a missing topic counts only when a new one, which knows no other, says so too.
   */
  const sendTwice: SendingBatch = async (topic, partition, records) => {
    const own = producer;
    const refused = await sendOnce(topic, partition, records);
    if (own === null || refused?.code !== "kafka:UNKNOWN_TOPIC_OR_PARTITION") return refused;
    drop(own);
    return sendOnce(topic, partition, records);
  };

  const sendOnce: SendingBatch = async (topic, partition, records) => {
    const own = (producer ??= connected());
    let ready: Producer;
    try {
      ready = await own;
    } catch (error) {
      drop(own);
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
      throw new Error(`no answer for partition ${partition}`);
    } catch (error) {
      const known = knownError(error);
      if (CERTAIN.has(known.concerns)) return known;
      // the client has tried several times and tells of the last: an earlier one may have been written
      drop(own);
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
    const last = producer;
    producer = null;
    if (last !== null) await last.then((one) => one.disconnect()).catch(() => undefined);
  };

  return logPublisher({ partitions, metadataMaxAgeMs: metadataMaxAge(cluster), send, close }, options);
};
