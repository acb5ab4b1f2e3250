/**
 * A cluster, reached by kafkajs.
 */
import { type ClusterOptions, demandCluster } from "../cluster-options.ts";
import type { KafkaLog } from "../kafka-log.ts";
import { kafkajsPublisher } from "./publisher.ts";
import { kafkajsSource } from "./source.ts";
import { kafkajsTopicAdmin } from "./topic-admin.ts";

/**
 * Its epochs rise over all of its sources.
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
