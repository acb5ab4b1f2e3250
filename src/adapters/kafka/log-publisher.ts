/**
 * Records into topics: one answer for each record. Here partitions are found and what waits is bounded; `produce-line.ts` sends
 * one partition's batches one after the other, and the client carries them.
 *
 * What was gathered while a send was under way goes with the next: an idle publisher adds no delay, a busy one makes large
 * batches. Beyond the bound a record is answered at once, as one that did not happen.
 */
import { Effect, Result } from "effect";
import { Permanent, Transient, type Failure } from "../../failure.ts";
import type { OutgoingRecord } from "../../streams/runtime/publisher.ts";
import { systemPorts } from "../../streams/runtime/system-ports.ts";
import { failureOf, knownError } from "./error-table.ts";
import type { KafkaPublisher, KafkaPublisherOptions } from "./kafka-log.ts";
import { partitionOf } from "./key-partition.ts";
import { wireBytes, type WireRecord } from "./log-message.ts";
import { type Outcome, ProduceLine, type Sending } from "./produce-line.ts";

/** Whoever carries batches to the brokers. */
export interface Carrier {
  /** How many partitions a topic has; rejects with the client's error. */
  readonly partitions: (topic: string) => Promise<number>;
  /** How long that answer counts. */
  readonly metadataMaxAgeMs: number;
  readonly send: Sending;
  /** Nothing is under way when it is called. */
  readonly close: () => Promise<void>;
}

const MIB = 1_048_576;

interface KnownTopic {
  readonly partitions: number;
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

/** What a publisher keeps to, all of it given. */
export const publisherLimits = (options: KafkaPublisherOptions<never>) => ({
  batchRecords: options.batchRecords ?? 500,
  batchBytes: options.batchBytes ?? MIB / 2,
  waitingBytes: options.waitingBytes ?? 64 * MIB,
});

export const logPublisher = <Body>(
  { partitions, metadataMaxAgeMs, send, close }: Carrier,
  options: KafkaPublisherOptions<Body>,
): KafkaPublisher<Body> => {
  const { wire, clock = systemPorts.clock } = options;
  const { waitingBytes, ...batch } = publisherLimits(options);
  const topics = new Map<string, Promise<KnownTopic>>();
  const lines = new Map<string, ProduceLine>();
  let waiting = 0;
  let isClosed = false;

  /** A refused batch may mean that the topic is another one now. */
  const sendAndForget: Sending = async (topic, partition, records) => {
    const answers = await send(topic, partition, records);
    if (answers.some((refused) => refused !== null)) topics.delete(topic);
    return answers;
  };

  const partitionsOf = (topic: string): Promise<KnownTopic> => {
    const known = topics.get(topic);
    if (known !== undefined) return known;
    const asked = partitions(topic).then((count) => ({
      partitions: count,
      untilMs: clock.monotonicMs() + metadataMaxAgeMs,
    }));
    topics.set(topic, asked);
    asked.catch(() => topics.delete(topic));
    return asked;
  };

  const freshPartitions = async (topic: string): Promise<number> => {
    const known = await partitionsOf(topic);
    if (known.untilMs > clock.monotonicMs()) return known.partitions;
    topics.delete(topic);
    return (await partitionsOf(topic)).partitions;
  };

  const lineOf = (topic: string, partition: number): ProduceLine => {
    const name = `${topic}/${partition}`;
    const found = lines.get(name) ?? new ProduceLine(topic, partition, batch, sendAndForget);
    lines.set(name, found);
    return found;
  };

  const publishOne = async (record: WireRecord): Promise<Outcome> => {
    const { topic, key } = record;
    const bytes = wireBytes(record);
    if (isClosed) return Result.fail(closed());
    if (waiting > 0 && waiting + bytes > waitingBytes) return Result.fail(crowded(topic));
    waiting += bytes;
    try {
      const count = await freshPartitions(topic);
      if (count === 0) return Result.fail(unknownTopic(topic));
      return await lineOf(topic, partitionOf(key, count)).publish(record, bytes);
    } catch (error) {
      // only its partition was asked for: whatever came of that, nothing was sent
      return Result.fail(failureOf({ ...knownError(error), undone: true }, `publishing to ${topic}`, error));
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
      await close();
    }),
  };
};
