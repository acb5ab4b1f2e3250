/**
 * A cluster, whichever client reaches it: what a process needs of it.
 */
import type { Effect, Result } from "effect";
import type { Failure } from "../../failure.ts";
import type { OutgoingRecord, Publisher } from "../../streams/runtime/publisher.ts";
import type { OffsetSource } from "../../streams/runtime/source.ts";
import type { Clock } from "../../streams/runtime/system-ports.ts";
import type { WireRecord } from "./log-message.ts";
import type { KafkaSourceOptions } from "./source-settings.ts";
import type { TopicAdmin } from "./topic-plan.ts";

/** How records are published; what is left out has its default. */
export interface KafkaPublisherOptions<Body> {
  /** What goes over the wire for a record, or why nothing can. */
  readonly wire: (record: OutgoingRecord<Body>) => Result.Result<WireRecord, Failure>;
  /** Records of one send. Default 500: the work of kafkajs grows with its square. */
  readonly batchRecords?: number;
  /** Bytes of one send, below what a broker takes. Default 512 KiB. */
  readonly batchBytes?: number;
  /** Bytes that may wait to be sent. Default 64 MiB. */
  readonly waitingBytes?: number;
  readonly clock?: Clock;
}

/** A publisher that holds connections. */
export interface KafkaPublisher<Body> extends Publisher<Body> {
  /** What waits is answered first; nothing is taken any more. */
  readonly close: Effect.Effect<void>;
}

/** One cluster, and the ways to it. Each has connections of its own, made when they are first needed. */
export interface KafkaLog {
  /** A member of a group, for as long as it is open. */
  readonly source: <Body>(options: KafkaSourceOptions<Body>) => OffsetSource<Body>;
  readonly publisher: <Body>(options: KafkaPublisherOptions<Body>) => KafkaPublisher<Body>;
  readonly topics: () => TopicAdmin;
}
