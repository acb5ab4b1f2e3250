/**
 * A cluster, by kafkajs: what a process needs of it.
 */
import type { OffsetSource } from "../../../streams/runtime/source.ts";
import { type ClusterOptions, demandCluster } from "../cluster-options.ts";
import type { TopicAdmin } from "../topic-plan.ts";
import { type KafkaPublisher, type KafkaPublisherOptions, kafkajsPublisher } from "./publisher.ts";
import { kafkajsSource } from "./source.ts";
import type { KafkaSourceOptions } from "./source-settings.ts";
import { kafkajsTopicAdmin } from "./topic-admin.ts";

/** One cluster, and the ways to it. Each has connections of its own, made when they are first needed. */
export interface KafkaLog {
  /** A member of a group, for as long as it is open. */
  readonly source: <Body>(options: KafkaSourceOptions<Body>) => OffsetSource<Body>;
  readonly publisher: <Body>(options: KafkaPublisherOptions<Body>) => KafkaPublisher<Body>;
  readonly topics: () => TopicAdmin;
}

/**
 * A cluster, reached by kafkajs.
 *
 * @throws RangeError for a broker's address that is none, and for an authority that is no certificate
 */
export const kafkajsLog = (cluster: ClusterOptions): KafkaLog => {
  demandCluster(cluster);
  let epoch = 0;
  const nextEpoch = (): number => {
    epoch += 1;
    return epoch;
  };
  return {
    source: (options) => kafkajsSource(cluster, options, nextEpoch),
    publisher: (options) => kafkajsPublisher(cluster, options),
    topics: () => kafkajsTopicAdmin(cluster),
  };
};
