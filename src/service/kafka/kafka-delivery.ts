/**
 * The log of a channel's delivery, with brokers: which record asks for which notice, and what becomes of one that cannot be read.
 * Of a request only the hint is believed; the ledger says what is true. One of another channel is nobody's here, and is kept like one
 * that cannot be read: upkeep tells the right topic of its notice.
 */
import { Effect, Result } from "effect";
import type { ChannelId } from "../../domain/ids.ts";
import { type Failure, Undecodable } from "../../failure.ts";
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
  { channel, cipher, leases }: Pick<DeliveryPorts, "channel" | "cipher" | "leases">,
  kafka: Pick<KafkaLog, "source">,
  options: KafkaDeliveryOptions,
): DeliveryLog<LogMessage> => {
  const source = kafka.source({ ...options, body: (message) => message });
  return {
    source: { ...source, close: closing(source.close, leases) },
    read: ({ value }) =>
      Result.flatMap(readRequest(value), ({ noticeId, period, epoch, channel: its }) =>
        its === channel
          ? Result.succeed({ noticeId, period, epoch, claim: null })
          : Result.fail(misplaced(its, channel)),
      ),
    // this delivery's source has made every one of its bodies
    keepPoison: (dead) => poisonRecord(cipher, dead as DeadMessage),
  };
};

/** Beside each other: the ledger needs no broker, and a group that is slow to leave must not keep what nobody works on. */
const closing = (
  close: Effect.Effect<void, Failure>,
  { giveBack }: Pick<DeliveryPorts["leases"], "giveBack">,
): Effect.Effect<void, Failure> =>
  Effect.flatMap(
    Effect.all([Effect.exit(close), Effect.ignore(giveBack)], { concurrency: "unbounded" }),
    ([closed]) => closed,
  );

const misplaced = (its: ChannelId, channel: ChannelId): Undecodable =>
  new Undecodable({
    message: `reading a request of ${channel}: it is one of ${its}, in the wrong topic`,
    code: "record:channel",
  });
