/**
 * One instance of kafkajs, with every option that matters given: its defaults change with NODE_ENV, make topics by
 * themselves, and write to the console.
 */
import { Kafka, logLevel, type KafkaConfig, type LogEntry, type RetryOptions } from "kafkajs";
import { type ClientLine, type ClusterOptions, demandCluster } from "../cluster-options.ts";
import { settledWithin } from "../settled-within.ts";
import { OwnSockets } from "./own-sockets.ts";

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

/** One instance, and the end of it. */
export interface KafkaClient extends Pick<Kafka, "admin" | "consumer" | "producer"> {
  /**
   * Lets it disconnect, no longer than `END_WITHIN_MS`, and cuts it off from its brokers: nothing of it keeps a process alive. It never
   * rejects. Also whoever could not connect has to be ended.
   */
  readonly end: (disconnect: () => Promise<void>) => Promise<void>;
}

/** A fetch under way ends within its own wait, and leaving a group is one request. */
const END_WITHIN_MS = 5_000;

/** Makes no connection yet. Each consumer, producer and admin of it has connections of its own. */
export const kafkaClient = (
  options: ClusterOptions,
  retry: RetryOptions = CALL_RETRY,
  endWithinMs = END_WITHIN_MS,
): KafkaClient => {
  const { said = () => undefined } = options;
  demandCluster(options);
  const sockets = new OwnSockets();
  const kafka = new Kafka({
    brokers: [...options.brokers],
    socketFactory: sockets.make,
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
  return {
    admin: (its) => kafka.admin(its),
    consumer: (its) => kafka.consumer(its),
    producer: (its) => kafka.producer(its),
    end: async (disconnect) => {
      await settledWithin(disconnect(), endWithinMs);
      sockets.sever();
    },
  };
};
