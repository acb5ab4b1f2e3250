/**
 * From how a cluster is reached to the settings of librdkafka: every one that matters is given, whatever its default is.
 */
import { rootCertificates } from "node:tls";
import { type ClusterOptions, metadataMaxAge, type SaslOptions } from "../cluster-options.ts";
import type { VendorSettings } from "./binding.ts";

const MECHANISMS: Readonly<Record<SaslOptions["mechanism"], string>> = {
  plain: "PLAIN",
  "scram-sha-256": "SCRAM-SHA-256",
  "scram-sha-512": "SCRAM-SHA-512",
};

/** Until a connection stands. */
export const connectTimeout = ({ connectTimeoutMs = 5_000 }: ClusterOptions): number => connectTimeoutMs;
/** Until a request is answered. */
export const requestTimeout = ({ requestTimeoutMs = 15_000 }: ClusterOptions): number => requestTimeoutMs;

const FIRST_RECONNECT_MS = 100;
export const LONGEST_RECONNECT_MS = 2_000;
/** The library takes no shorter one. */
const LEAST_CONNECT_MS = 1_000;

const securityOf = ({ tls, sasl }: ClusterOptions): VendorSettings => {
  const protocol = `${sasl === undefined ? "" : "sasl_"}${tls === undefined ? "plaintext" : "ssl"}`;
  return {
    "security.protocol": protocol,
    // those that Node knows: the library's own search differs from one system to the next
    ...(tls === undefined ? {} : { "ssl.ca.pem": tls === true ? rootCertificates.join("\n") : tls.ca }),
    ...(sasl === undefined
      ? {}
      : {
          "sasl.mechanism": MECHANISMS[sasl.mechanism],
          "sasl.username": sasl.username,
          "sasl.password": sasl.password,
        }),
  };
};

export const clientSettings = (cluster: ClusterOptions): VendorSettings => ({
  "metadata.broker.list": cluster.brokers.join(","),
  "client.id": cluster.clientId ?? "millrace",
  ...securityOf(cluster),
  "socket.connection.setup.timeout.ms": Math.max(connectTimeout(cluster), LEAST_CONNECT_MS),
  "socket.timeout.ms": requestTimeout(cluster),
  "socket.keepalive.enable": true,
  "socket.nagle.disable": true,
  "reconnect.backoff.ms": FIRST_RECONNECT_MS,
  "reconnect.backoff.max.ms": LONGEST_RECONNECT_MS,
  "topic.metadata.refresh.interval.ms": metadataMaxAge(cluster),
  // a topic is made by who plans it, never by being asked for
  "allow.auto.create.topics": false,
});
