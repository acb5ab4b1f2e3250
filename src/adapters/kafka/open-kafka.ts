/**
 * The way to a cluster, by the client that was chosen. kafkajs comes along; node-rdkafka is an optional package that compiles when
 * it is installed, so it is looked for only when it is asked for, and its absence is said with what mends it.
 */
import { Effect } from "effect";
import type { Failure } from "../../failure.ts";
import { type ClusterOptions, demandCluster } from "./cluster-options.ts";
import type { KafkaLog } from "./kafka-log.ts";
import { kafkajsLog } from "./kafkajs/log.ts";
import { loadBinding } from "./rdkafka/binding.ts";
import { rdkafkaLog } from "./rdkafka/log.ts";

/** Which package speaks to the brokers. */
export type KafkaClient = "kafkajs" | "rdkafka";

/**
 * No connection is made yet.
 *
 * @throws RangeError for a broker's address that is none, and for an authority that is no certificate
 */
export const openKafka = (client: KafkaClient, cluster: ClusterOptions): Effect.Effect<KafkaLog, Failure> => {
  demandCluster(cluster);
  if (client === "kafkajs") return Effect.succeed(kafkajsLog(cluster));
  return Effect.map(loadBinding, (binding) => rdkafkaLog(binding, cluster));
};
