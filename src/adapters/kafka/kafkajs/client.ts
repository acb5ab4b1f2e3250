/**
 * One instance of kafkajs, with every option that matters given: its defaults change with NODE_ENV, make topics by
 * themselves, and write to the console.
 */
import { Kafka, logLevel, type KafkaConfig, type LogEntry, type RetryOptions } from "kafkajs";
import { type ClientLine, type ClusterOptions, demandCluster } from "../cluster-options.ts";
import { watchedSocket } from "./watched-socket.ts";

/** Within one call: about 2.5 s; longer waits are ours, where they are seen and can be ended. */
export const CALL_RETRY: RetryOptions = {
  initialRetryTime: 100,
  maxRetryTime: 1_000,
  multiplier: 2,
  factor: 0.2,
  retries: 5,
};

const LEVELS: Readonly<Partial<Record<logLevel, ClientLine["level"]>>> = {
  [logLevel.ERROR]: "error",
  [logLevel.WARN]: "warn",
  [logLevel.INFO]: "info",
};

const securityOf = ({ tls, sasl }: ClusterOptions): Pick<KafkaConfig, "ssl" | "sasl"> => {
  const ssl = tls === undefined ? {} : { ssl: tls === true ? true : { ca: tls.ca } };
  if (sasl === undefined) return ssl;
  const { mechanism, username, password } = sasl;
  if (mechanism === "plain") return { ...ssl, sasl: { mechanism, username, password } };
  if (mechanism === "scram-sha-256") return { ...ssl, sasl: { mechanism, username, password } };
  return { ...ssl, sasl: { mechanism, username, password } };
};

/** Makes no connection yet. Each consumer, producer and admin of it has connections of its own. */
export const kafkaClient = (options: ClusterOptions, retry: RetryOptions = CALL_RETRY): Kafka => {
  const { said = () => undefined } = options;
  demandCluster(options);
  return new Kafka({
    brokers: [...options.brokers],
    socketFactory: watchedSocket,
    clientId: options.clientId ?? "millrace",
    ...securityOf(options),
    connectionTimeout: options.connectTimeoutMs ?? 5_000,
    authenticationTimeout: options.requestTimeoutMs ?? 15_000,
    requestTimeout: options.requestTimeoutMs ?? 15_000,
    enforceRequestTimeout: true,
    retry,
    logLevel: logLevel.INFO,
    logCreator:
      () =>
      ({ level, log }: LogEntry) => {
        const known = LEVELS[level];
        if (known !== undefined) said({ level: known, message: log.message });
      },
  });
};
