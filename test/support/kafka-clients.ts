/**
 * The clients behind one port: a spec that runs its suite for each of them says once what holds for all.
 */
import type { ClusterOptions } from "../../src/adapters/kafka/cluster-options.ts";
import type { KafkaLog } from "../../src/adapters/kafka/kafka-log.ts";
import { kafkajsLog } from "../../src/adapters/kafka/kafkajs/log.ts";

export interface Client {
  readonly client: string;
  readonly open: (cluster: ClusterOptions) => KafkaLog;
}

export const CLIENTS: readonly Client[] = [{ client: "kafkajs", open: kafkajsLog }];
