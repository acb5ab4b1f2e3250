import { tmpdir } from "node:os";
import { Result } from "effect";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/service/config/load.ts";

const mistakesIn = (environment: Readonly<Record<string, string>>): readonly string[] => {
  const read = loadConfig({ folder: tmpdir(), environment });
  return Result.isFailure(read) ? read.failure.map(({ path, problem }) => `${path} ${problem}`) : [];
};
const BROKERS = { MILLRACE_KAFKA_BROKERS: "kafka-1:9092" };

describe("what contradicts itself in the log's settings", () => {
  it("is nothing in what a first try writes", () => {
    expect(mistakesIn(BROKERS)).toEqual([]);
  });

  it("is a way to say who we are without a name or a password, and these without a way", () => {
    expect(mistakesIn({ ...BROKERS, MILLRACE_KAFKA_SASL: "plain" })).toEqual([
      "kafka.username is missing, and plain asks for it",
      "kafka.password is missing, and plain asks for it",
    ]);
    expect(mistakesIn({ ...BROKERS, MILLRACE_KAFKA_USERNAME: "u", MILLRACE_KAFKA_PASSWORD: "p" })).toEqual([
      "kafka.username is written, and nobody is told",
      "kafka.password is written, and nobody is told",
    ]);
  });

  it("is a password in the clear, in production", () => {
    const plain = {
      ...BROKERS,
      ...{ MILLRACE_KAFKA_SASL: "plain", MILLRACE_KAFKA_USERNAME: "u", MILLRACE_KAFKA_PASSWORD: "p" },
    };
    const said = "kafka.tls is off, and plain sends the password in the clear";
    expect(mistakesIn(plain)).toEqual([]);
    expect(mistakesIn({ ...plain, NODE_ENV: "production" })).toContain(said);
    expect(mistakesIn({ ...plain, NODE_ENV: "production", MILLRACE_KAFKA_TLS: "on" })).not.toContain(said);
  });

  it("is an authority without TLS, a broker that is no address, and one name for two topics", () => {
    expect(mistakesIn({ ...BROKERS, MILLRACE_KAFKA_TLS_CA_FILE: "ca.pem" })).toEqual([
      "kafka.tlsCaFile is written, and TLS is off",
    ]);
    expect(mistakesIn({ MILLRACE_KAFKA_BROKERS: "kafka-1" })).toEqual([
      "kafka.brokers[0] is no address of a broker, as host:port",
    ]);
    expect(mistakesIn({ ...BROKERS, MILLRACE_KAFKA_RESULT_TOPIC: "millrace.request.email" })).toEqual([
      "kafka.deadLetterTopic two topics have one name",
    ]);
    expect(mistakesIn({ ...BROKERS, MILLRACE_KAFKA_RESULT_TOPIC: "millrace.request" })).toEqual([
      "kafka.deadLetterTopic two topics have one name",
    ]);
  });
});
