/**
 * The optional package node-rdkafka: what we use of it, and the one place where it is loaded. Its own types are not there where it
 * is not installed, so what we need of them stands here; the version is pinned, and a suite runs against it.
 */
import { Effect } from "effect";
import { Permanent, type Failure } from "../../../failure.ts";

/** An error as it is told: where it came as text alone, `code` is -1 and `message` the text in small letters. */
export interface VendorError {
  readonly code: number;
  readonly message: string;
}

export interface VendorPartition {
  readonly topic: string;
  readonly partition: number;
  /** Below 0: none. */
  readonly offset?: number;
}

export interface VendorMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  /** One object for each header, in order. */
  readonly headers?: readonly Readonly<Record<string, Buffer>>[];
}

export interface VendorTopic {
  readonly name: string;
  readonly partitions: readonly { readonly replicas: readonly number[]; readonly leader: number }[];
}

/** A line of the library's own: `severity` as in syslog. */
export interface VendorLine {
  readonly severity: number;
  readonly fac: string;
  readonly message: string;
}

/** What `delivery-report` tells of one record: `opaque` is what was given with it. */
export interface VendorReport {
  readonly opaque: unknown;
}

type Answer<T> = (error: VendorError | null | undefined, value: T) => void;

export interface VendorClient {
  readonly connect: (options: { readonly timeout: number }, answer: Answer<unknown>) => void;
  readonly disconnect: (answer: () => void) => void;
  readonly isConnected: () => boolean;
  readonly getMetadata: (
    options: { readonly allTopics: true; readonly timeout: number },
    answer: Answer<{ readonly topics: readonly VendorTopic[] }>,
  ) => void;
  readonly queryWatermarkOffsets: (
    topic: string,
    partition: number,
    timeout: number,
    answer: Answer<{ readonly lowOffset: number; readonly highOffset: number }>,
  ) => void;
  on(event: "event.log", listener: (line: VendorLine) => void): unknown;
  on(event: "event.error", listener: (error: VendorError) => void): unknown;
}

export interface VendorConsumer extends VendorClient {
  readonly subscribe: (topics: readonly string[]) => void;
  readonly setDefaultConsumeTimeout: (ms: number) => void;
  readonly consume: (most: number, answer: Answer<readonly VendorMessage[]>) => void;
  readonly assign: (partitions: readonly VendorPartition[]) => void;
  readonly unassign: () => void;
  readonly pause: (partitions: readonly VendorPartition[]) => void;
  readonly resume: (partitions: readonly VendorPartition[]) => void;
  readonly seek: (to: VendorPartition, timeout: number, answer: (error?: VendorError) => void) => void;
  readonly commit: (offsets: readonly VendorPartition[]) => void;
  readonly committed: (
    partitions: readonly VendorPartition[],
    timeout: number,
    answer: Answer<readonly VendorPartition[]>,
  ) => void;
  /** As far as they were seen. */
  readonly getWatermarkOffsets: (
    topic: string,
    partition: number,
  ) => { readonly lowOffset: number; readonly highOffset: number };
}

export interface VendorProducer extends VendorClient {
  readonly produce: (
    topic: string,
    partition: number,
    value: Buffer,
    key: string,
    timestamp: null,
    opaque: unknown,
    headers: readonly Readonly<Record<string, string>>[],
  ) => void;
  readonly poll: () => void;
  on(event: "event.log", listener: (line: VendorLine) => void): unknown;
  on(event: "event.error", listener: (error: VendorError) => void): unknown;
  on(
    event: "delivery-report",
    listener: (error: VendorError | null | undefined, report: VendorReport) => void,
  ): unknown;
}

export interface VendorAdmin {
  readonly createTopic: (
    topic: {
      readonly topic: string;
      readonly num_partitions: number;
      readonly replication_factor: number;
      readonly config: Readonly<Record<string, string>>;
    },
    timeout: number,
    answer: (error?: VendorError) => void,
  ) => void;
  readonly createPartitions: (
    topic: string,
    upTo: number,
    timeout: number,
    answer: (error?: VendorError) => void,
  ) => void;
  readonly disconnect: () => void;
}

/** Settings of librdkafka, by its names. */
export type VendorSettings = Readonly<
  Record<
    string,
    | string
    | number
    | boolean
    | ((error: VendorError | undefined, partitions: readonly VendorPartition[]) => void)
  >
>;

export interface Binding {
  readonly KafkaConsumer: new (settings: VendorSettings, topicSettings: VendorSettings) => VendorConsumer;
  readonly Producer: new (settings: VendorSettings) => VendorProducer;
  readonly AdminClient: { readonly create: (settings: VendorSettings) => VendorAdmin };
}

export const RDKAFKA_VERSION = "3.6.1";

/** `name` is not written into the import: neither the compiler nor the import table may ask for what is not installed. */
export const bindingOf = (name: string): Effect.Effect<Binding, Failure> =>
  Effect.tryPromise({
    // the package's own exports, as far as they are written down above
    try: async () => ((await import(name)) as { readonly default: Binding }).default,
    catch: (cause) =>
      new Permanent({
        message: `opening Kafka: the client rdkafka needs a package that is not installed, or was compiled for another Node; run "npm install node-rdkafka@${RDKAFKA_VERSION}", or choose kafkajs`,
        code: "kafka:no-client",
        cause,
      }),
  });

export const loadBinding = bindingOf("node-rdkafka");
