/**
 * The settings of a service on Kafka whose topics and groups are its own, so that any number of them share a cluster.
 */
import { randomBytes } from "node:crypto";

export interface OnKafka {
  /** Default 1, for one broker alone. */
  readonly replication?: number;
  readonly client?: "kafkajs" | "rdkafka";
  /** Default 2 s. */
  readonly republishMs?: number;
}

/** The shortest that brokers allow by their defaults. */
export const SESSION_TIMEOUT_MS = 6_000;

/** @param brokers `host:port`, several with commas */
export const onKafka = (
  brokers: string,
  { replication = 1, client = "kafkajs", republishMs = 2_000 }: OnKafka = {},
) => {
  const name = `service-${randomBytes(6).toString("hex")}`;
  return {
    MILLRACE_KAFKA_BROKERS: brokers,
    MILLRACE_KAFKA_CLIENT: client,
    MILLRACE_KAFKA_GROUP: name,
    MILLRACE_KAFKA_REQUEST_TOPIC: `${name}.request`,
    MILLRACE_KAFKA_RESULT_TOPIC: `${name}.result`,
    MILLRACE_KAFKA_DEAD_LETTER_TOPIC: `${name}.dead-letter`,
    MILLRACE_KAFKA_REQUEST_PARTITIONS: "4",
    MILLRACE_KAFKA_OTHER_PARTITIONS: "1",
    MILLRACE_KAFKA_REPLICATION: String(replication),
    MILLRACE_KAFKA_SESSION_TIMEOUT_MS: String(SESSION_TIMEOUT_MS),
    MILLRACE_KAFKA_REPUBLISH_MS: String(republishMs),
  };
};
