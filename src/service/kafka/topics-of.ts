/**
 * From the configuration to the topics as they should be.
 */
import { topicPlans, type Topics } from "../../adapters/kafka/topic-plan.ts";
import type { ChannelId } from "../../domain/ids.ts";
import type { Config } from "../config/config.ts";

export const topicsOf = (kafka: Config["kafka"], channels: readonly ChannelId[]): Topics => {
  const { requestTopic, resultTopic, deadLetterTopic } = kafka;
  const { requestPartitions, otherPartitions, replication, retentionMs } = kafka;
  return topicPlans({
    ...{
      channels,
      resultTopic,
      deadLetterTopic,
      requestPartitions,
      otherPartitions,
      replication,
      retentionMs,
    },
    requestTopic: (channel) => `${requestTopic}.${channel}`,
  });
};

/** One group a channel: a channel whose provider is down holds up its own partitions only. */
export const groupOf = ({ group }: Config["kafka"], channel: ChannelId): string => `${group}.${channel}`;
