/**
 * Records into topics, by kafkajs: one answer for each record. `produce-line.ts` sends one partition's batches one after the
 * other; here partitions are found, and the producer is kept, or thrown away with its sequence numbers.
 *
 * What was gathered while a send was under way goes with the next: an idle publisher adds no delay, a busy one makes large
 * batches. What waits is bounded; beyond it a record is answered at once, as one that did not happen.
 */
import { Effect, Result } from "effect";
import { Partitioners, type PartitionMetadata, type Producer } from "kafkajs";
import { Permanent, Transient, type Failure } from "../../../failure.ts";
import type { OutgoingRecord } from "../../../streams/runtime/publisher.ts";
import { systemPorts } from "../../../streams/runtime/system-ports.ts";
import type { ClusterOptions } from "../cluster-options.ts";
import { type Concern, failureFor, knownError } from "../error-table.ts";
import type { KafkaPublisher, KafkaPublisherOptions } from "../kafka-log.ts";
import { wireBytes, type WireRecord } from "../log-message.ts";
import { CALL_RETRY, kafkaClient, METADATA_MAX_AGE_MS } from "./client.ts";
import { type Outcome, ProduceLine, type Sending } from "../produce-line.ts";
import { LazyAdmin } from "./topic-admin.ts";

const MIB = 1_048_576;
/** Where Java's client would put it, so that readers by key find all of a key in one partition. */
const partitionFor = Partitioners.DefaultPartitioner();

/** Refused by a broker that has looked at it: nothing was written, and the producer's sequence numbers still hold. */
const CERTAIN: ReadonlySet<Concern> = new Set(["record", "topic", "identity"]);

interface KnownTopic {
  readonly partitions: PartitionMetadata[];
  readonly untilMs: number;
}

const closed = (): Failure =>
  new Transient({ message: "publishing: this publisher was closed", code: "kafka:closed" });
const crowded = (topic: string): Failure =>
  new Transient({
    message: `publishing to ${topic}: too much waits to be sent already`,
    code: "kafka:crowded",
  });

const unknownTopic = (topic: string): Failure =>
  new Permanent({ message: `publishing to ${topic}: it has no partitions`, code: "kafka:no-partitions" });

/** Connects when the first record comes. */
export const kafkajsPublisher = <Body>(
  cluster: ClusterOptions,
  options: KafkaPublisherOptions<Body>,
): KafkaPublisher<Body> => {
  const {
    wire,
    batchRecords = 500,
    batchBytes = MIB / 2,
    waitingBytes = 64 * MIB,
    clock = systemPorts.clock,
  } = options;
  const admin = new LazyAdmin(cluster);
  const topics = new Map<string, Promise<KnownTopic>>();
  const lines = new Map<string, ProduceLine>();
  let producer: Promise<Producer> | null = null;
  let waiting = 0;
  let isClosed = false;

  const connected = async (): Promise<Producer> => {
    const made = kafkaClient(cluster).producer({
      idempotent: true,
      maxInFlightRequests: 5,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      metadataMaxAge: METADATA_MAX_AGE_MS,
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
  const send: Sending = async (topic, partition, records) => {
    const own = producer;
    const refused = await sendOnce(topic, partition, records);
    if (own === null || refused?.code !== "kafka:UNKNOWN_TOPIC_OR_PARTITION") return refused;
    drop(own);
    return sendOnce(topic, partition, records);
  };

  const sendOnce: Sending = async (topic, partition, records) => {
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
      topics.delete(topic);
      const known = knownError(error);
      if (CERTAIN.has(known.concerns)) return known;
      // the client has tried several times and tells of the last: an earlier one may have been written
      drop(own);
      return { ...known, passes: true, undone: false };
    }
  };

  const partitionsOf = (topic: string): Promise<KnownTopic> => {
    const known = topics.get(topic);
    if (known !== undefined) return known;
    const asked = admin
      .use((one) => one.fetchTopicMetadata({ topics: [topic] }))
      .then(({ topics: found }) => ({
        partitions: found[0]?.partitions ?? [],
        untilMs: clock.monotonicMs() + METADATA_MAX_AGE_MS,
      }));
    topics.set(topic, asked);
    asked.catch(() => topics.delete(topic));
    return asked;
  };

  const freshPartitions = async (topic: string): Promise<PartitionMetadata[]> => {
    const known = await partitionsOf(topic);
    if (known.untilMs > clock.monotonicMs()) return known.partitions;
    topics.delete(topic);
    return (await partitionsOf(topic)).partitions;
  };

  const lineOf = (topic: string, partition: number): ProduceLine => {
    const name = `${topic}/${partition}`;
    const found = lines.get(name) ?? new ProduceLine(topic, partition, { batchRecords, batchBytes }, send);
    lines.set(name, found);
    return found;
  };

  const publishOne = async (record: WireRecord): Promise<Outcome> => {
    const { topic, key, value } = record;
    const bytes = wireBytes(record);
    if (isClosed) return Result.fail(closed());
    if (waiting > 0 && waiting + bytes > waitingBytes) return Result.fail(crowded(topic));
    waiting += bytes;
    try {
      const partitionMetadata = await freshPartitions(topic);
      if (partitionMetadata.length === 0) return Result.fail(unknownTopic(topic));
      const partition = partitionFor({
        topic,
        partitionMetadata,
        message: { key, value: Buffer.from(value) },
      });
      return await lineOf(topic, partition).publish(record, bytes);
    } catch (error) {
      return Result.fail(failureFor(error, `publishing to ${topic}`));
    } finally {
      waiting -= bytes;
    }
  };

  const answerOf = (record: OutgoingRecord<Body>): Promise<Outcome> => {
    const own = wire(record);
    return Result.isFailure(own) ? Promise.resolve(Result.fail(own.failure)) : publishOne(own.success);
  };

  return {
    publish: (records) => Effect.promise(() => Promise.all(records.map(answerOf))),
    close: Effect.promise(async () => {
      isClosed = true;
      await Promise.all([...lines.values()].map((line) => line.idle()));
      await admin.close();
      const last = producer;
      producer = null;
      if (last !== null) await last.then((one) => one.disconnect()).catch(() => undefined);
    }),
  };
};
