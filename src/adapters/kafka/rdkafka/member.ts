/**
 * One consumer of librdkafka, from joining its group to leaving it. It turns the client's events into calls, and nothing else: what
 * a fetch or an assignment means is its listener's to say.
 *
 * It is asked for records again and again, without waiting inside the library: each consumer would else hold one of the four
 * threads that all of Node shares. By being asked the library also tells of rebalances, commits and errors.
 */
import type { ClusterOptions } from "../cluster-options.ts";
import type { Bounds } from "../log-offsets.ts";
import type { SourceSettings } from "../source-settings.ts";
import type { Binding, VendorConsumer, VendorError, VendorMessage, VendorPartition } from "./binding.ts";
import { clientSettings } from "./client-settings.ts";
import { Link } from "./link.ts";
import { type NamedError, namedError, thrownError } from "./vendor-errors.ts";

export interface MemberListener {
  /** The group waits until `assign` is called. */
  readonly assigned: (partitions: readonly number[]) => void;
  /** The group waits until `unassign` is called. `isLost`: this member was given up already. */
  readonly revoked: (isLost: boolean) => void;
  readonly fetched: (messages: readonly VendorMessage[]) => void;
  /** What the client tells of itself; it goes on. */
  readonly troubled: (error: NamedError) => void;
}

/** Records of one answer of the library. */
const MOST_AT_ONCE = 500;
/** Between two questions while there is nothing: what a record may lie in the library at most. */
const [SHORTEST_NAP_MS, LONGEST_NAP_MS] = [1, 20];
/** Records of a partition that the library holds ready, within the bytes that it may have. */
const READY_RECORDS = 2_000;
/** After a full queue it looks again so soon. */
const FULL_QUEUE_MS = 20;
/** Of one answer of a broker; a record that is larger than a fetch comes alone. */
const LARGEST_ANSWER_BYTES = 100_000_000;

const ASSIGN = -175;
const REVOKE = -174;
/** By this mark the library tells that the group has given it up. */
const SESSION_LOST = "SESSTMOUT";

export const consumerSettings = (settings: SourceSettings) => ({
  "group.id": settings.groupId,
  "group.protocol": "classic",
  "partition.assignment.strategy": "range,roundrobin",
  "session.timeout.ms": settings.sessionTimeoutMs,
  "heartbeat.interval.ms": settings.heartbeatMs,
  "max.poll.interval.ms": Math.max(settings.rebalanceTimeoutMs, settings.sessionTimeoutMs),
  "enable.auto.commit": false,
  "enable.auto.offset.store": false,
  "isolation.level": "read_committed",
  "fetch.wait.max.ms": settings.maxWaitMs,
  "fetch.min.bytes": 1,
  "fetch.max.bytes": settings.fetchBytes,
  "max.partition.fetch.bytes": settings.partitionFetchBytes,
  "receive.message.max.bytes": Math.max(LARGEST_ANSWER_BYTES, 2 * settings.fetchBytes),
  "queued.min.messages": READY_RECORDS,
  "queued.max.messages.kbytes": Math.max(1, Math.floor(libraryBytes(settings) / 1_024)),
  "fetch.queue.backoff.ms": FULL_QUEUE_MS,
  "fetch.error.backoff.ms": 100,
});

/** Half of the bound is the library's, the other half the read-ahead's. */
export const libraryBytes = ({ bufferBytes }: Pick<SourceSettings, "bufferBytes">): number => bufferBytes / 2;

export class Member {
  readonly #link: Link<VendorConsumer>;
  readonly #consumer: VendorConsumer;
  readonly #topic: string;
  readonly #listener: MemberListener;
  #isStopping = false;
  #isLost = false;
  readonly #paused = new Set<number>();
  #polling: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  #committing: Promise<unknown> = Promise.resolve();
  #committed: (error: VendorError | undefined) => void = () => undefined;
  #crash: (error: unknown) => void = () => undefined;
  readonly #crashed: Promise<unknown>;

  constructor(binding: Binding, cluster: ClusterOptions, settings: SourceSettings, listener: MemberListener) {
    this.#topic = settings.topic;
    this.#listener = listener;
    this.#crashed = new Promise((resolve) => {
      this.#crash = resolve;
    });
    this.#consumer = new binding.KafkaConsumer(
      {
        ...clientSettings(cluster),
        ...consumerSettings(settings),
        rebalance_cb: (error, partitions) => {
          this.#rebalanced(error, partitions);
        },
        offset_commit_cb: (error) => {
          this.#committed(error);
        },
      },
      // where a position does not exist any more: seen by the offsets that come, and never committed unasked
      { "auto.offset.reset": "earliest" },
    );
    this.#consumer.on("event.log", ({ fac }) => {
      if (fac === SESSION_LOST) this.#isLost = true;
    });
    this.#consumer.on("event.error", (error) => {
      if (!this.#isStopping) listener.troubled(namedError(error));
    });
    this.#link = new Link(this.#consumer, cluster);
    this.#link.refused.then(this.#crash, () => undefined);
  }

  /** Resolves with what it died of, or `null` when it was stopped; never while it lives. */
  async live(): Promise<unknown> {
    try {
      await this.#link.open();
      this.#consumer.setDefaultConsumeTimeout(0);
      this.#consumer.subscribe([this.#topic]);
      this.#polling = this.#poll().catch(this.#crash);
    } catch (error) {
      this.#crash(error);
    }
    const error = await this.#crashed;
    await this.stop();
    return error;
  }

  assign(positions: ReadonlyMap<number, number>): void {
    this.#tell(() => {
      this.#consumer.assign(
        [...positions].map(([partition, offset]) => ({ ...this.#named(partition), offset })),
      );
    });
  }

  /** librdkafka would remember a pause beyond the assignment, and fetch nothing when the partition comes again. */
  unassign(): void {
    this.resume([...this.#paused]);
    this.#tell(() => {
      this.#consumer.unassign();
    });
  }

  pause(partitions: readonly number[]): void {
    for (const partition of partitions) this.#paused.add(partition);
    this.#tell(() => {
      this.#consumer.pause(partitions.map((partition) => this.#named(partition)));
    });
  }

  /** Those that it has paused; the others go on anyway. */
  resume(partitions: readonly number[]): void {
    const paused = partitions.filter((partition) => this.#paused.delete(partition));
    if (paused.length === 0) return;
    this.#tell(() => {
      this.#consumer.resume(paused.map((partition) => this.#named(partition)));
    });
  }

  seek(partition: number, offset: number): Promise<void> {
    return this.#link.asking((answer) => {
      this.#consumer.seek({ ...this.#named(partition), offset }, ASK_WITHIN_MS, (error) => {
        answer(error, undefined);
      });
    });
  }

  /** One after the other: the library does not say which of several it tells of. False where this member goes. */
  commit(offsets: ReadonlyMap<number, number>): Promise<boolean> {
    const turn = this.#committing.then(() => this.#commit(offsets));
    this.#committing = turn.catch(() => undefined);
    return turn;
  }

  async committed(partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const found = await this.#link.asking<readonly VendorPartition[]>((answer) => {
      this.#consumer.committed(
        partitions.map((partition) => this.#named(partition)),
        ASK_WITHIN_MS,
        answer,
      );
    });
    return new Map(
      found.flatMap(({ partition, offset = -1 }) => (offset < 0 ? [] : [[partition, offset] as const])),
    );
  }

  async bounds(partition: number): Promise<Bounds> {
    const { lowOffset, highOffset } = await this.#link.asking<{ lowOffset: number; highOffset: number }>(
      (answer) => {
        this.#consumer.queryWatermarkOffsets(this.#topic, partition, ASK_WITHIN_MS, answer);
      },
    );
    return { low: lowOffset, high: highOffset };
  }

  /** As far as it was seen by fetching; `null` where nothing was fetched. */
  seen(partition: number): Bounds | null {
    try {
      const { lowOffset: low, highOffset: high } = this.#consumer.getWatermarkOffsets(this.#topic, partition);
      return high < 0 ? null : { low: Math.max(0, low), high };
    } catch {
      return null;
    }
  }

  /** Whether a broker answers. */
  async isReached(): Promise<boolean> {
    try {
      await this.#link.asking((answer) => {
        this.#consumer.getMetadata({ allTopics: true, timeout: ASK_WITHIN_MS }, answer);
      });
      return true;
    } catch {
      return false;
    }
  }

  /** Leaves the group. It never rejects. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#crash(null);
    this.#wake();
    this.#committed({ code: -1, message: "" });
    await this.#polling;
    await this.#link.close();
  }

  async #commit(offsets: ReadonlyMap<number, number>): Promise<boolean> {
    if (this.#isStopping) return false;
    const error = await new Promise<NamedError | null>((resolve) => {
      this.#committed = (refused) => {
        resolve(refused === undefined ? null : namedError(refused));
      };
      try {
        this.#consumer.commit(
          [...offsets].map(([partition, offset]) => ({ ...this.#named(partition), offset })),
        );
      } catch (thrown) {
        resolve(thrownError(thrown));
      }
    });
    if (this.#isStopping) return false;
    if (error !== null) throw error;
    return true;
  }

  async #poll(): Promise<void> {
    let napMs = SHORTEST_NAP_MS;
    while (!this.#isStopping) {
      const messages = await this.#consume();
      if (this.#isStopping) return;
      if (messages.length > 0) {
        napMs = SHORTEST_NAP_MS;
        this.#listener.fetched(messages);
        continue;
      }
      await this.#nap(napMs);
      napMs = Math.min(napMs * 2, LONGEST_NAP_MS);
    }
  }

  #consume(): Promise<readonly VendorMessage[]> {
    return new Promise((resolve) => {
      this.#consumer.consume(MOST_AT_ONCE, (error, messages) => {
        if (error && !this.#isStopping) this.#listener.troubled(namedError(error));
        resolve(error ? [] : messages);
      });
    });
  }

  /** Real time, whatever clock the runtime goes by: the library lives in it. */
  #nap(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #rebalanced(error: VendorError | undefined, partitions: readonly VendorPartition[]): void {
    const isLost = this.#isLost;
    this.#isLost = false;
    if (error?.code === ASSIGN && !this.#isStopping) {
      this.#listener.assigned(
        partitions.filter(({ topic }) => topic === this.#topic).map(({ partition }) => partition),
      );
    } else if (error?.code === REVOKE && !this.#isStopping) this.#listener.revoked(isLost);
    else this.unassign();
  }

  #named(partition: number): VendorPartition {
    return { topic: this.#topic, partition };
  }

  /** A client that is going down refuses; its partitions are lost in a moment. */
  #tell(what: () => void): void {
    try {
      what();
    } catch (error) {
      this.#crash(thrownError(error));
    }
  }
}

/** Until a broker has said what is asked of it while the group waits. */
const ASK_WITHIN_MS = 5_000;
