import { describe, expect, it } from "vitest";
import { failureOf, knownError } from "../../../src/adapters/kafka/error-table.ts";
import { Permanent } from "../../../src/failure.ts";
import { FIXED_PATHS, variableFor } from "../../../src/service/config/names.ts";
import { failureOfLog, whatToMend } from "../../../src/service/kafka/what-to-mend.ts";
import { configOf } from "../config-of.ts";

const { kafka } = configOf({ MILLRACE_KAFKA_BROKERS: "kafka:9092" });
const brokerSays = (type: string) => failureOf(knownError({ type }), "asking");

describe("what to mend", () => {
  it("is said with the setting and its variable", () => {
    expect(whatToMend(brokerSays("INVALID_REPLICATION_FACTOR"), kafka)).toBe(
      "the cluster has fewer brokers than copies are asked for (now 3): set kafka.replication (MILLRACE_KAFKA_REPLICATION) to at most their number; one broker alone takes 1",
    );
    expect(whatToMend(failureOf(knownError({ code: "ECONNREFUSED" }), "asking"), kafka)).toContain(
      "kafka.brokers (MILLRACE_KAFKA_BROKERS)",
    );
  });

  it.each([
    ["TOPIC_AUTHORIZATION_FAILED", "DescribeConfigs"],
    ["CLUSTER_AUTHORIZATION_FAILED", "rights"],
    ["GROUP_AUTHORIZATION_FAILED", "the right Read on the groups millrace.<channel>"],
    ["INCONSISTENT_GROUP_PROTOCOL", "kafka.group"],
    ["INVALID_SESSION_TIMEOUT", "kafka.sessionTimeoutMs"],
    ["SASL_AUTHENTICATION_FAILED", "MILLRACE_KAFKA_PASSWORD"],
    ["UNSUPPORTED_SASL_MECHANISM", "kafka.sasl (now off)"],
    ["POLICY_VIOLATION", "millrace topics plan"],
    ["UNKNOWN_TOPIC_OR_PARTITION", "millrace topics create"],
    ["UNSUPPORTED_VERSION", "the brokers' own log for UNSUPPORTED_VERSION"],
    ["LEADER_NOT_AVAILABLE", "whether the brokers run"],
  ])("of %s is to look at what it is about", (type, words) => {
    expect(whatToMend(brokerSays(type), kafka)).toContain(words);
  });

  it.each([
    ["BROKER_SPEAKS_TLS", "kafka.tls"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "kafka.tlsCaFile"],
    ["CERT_UNTRUSTED", "kafka.tlsCaFile"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "kafka.brokers"],
  ])("of a socket that says %s is to look at the settings of TLS", (code, words) => {
    expect(whatToMend(failureOf(knownError({ code }), "asking"), kafka)).toContain(words);
  });

  it("asks whether the port speaks TLS, where we do", () => {
    const closed = failureOf(knownError({ name: "KafkaJSConnectionError" }), "asking");
    expect(whatToMend(closed, kafka)).not.toContain("TLS");
    expect(whatToMend(closed, { ...kafka, tls: "on" })).toContain("whether their port speaks TLS");
  });

  it("is to look at the plan, where a topic is not as it should be", () => {
    const missing = new Permanent({ message: "there is no topic", code: "kafka:topic-missing" });
    expect(whatToMend(missing, kafka)).toBe("millrace topics plan says how the topics should be");
  });

  it("names settings that there are", () => {
    const types = [
      ...["INVALID_REPLICATION_FACTOR", "TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED"],
      ...["INCONSISTENT_GROUP_PROTOCOL", "INVALID_SESSION_TIMEOUT", "SASL_AUTHENTICATION_FAILED"],
      ...["REQUEST_TIMED_OUT"],
    ];
    const codes = ["BROKER_SPEAKS_TLS", "CERT_UNTRUSTED", "ERR_TLS_CERT_ALTNAME_INVALID"];
    const all = [
      ...types.map((type) => whatToMend(brokerSays(type), kafka)),
      ...codes.map((code) => whatToMend(failureOf(knownError({ code }), "asking"), kafka)),
    ].join("\n");
    for (const [path] of all.matchAll(/\bkafka\.[a-zA-Z]+/g)) expect(FIXED_PATHS).toContain(path);
    const variables = FIXED_PATHS.map(variableFor);
    for (const [variable] of all.matchAll(/\bMILLRACE_[A-Z_]+/g)) expect(variables).toContain(variable);
  });
});

describe("the failure of the log behind an error", () => {
  const failure = new Permanent({ message: "consuming t", code: "kafka:INCONSISTENT_GROUP_PROTOCOL" });

  it("is found however deep it lies, and none is made up", () => {
    expect(failureOfLog(new Error("a", { cause: new Error("b", { cause: failure }) }))).toBe(failure);
    expect(failureOfLog(new Error("a"))).toBeNull();
    expect(failureOfLog(new Permanent({ message: "no", code: "sqlstate:23505" }))).toBeNull();
    expect(failureOfLog("a word")).toBeNull();
  });
});
