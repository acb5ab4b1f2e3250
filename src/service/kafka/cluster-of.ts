/**
 * From the configuration to how the cluster is reached.
 */
import { readFileSync } from "node:fs";
import {
  type ClusterOptions,
  demandCluster,
  type SaslOptions,
} from "../../adapters/kafka/cluster-options.ts";
import { reveal } from "../../domain/masking-sensitive.ts";
import type { Config } from "../config/config.ts";
import { Refusal } from "../refusal.ts";

type KafkaConfig = Config["kafka"];

const authorities = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Refusal("refused", `kafka.tlsCaFile: ${file} cannot be read`, cause);
  }
};

const tlsOf = ({ tls, tlsCaFile }: KafkaConfig): Pick<ClusterOptions, "tls"> => {
  if (tls === "off") return {};
  return { tls: tlsCaFile === null ? true : { ca: authorities(tlsCaFile) } };
};

const saslOf = ({ sasl, username, password }: KafkaConfig): { readonly sasl?: SaslOptions } => {
  if (sasl === "off" || username === null || password === null) return {};
  return { sasl: { mechanism: sasl, username, password: reveal(password) } };
};

/** Empty where Postgres is the log. */
export const clusterOf = (kafka: KafkaConfig): ClusterOptions | null => {
  const { brokers, clientId, requestTimeoutMs } = kafka;
  if (brokers === null) return null;
  const cluster = { brokers, clientId, requestTimeoutMs, ...tlsOf(kafka), ...saslOf(kafka) };
  try {
    demandCluster(cluster);
  } catch (cause) {
    throw new Refusal("refused", `kafka: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  return cluster;
};
