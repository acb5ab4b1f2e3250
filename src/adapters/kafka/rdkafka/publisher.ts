/**
 * Batches into topics, by librdkafka. Each record is given to the library by itself and told of by a report of its own, which is
 * counted here by a number; a flush of the binding ends before all reports are there, so nothing is concluded from one.
 */
import type { ClusterOptions } from "../cluster-options.ts";
import { metadataMaxAge } from "../cluster-options.ts";
import { type Concern, type KnownError, knownError } from "../error-table.ts";
import type { KafkaPublisher, KafkaPublisherOptions } from "../kafka-log.ts";
import type { WireRecord } from "../log-message.ts";
import { logPublisher, publisherLimits } from "../log-publisher.ts";
import type { Sending } from "../produce-line.ts";
import type { Binding, VendorProducer, VendorReport, VendorError } from "./binding.ts";
import { clientSettings, requestTimeout } from "./client-settings.ts";
import { Link } from "./link.ts";
import { partitionsOf } from "./metadata.ts";
import { namedError, NamedError, thrownError } from "./vendor-errors.ts";

type Answer = (refused: KnownError | null) => void;

/** While reports are owed they are asked for this often: what a lone record waits for its answer at most, beyond the broker's. */
const POLL_EVERY_MS = 5;
/** The library gathers so long before it sends: a batch is handed over within one turn. */
const LINGER_MS = 1;
/** A topic that is gone is asked for so long before its records are refused. */
const UNKNOWN_TOPIC_MS = 2_000;
/** The library's own limit stays out of the way: the topic's is the one that counts. */
const LARGEST_RECORD_BYTES = 100_000_000;
/** Records of all partitions that may be with the library. */
const MOST_RECORDS = 1_000_000;

/** A broker or the library has looked at it: it was not written. */
const CERTAIN: ReadonlySet<Concern> = new Set(["record", "topic", "identity"]);
const NEVER_SENT: ReadonlySet<string> = new Set(["kafka:_PURGE_QUEUE", "kafka:_QUEUE_FULL"]);

/** The library tries again by itself and tells of the end only: an earlier try may have been written. */
const meaningOf = (error: NamedError): KnownError => {
  const known = knownError(error);
  if (CERTAIN.has(known.concerns) || NEVER_SENT.has(known.code)) return known;
  return { ...known, passes: true, undone: false };
};

/** A producer and the reports that it owes. */
class Courier {
  readonly link: Link<VendorProducer>;
  readonly ready: Promise<void>;
  readonly #owed = new Map<number, Answer>();
  #last = 0;
  #polling: NodeJS.Timeout | null = null;
  isSpoiled = false;

  constructor(binding: Binding, cluster: ClusterOptions, options: KafkaPublisherOptions<never>) {
    const { batchRecords, batchBytes, waitingBytes } = publisherLimits(options);
    const client = new binding.Producer({
      ...clientSettings(cluster),
      dr_cb: true,
      "enable.idempotence": true,
      "request.required.acks": -1,
      "max.in.flight.requests.per.connection": 5,
      "message.timeout.ms": requestTimeout(cluster),
      "request.timeout.ms": requestTimeout(cluster),
      "topic.metadata.propagation.max.ms": UNKNOWN_TOPIC_MS,
      "retry.backoff.ms": 100,
      "linger.ms": LINGER_MS,
      "batch.num.messages": batchRecords,
      "batch.size": batchBytes,
      "message.max.bytes": LARGEST_RECORD_BYTES,
      "queue.buffering.max.messages": MOST_RECORDS,
      "queue.buffering.max.kbytes": Math.ceil((2 * waitingBytes + LARGEST_RECORD_BYTES) / 1_024),
    });
    client.on("delivery-report", (error, report) => {
      this.#reported(error, report);
    });
    this.link = new Link(client, cluster);
    this.ready = this.link.open();
  }

  send({ topic, key, value, headers }: WireRecord, partition: number): Promise<KnownError | null> {
    return new Promise((resolve) => {
      const number = (this.#last += 1);
      const pairs = Object.entries(headers).map(([name, text]) => ({ [name]: text }));
      try {
        this.link.client.produce(topic, partition, Buffer.from(value), key, null, number, pairs);
      } catch (error) {
        resolve(this.#judged(thrownError(error)));
        return;
      }
      this.#owed.set(number, resolve);
      this.#poll();
    });
  }

  async close(): Promise<void> {
    await this.link.close();
    if (this.#polling !== null) clearInterval(this.#polling);
    this.#polling = null;
    for (const answer of this.#owed.values()) answer(meaningOf(new NamedError("_PURGE_INFLIGHT")));
    this.#owed.clear();
  }

  #poll(): void {
    this.#polling ??= setInterval(() => {
      if (this.link.client.isConnected()) this.link.client.poll();
    }, POLL_EVERY_MS);
  }

  #reported(error: VendorError | null | undefined, { opaque }: VendorReport): void {
    const answer = typeof opaque === "number" ? this.#owed.get(opaque) : undefined;
    if (answer === undefined || typeof opaque !== "number") return;
    this.#owed.delete(opaque);
    if (this.#owed.size === 0 && this.#polling !== null) {
      clearInterval(this.#polling);
      this.#polling = null;
    }
    answer(error ? this.#judged(namedError(error)) : null);
  }

  #judged(error: NamedError): KnownError {
    const known = meaningOf(error);
    if (known.concerns === "producer") this.isSpoiled = true;
    return known;
  }
}

/** Connects when the first record comes. */
export const rdkafkaPublisher = <Body>(
  binding: Binding,
  cluster: ClusterOptions,
  options: KafkaPublisherOptions<Body>,
): KafkaPublisher<Body> => {
  let courier: Courier | null = null;
  const gone = new Set<Promise<void>>();

  const drop = (dropped: Courier): void => {
    if (courier === dropped) courier = null;
    const closing = dropped.close();
    gone.add(closing);
    closing.then(
      () => gone.delete(closing),
      () => undefined,
    );
  };

  const ready = async (): Promise<Courier> => {
    const own = (courier ??= new Courier(binding, cluster, options));
    try {
      await own.ready;
      return own;
    } catch (error) {
      drop(own);
      throw error;
    }
  };

  const send: Sending = async (_topic, partition, records) => {
    let own: Courier;
    try {
      own = await ready();
    } catch (error) {
      const known = knownError(error);
      return records.map(() => ({ ...known, undone: true }));
    }
    const answers = await Promise.all(records.map((record) => own.send(record, partition)));
    if (own.isSpoiled) drop(own);
    return answers;
  };

  return logPublisher(
    {
      partitions: async (topic) => partitionsOf((await ready()).link, topic, requestTimeout(cluster)),
      metadataMaxAgeMs: metadataMaxAge(cluster),
      send,
      close: async () => {
        if (courier !== null) drop(courier);
        await Promise.all(gone);
      },
    },
    options,
  );
};
