/**
 * What a process of the service has of Kafka: one cluster, the topics of its channels, one publisher, and a watch over all of it.
 * Nothing connects before it is used.
 */
import { Effect, Result } from "effect";
import type { KafkaLog, KafkaPublisher } from "../../adapters/kafka/kafka-log.ts";
import type { LogMessage, WireRecord } from "../../adapters/kafka/log-message.ts";
import type { Topics } from "../../adapters/kafka/topic-plan.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { ChannelId } from "../../domain/ids.ts";
import type { ContentCipher } from "../../domain/ports/content-cipher.ts";
import type { QueuedDetails } from "../../domain/ports/queued-details.ts";
import type { UnheardNotices } from "../../domain/ports/unheard-notices.ts";
import type { DeliveryLog } from "../../streams/delivery/delivery-pipeline.ts";
import type { DeliveryPorts } from "../../streams/delivery/delivery-ports.ts";
import type { Publisher } from "../../streams/runtime/publisher.ts";
import type { Clock } from "../../streams/runtime/system-ports.ts";
import type { QueuedNotice } from "../../streams/upkeep/upkeep-ports.ts";
import type { Config } from "../config/config.ts";
import { awaitTopics } from "./await-topics.ts";
import { BrokerWatch } from "./broker-watch.ts";
import { kafkaDelivery } from "./kafka-delivery.ts";
import { requestPublisher } from "./request-publisher.ts";
import { groupOf, topicsOf } from "./topics-of.ts";

export interface KafkaService {
  readonly topics: Topics;
  /** Tells workers of queued notices. */
  readonly requests: Publisher<QueuedNotice>;
  /** Of the same connection: results, dead letters. */
  readonly records: Publisher<WireRecord>;
  readonly unheard: UnheardNotices;
  readonly watch: BrokerWatch;
  /** Waits until the brokers are there and have our topics. False where somebody wanted to stop before that. */
  readonly ready: (signal: AbortSignal) => Promise<boolean>;
  readonly delivery: (ports: DeliveryPorts) => DeliveryLog<LogMessage>;
  readonly close: () => Promise<void>;
}

export interface KafkaServiceParts {
  readonly channels: readonly ChannelId[];
  readonly cipher: ContentCipher;
  readonly sealedAbout: (notice: { readonly noticeId: string; readonly userId: string }) => string;
  readonly details: QueuedDetails;
  readonly unheard: UnheardNotices;
  readonly log: Log;
  readonly say: (words: string) => void;
  /** Told every few seconds of waiting for the brokers, before the work begins. */
  readonly waits: (words: string) => void;
  readonly clock: Clock;
}

/** The parts of it on a cluster. */
export const kafkaService = (
  cluster: KafkaLog,
  kafka: Config["kafka"],
  { channels, cipher, sealedAbout, details, unheard, log, say, waits, clock }: KafkaServiceParts,
): KafkaService => {
  const topics = topicsOf(kafka, channels);
  const watch = new BrokerWatch({ log, say, clock });
  const records: KafkaPublisher<WireRecord> = cluster.publisher({
    wire: ({ body }) => Result.succeed(body),
    clock,
  });
  return {
    ...{ topics, records, unheard, watch },
    requests: requestPublisher({
      ...{ details, cipher, sealedAbout, key: kafka.key, out: records },
      topicOf: topics.request,
      published: watch.published,
    }),
    ready: async (signal) => {
      const admin = cluster.topics();
      try {
        return await awaitTopics(admin, { kafka, plans: topics.plans, clock, signal, say, waits });
      } finally {
        await Effect.runPromise(admin.close);
      }
    },
    delivery: (ports) => {
      const topic = topics.request(ports.channel);
      watch.expect(topic);
      return kafkaDelivery(ports, cluster, {
        ...{ topic, groupId: groupOf(kafka, ports.channel), clock },
        sessionTimeoutMs: kafka.sessionTimeoutMs,
        revokeDeadlineMs: kafka.revokeDeadlineMs,
        bufferBytes: kafka.bufferBytes,
        told: watch.told,
      });
    },
    close: () => {
      watch.close();
      return Effect.runPromise(records.close);
    },
  };
};
