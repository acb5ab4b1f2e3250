import { createRequire } from "node:module";
import fc from "fast-check";
import {
  KafkaJSConnectionError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
  KafkaJSRequestTimeoutError,
} from "kafkajs";
import { describe, expect, it } from "vitest";
import { failureFor, knownError } from "../../../src/adapters/kafka/error-table.ts";

/** Every error that the client's version of the protocol has. */
const protocol = createRequire(import.meta.url)("kafkajs/src/protocol/error.js") as {
  readonly errorCodes: readonly { readonly type: string; readonly code: number }[];
  readonly createErrorFromCode: (code: number) => Error;
};
const named = (type: string): Error => {
  const found = protocol.errorCodes.find((one) => one.type === type);
  if (found === undefined) throw new Error(`the protocol has no ${type}`);
  return protocol.createErrorFromCode(found.code);
};

describe("an error of a broker or its client", () => {
  it.each([
    ["MESSAGE_TOO_LARGE", "record", "Permanent"],
    ["RECORD_LIST_TOO_LARGE", "record", "Permanent"],
    ["INVALID_RECORD", "record", "Permanent"],
    ["UNKNOWN_TOPIC_OR_PARTITION", "topic", "Permanent"],
    ["TOPIC_AUTHORIZATION_FAILED", "topic", "Permanent"],
    ["INVALID_TOPIC_EXCEPTION", "topic", "Permanent"],
    ["GROUP_AUTHORIZATION_FAILED", "group", "Permanent"],
    ["INCONSISTENT_GROUP_PROTOCOL", "group", "Permanent"],
    ["ILLEGAL_GENERATION", "moved-on", "Transient"],
    ["UNKNOWN_MEMBER_ID", "moved-on", "Transient"],
    ["REBALANCE_IN_PROGRESS", "moved-on", "Transient"],
    ["SASL_AUTHENTICATION_FAILED", "identity", "Permanent"],
    ["CLUSTER_AUTHORIZATION_FAILED", "identity", "Permanent"],
    ["OUT_OF_ORDER_SEQUENCE_NUMBER", "producer", "Unconfirmed"],
    ["UNKNOWN_PRODUCER_ID", "producer", "Unconfirmed"],
    ["NOT_ENOUGH_REPLICAS", "way", "Transient"],
    ["NOT_ENOUGH_REPLICAS_AFTER_APPEND", "way", "Unconfirmed"],
    ["LEADER_NOT_AVAILABLE", "way", "Transient"],
    ["GROUP_LOAD_IN_PROGRESS", "way", "Transient"],
    ["REQUEST_TIMED_OUT", "way", "Unconfirmed"],
    ["UNSUPPORTED_VERSION", "client", "Permanent"],
    ["UNKNOWN", "way", "Unconfirmed"],
  ])("named %s concerns the %s and is %s", (type, concerns, tag) => {
    const error = named(type);
    expect(knownError(error).concerns).toBe(concerns);
    expect(failureFor(error, "publishing to t")._tag).toBe(tag);
  });

  it("is found inside what it was wrapped into when retries ran out", () => {
    const inner = new KafkaJSProtocolError(named("TOPIC_AUTHORIZATION_FAILED"));
    const wrapped = new KafkaJSNumberOfRetriesExceeded(
      Object.assign(new KafkaJSNonRetriableError(inner), { cause: inner }),
      {
        retryCount: 5,
        retryTime: 1000,
      },
    );
    expect(failureFor(wrapped, "publishing to t")).toMatchObject({
      _tag: "Permanent",
      code: "kafka:TOPIC_AUTHORIZATION_FAILED",
      message: "publishing to t: TOPIC_AUTHORIZATION_FAILED",
    });
  });

  it("that the client made itself is known by its name, and by its socket's code where there is one", () => {
    const refused = new KafkaJSConnectionError("Connection error: connect", { code: "ECONNREFUSED" });
    expect(failureFor(refused, "joining g")).toMatchObject({ _tag: "Transient", code: "kafka:ECONNREFUSED" });
    expect(failureFor(new KafkaJSRequestTimeoutError("late"), "x")._tag).toBe("Unconfirmed");
    const unbelieved = Object.assign(new Error("no"), { name: "KafkaJSSASLAuthenticationError" });
    expect(failureFor(unbelieved, "x")).toMatchObject({
      _tag: "Permanent",
      code: "kafka:KafkaJSSASLAuthenticationError",
    });
    const untrusted = new KafkaJSConnectionError("tls", { code: "SELF_SIGNED_CERT_IN_CHAIN" });
    expect(knownError(untrusted)).toMatchObject({ concerns: "identity", passes: false });
  });

  it("of many at once is known by the first", () => {
    const many = Object.assign(new Error("topics"), {
      name: "KafkaJSAggregateError",
      errors: [named("POLICY_VIOLATION")],
    });
    expect(failureFor(many, "making t").code).toBe("kafka:POLICY_VIOLATION");
  });

  it("that nobody knows is never taken for certain, whatever it looks like", () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(failureFor(thrown, "publishing to t")).toMatchObject({
          _tag: "Unconfirmed",
          code: "kafka:unknown",
        });
      }),
      { numRuns: 1000 },
    );
    const ring: { cause?: unknown } = {};
    ring.cause = ring;
    expect(knownError(ring).code).toBe("kafka:unknown");
  });

  it("shows nothing of what it was said about", () => {
    const told = new KafkaJSProtocolError(
      Object.assign(named("INVALID_RECORD"), { message: "key hong@example.com" }),
    );
    expect(failureFor(told, "publishing to t").message).toBe("publishing to t: INVALID_RECORD");
  });
});
