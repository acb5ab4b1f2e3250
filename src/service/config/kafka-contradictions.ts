/**
 * What is wrong with the settings of the log although each can be read.
 */
import type { Config } from "./config.ts";

/** Notes one mistake; where a setting beside it could not be read, nothing is concluded. */
type Wrong = (path: string, problem: string, fix: string, ...beside: readonly string[]) => void;

export const kafkaContradictions = ({ kafka, providers, production }: Config, wrong: Wrong): void => {
  const { tls, tlsCaFile, sasl, username, password } = kafka;
  if (tls === "off" && tlsCaFile !== null)
    wrong(
      "kafka.tlsCaFile",
      "is written, and TLS is off",
      "set kafka.tls to on, or leave it out",
      "kafka.tls",
    );
  if (sasl === "off") {
    if (username !== null)
      wrong(
        "kafka.username",
        "is written, and nobody is told",
        "set kafka.sasl to plain, scram-sha-256 or scram-sha-512",
        "kafka.sasl",
      );
    if (password !== null)
      wrong(
        "kafka.password",
        "is written, and nobody is told",
        "set kafka.sasl to plain, scram-sha-256 or scram-sha-512",
        "kafka.sasl",
      );
  } else {
    if (username === null)
      wrong(
        "kafka.username",
        `is missing, and ${sasl} asks for it`,
        "set MILLRACE_KAFKA_USERNAME",
        "kafka.sasl",
      );
    if (password === null)
      wrong(
        "kafka.password",
        `is missing, and ${sasl} asks for it`,
        "set MILLRACE_KAFKA_PASSWORD",
        "kafka.sasl",
      );
    if (production && sasl === "plain" && tls === "off")
      wrong(
        "kafka.tls",
        "is off, and plain sends the password in the clear",
        "set it to on, or use scram-sha-512",
        "kafka.sasl",
      );
  }
  const requests = [...providers.keys()].map((channel) => `${kafka.requestTopic}.${channel}`);
  const names = [kafka.requestTopic, ...requests, kafka.resultTopic, kafka.deadLetterTopic];
  if (new Set(names).size < names.length)
    wrong(
      "kafka.deadLetterTopic",
      "two topics have one name",
      "give requestTopic, resultTopic and deadLetterTopic each its own",
      "kafka.requestTopic",
      "kafka.resultTopic",
    );
};
