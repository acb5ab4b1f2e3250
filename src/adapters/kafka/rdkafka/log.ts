/**
 * A cluster, reached by librdkafka.
 */
import { type ClusterOptions, demandCluster } from "../cluster-options.ts";
import type { KafkaLog } from "../kafka-log.ts";
import type { Binding } from "./binding.ts";
import { rdkafkaPublisher } from "./publisher.ts";
import { rdkafkaSource } from "./source.ts";
import { rdkafkaTopicAdmin } from "./topic-admin.ts";

/**
 * Its epochs rise over all of its sources.
 *
 * @throws RangeError for a broker's address that is none, and for an authority that is no certificate
 */
export const rdkafkaLog = (binding: Binding, cluster: ClusterOptions): KafkaLog => {
  demandCluster(cluster);
  let epoch = 0;
  const nextEpoch = (): number => {
    epoch += 1;
    return epoch;
  };
  return {
    source: (options) => rdkafkaSource(binding, cluster, options, nextEpoch),
    publisher: (options) => rdkafkaPublisher(binding, cluster, options),
    topics: () => rdkafkaTopicAdmin(binding, cluster),
  };
};
