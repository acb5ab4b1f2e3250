/**
 * The log of a channel's delivery, with brokers: which record asks for which notice, and what becomes of one that cannot be read.
 * Of a request only the hint is believed; the ledger says what is true.
 */
import { Effect, Result } from "effect";
import type { KafkaLog } from "../../adapters/kafka/kafka-log.ts";
import type { LogMessage } from "../../adapters/kafka/log-message.ts";
import { type DeadMessage, poisonRecord } from "../../adapters/kafka/poison.ts";
import type { KafkaSourceOptions } from "../../adapters/kafka/source-settings.ts";
import { readRequest } from "../../domain/records/request-record.ts";
import type { DeliveryLog } from "../../streams/delivery/delivery-pipeline.ts";
import type { DeliveryPorts } from "../../streams/delivery/delivery-ports.ts";

export type KafkaDeliveryOptions = Omit<KafkaSourceOptions<LogMessage>, "body">;

/** What is still claimed when the delivery closes is given back, as it is without a broker. */
export const kafkaDelivery = (
  { cipher, leases }: Pick<DeliveryPorts, "cipher" | "leases">,
  kafka: Pick<KafkaLog, "source">,
  options: KafkaDeliveryOptions,
): DeliveryLog<LogMessage> => {
  const source = kafka.source({ ...options, body: (message) => message });
  return {
    source: { ...source, close: Effect.ensuring(source.close, Effect.ignore(leases.giveBack)) },
    read: ({ value }) =>
      Result.map(readRequest(value), ({ noticeId, period, epoch }) => ({
        ...{ noticeId, period, epoch },
        claim: null,
      })),
    // this delivery's source has made every one of its bodies
    keepPoison: (dead) => poisonRecord(cipher, dead as DeadMessage),
  };
};
