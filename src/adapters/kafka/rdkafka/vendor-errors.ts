/**
 * The errors of librdkafka by the names that the error table knows. The binding gives a number where a call has failed, and only the
 * text of it where an event tells of one.
 */
import type { VendorError } from "./binding.ts";

/** An error with a name that the table knows; its text stays behind, for it may show what was sent. */
export class NamedError extends Error {
  readonly type: string;
  readonly code: string;

  constructor(name: string) {
    super(name);
    this.type = name;
    this.code = name;
  }
}

/** Numbers from 0 are the protocol's; those below are the library's own, and are named with a line in front. */
const BY_CODE: Readonly<Record<number, string>> = {
  1: "OFFSET_OUT_OF_RANGE",
  3: "UNKNOWN_TOPIC_OR_PARTITION",
  5: "LEADER_NOT_AVAILABLE",
  6: "NOT_LEADER_FOR_PARTITION",
  7: "REQUEST_TIMED_OUT",
  8: "BROKER_NOT_AVAILABLE",
  9: "REPLICA_NOT_AVAILABLE",
  10: "MESSAGE_TOO_LARGE",
  13: "NETWORK_EXCEPTION",
  14: "GROUP_LOAD_IN_PROGRESS",
  15: "GROUP_COORDINATOR_NOT_AVAILABLE",
  16: "NOT_COORDINATOR_FOR_GROUP",
  17: "INVALID_TOPIC_EXCEPTION",
  18: "RECORD_LIST_TOO_LARGE",
  19: "NOT_ENOUGH_REPLICAS",
  20: "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  22: "ILLEGAL_GENERATION",
  23: "INCONSISTENT_GROUP_PROTOCOL",
  24: "INVALID_GROUP_ID",
  25: "UNKNOWN_MEMBER_ID",
  26: "INVALID_SESSION_TIMEOUT",
  27: "REBALANCE_IN_PROGRESS",
  29: "TOPIC_AUTHORIZATION_FAILED",
  30: "GROUP_AUTHORIZATION_FAILED",
  31: "CLUSTER_AUTHORIZATION_FAILED",
  32: "INVALID_TIMESTAMP",
  33: "UNSUPPORTED_SASL_MECHANISM",
  34: "ILLEGAL_SASL_STATE",
  35: "UNSUPPORTED_VERSION",
  36: "TOPIC_ALREADY_EXISTS",
  37: "INVALID_PARTITIONS",
  38: "INVALID_REPLICATION_FACTOR",
  40: "INVALID_CONFIG",
  41: "NOT_CONTROLLER",
  44: "POLICY_VIOLATION",
  45: "OUT_OF_ORDER_SEQUENCE_NUMBER",
  46: "DUPLICATE_SEQUENCE_NUMBER",
  47: "INVALID_PRODUCER_EPOCH",
  58: "SASL_AUTHENTICATION_FAILED",
  59: "UNKNOWN_PRODUCER_ID",
  81: "GROUP_MAX_SIZE_REACHED",
  82: "FENCED_INSTANCE_ID",
  87: "INVALID_RECORD",
  [-144]: "_FENCED",
  [-150]: "_FATAL",
  [-151]: "_PURGE_INFLIGHT",
  [-152]: "_PURGE_QUEUE",
  [-168]: "_NO_OFFSET",
  [-169]: "_AUTHENTICATION",
  [-172]: "_STATE",
  [-180]: "_WAIT_COORD",
  [-181]: "_SSL",
  [-184]: "_QUEUE_FULL",
  [-185]: "_TIMED_OUT",
  [-187]: "_ALL_BROKERS_DOWN",
  [-188]: "UNKNOWN_TOPIC_OR_PARTITION",
  [-190]: "UNKNOWN_TOPIC_OR_PARTITION",
  [-192]: "_MSG_TIMED_OUT",
  [-193]: "_RESOLVE",
  [-195]: "_TRANSPORT",
  [-197]: "_DESTROY",
};

/** What events tell, in the library's words after the colon. */
const BY_TEXT: Readonly<Record<string, string>> = {
  "message size too large": "MESSAGE_TOO_LARGE",
  "message batch larger than configured server segment size": "RECORD_LIST_TOO_LARGE",
  "invalid record": "INVALID_RECORD",
  "broker failed to validate record": "INVALID_RECORD",
  "invalid timestamp": "INVALID_TIMESTAMP",
  "unknown topic or partition": "UNKNOWN_TOPIC_OR_PARTITION",
  "unknown topic": "UNKNOWN_TOPIC_OR_PARTITION",
  "unknown partition": "UNKNOWN_TOPIC_OR_PARTITION",
  "invalid topic": "INVALID_TOPIC_EXCEPTION",
  "topic authorization failed": "TOPIC_AUTHORIZATION_FAILED",
  "cluster authorization failed": "CLUSTER_AUTHORIZATION_FAILED",
  "policy violation": "POLICY_VIOLATION",
  "not enough in-sync replicas": "NOT_ENOUGH_REPLICAS",
  "message(s) written to insufficient number of in-sync replicas": "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  "request timed out": "REQUEST_TIMED_OUT",
  "message timed out": "_MSG_TIMED_OUT",
  "purged in queue": "_PURGE_QUEUE",
  "purged in flight": "_PURGE_INFLIGHT",
  "all broker connections are down": "_ALL_BROKERS_DOWN",
  "broker transport failure": "_TRANSPORT",
  "host resolution failure": "_RESOLVE",
  "fatal error": "_FATAL",
  "timed out": "_TIMED_OUT",
};

const WITHOUT_CODE = -1;

export const namedError = ({ code, message }: VendorError): NamedError => {
  if (code !== WITHOUT_CODE) return new NamedError(BY_CODE[code] ?? `RDKAFKA_${code}`);
  const text = message.toLowerCase();
  return new NamedError(Object.hasOwn(BY_TEXT, text) ? (BY_TEXT[text] ?? "") : "RDKAFKA_UNKNOWN");
};

/** Whatever was thrown: the binding throws its own errors, which have a number, and plain ones where it is not connected. */
export const thrownError = (error: unknown): NamedError => {
  if (error instanceof NamedError) return error;
  const { code } = error as { readonly code?: unknown }; // whatever it is, a code may be looked for in it
  return namedError({ code: typeof code === "number" ? code : WITHOUT_CODE, message: "" });
};
