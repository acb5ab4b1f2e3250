/**
 * One consumer of kafkajs, from joining its group to leaving or crashing; it is not started again but replaced. It turns the
 * client's events into calls, and nothing else: what a fetch or a join means is its listener's to say.
 */
import type { Batch, Consumer, KafkaMessage } from "kafkajs";
import { type ClusterOptions, metadataMaxAge } from "../cluster-options.ts";
import type { MemberLimits } from "../source-settings.ts";
import { CALL_RETRY, type KafkaClient, kafkaClient } from "./client.ts";

/** What one fetch has brought of one partition. */
export interface Fetched {
  readonly partition: number;
  /** Where the fetch began. */
  readonly from: number;
  readonly next: number;
  readonly high: number;
  readonly messages: readonly KafkaMessage[];
}

export interface MemberListener {
  /** In the event itself, before the client fetches again. */
  readonly joined: (partitions: readonly number[]) => void;
  readonly rebalancing: () => void;
  /** True when what was fetched is taken; else the client stays where it was. */
  readonly fetched: (fetched: Fetched) => boolean;
}

/** Joins at once, again and again by itself for a while, and gives up in the end. */
const MEMBER_RETRY = { ...CALL_RETRY, retries: 8, restartOnFailure: () => Promise.resolve(false) };

export class Member {
  readonly #client: KafkaClient;
  readonly #consumer: Consumer;
  readonly #topic: string;
  readonly #listener: MemberListener;
  #commits = 0;
  #crash: (error: unknown) => void = () => undefined;
  readonly #crashed: Promise<unknown>;
  #starting: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | null = null;

  constructor(
    cluster: ClusterOptions,
    groupId: string,
    topic: string,
    limits: MemberLimits,
    listener: MemberListener,
  ) {
    this.#topic = topic;
    this.#crashed = new Promise((resolve) => {
      this.#crash = resolve;
    });
    this.#client = kafkaClient(cluster);
    this.#consumer = this.#client.consumer({
      groupId,
      sessionTimeout: limits.sessionTimeoutMs,
      rebalanceTimeout: limits.rebalanceTimeoutMs,
      heartbeatInterval: limits.heartbeatMs,
      maxWaitTimeInMs: limits.maxWaitMs,
      minBytes: 1,
      maxBytes: limits.fetchBytes,
      maxBytesPerPartition: limits.partitionFetchBytes,
      metadataMaxAge: metadataMaxAge(cluster),
      allowAutoTopicCreation: false,
      readUncommitted: false,
      retry: MEMBER_RETRY,
    });
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      if (this.#stopping === null) listener.joined(payload.memberAssignment[topic] ?? []);
    });
    this.#consumer.on(events.REBALANCING, () => {
      if (this.#stopping === null) listener.rebalancing();
    });
    this.#consumer.on(events.COMMIT_OFFSETS, () => {
      this.#commits += 1;
    });
    this.#consumer.on(events.CRASH, ({ payload }) => {
      this.#crash(payload.error);
    });
    this.#listener = listener;
  }

  /** Resolves with what it died of, or `null` when it was stopped; never while it lives. */
  async live(): Promise<unknown> {
    this.#starting = this.#start();
    const error = await this.#crashed;
    await this.stop();
    return error;
  }

  pause(partitions: readonly number[]): void {
    this.#tell((topic) => {
      this.#consumer.pause([{ topic, partitions: [...partitions] }]);
    });
  }

  resume(partitions: readonly number[]): void {
    this.#tell((topic) => {
      this.#consumer.resume([{ topic, partitions: [...partitions] }]);
    });
  }

  seek(partition: number, offset: number): void {
    this.#tell((topic) => {
      this.#consumer.seek({ topic, partition, offset: String(offset) });
    });
  }

  /** False where the client has answered without having told a broker, as it does when it is stopped meanwhile. */
  async commit(offsets: ReadonlyMap<number, number>): Promise<boolean> {
    const before = this.#commits;
    const topic = this.#topic;
    await this.#consumer.commitOffsets(
      [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
    );
    return this.#commits > before;
  }

  /**
   * Leaves the group; see `KafkaClient.end`. A join that is under way is let end first: the client would otherwise join after it was
   * told to stop.
   */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #start(): Promise<void> {
    try {
      await this.#consumer.connect();
      await this.#consumer.subscribe({ topics: [this.#topic], fromBeginning: true });
      if (this.#stopping !== null) return;
      await this.#consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 1,
        eachBatch: async (payload) => {
          if (this.#stopping !== null || !this.#listener.fetched(fetchedOf(payload.batch))) return;
          payload.resolveOffset(payload.batch.lastOffset());
        },
      });
    } catch (error) {
      this.#crash(error);
    }
  }

  #stop(): Promise<void> {
    this.#crash(null);
    return this.#client.end(() => this.#starting.then(() => this.#consumer.disconnect()));
  }

  /** A client that is going down has no group any more and refuses; its seats are lost in a moment. */
  #tell(what: (topic: string) => void): void {
    try {
      what(this.#topic);
    } catch (error) {
      this.#crash(error);
    }
  }
}

const fetchedOf = (batch: Batch): Fetched => ({
  partition: batch.partition,
  // kafkajs's batches have it, and its types do not say so
  from: Number((batch as Batch & { readonly fetchedOffset: string }).fetchedOffset),
  next: Number(batch.lastOffset()) + 1,
  high: Number(batch.highWatermark),
  messages: batch.messages,
});
