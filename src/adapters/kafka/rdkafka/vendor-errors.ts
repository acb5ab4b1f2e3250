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

/**
 * By number, by the name that the error table knows, and in the library's own words. Numbers from 0 are the protocol's; those below are
 * the library's own, and are named with a line in front. That an id of a topic is not known says of a produced record what the missing
 * name says: the topic that it was for is gone.
 */
const ERRORS: readonly (readonly [code: number, name: string, text: string])[] = [
  [1, "OFFSET_OUT_OF_RANGE", "offset out of range"],
  [3, "UNKNOWN_TOPIC_OR_PARTITION", "unknown topic or partition"],
  [5, "LEADER_NOT_AVAILABLE", "leader not available"],
  [6, "NOT_LEADER_FOR_PARTITION", "not leader for partition"],
  [7, "REQUEST_TIMED_OUT", "request timed out"],
  [8, "BROKER_NOT_AVAILABLE", "broker not available"],
  [9, "REPLICA_NOT_AVAILABLE", "replica not available"],
  [10, "MESSAGE_TOO_LARGE", "message size too large"],
  [13, "NETWORK_EXCEPTION", "broker disconnected before response received"],
  [14, "GROUP_LOAD_IN_PROGRESS", "coordinator load in progress"],
  [15, "GROUP_COORDINATOR_NOT_AVAILABLE", "coordinator not available"],
  [16, "NOT_COORDINATOR_FOR_GROUP", "not coordinator"],
  [17, "INVALID_TOPIC_EXCEPTION", "invalid topic"],
  [18, "RECORD_LIST_TOO_LARGE", "message batch larger than configured server segment size"],
  [19, "NOT_ENOUGH_REPLICAS", "not enough in-sync replicas"],
  [20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "message(s) written to insufficient number of in-sync replicas"],
  [22, "ILLEGAL_GENERATION", "specified group generation id is not valid"],
  [23, "INCONSISTENT_GROUP_PROTOCOL", "inconsistent group protocol"],
  [24, "INVALID_GROUP_ID", "invalid group.id"],
  [25, "UNKNOWN_MEMBER_ID", "unknown member"],
  [26, "INVALID_SESSION_TIMEOUT", "invalid session timeout"],
  [27, "REBALANCE_IN_PROGRESS", "group rebalance in progress"],
  [29, "TOPIC_AUTHORIZATION_FAILED", "topic authorization failed"],
  [30, "GROUP_AUTHORIZATION_FAILED", "group authorization failed"],
  [31, "CLUSTER_AUTHORIZATION_FAILED", "cluster authorization failed"],
  [32, "INVALID_TIMESTAMP", "invalid timestamp"],
  [33, "UNSUPPORTED_SASL_MECHANISM", "unsupported sasl mechanism"],
  [34, "ILLEGAL_SASL_STATE", "request not valid in current sasl state"],
  [35, "UNSUPPORTED_VERSION", "api version not supported"],
  [36, "TOPIC_ALREADY_EXISTS", "topic already exists"],
  [37, "INVALID_PARTITIONS", "invalid number of partitions"],
  [38, "INVALID_REPLICATION_FACTOR", "invalid replication factor"],
  [40, "INVALID_CONFIG", "configuration is invalid"],
  [41, "NOT_CONTROLLER", "not controller for cluster"],
  [43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", "message format on broker does not support request"],
  [44, "POLICY_VIOLATION", "policy violation"],
  [45, "OUT_OF_ORDER_SEQUENCE_NUMBER", "broker received an out of order sequence number"],
  [46, "DUPLICATE_SEQUENCE_NUMBER", "broker received a duplicate sequence number"],
  [47, "INVALID_PRODUCER_EPOCH", "producer attempted an operation with an old epoch"],
  [56, "KAFKA_STORAGE_ERROR", "disk error when trying to access log file on disk"],
  [58, "SASL_AUTHENTICATION_FAILED", "sasl authentication failed"],
  [59, "UNKNOWN_PRODUCER_ID", "unknown producer id"],
  [74, "FENCED_LEADER_EPOCH", "leader epoch is older than broker epoch"],
  [75, "UNKNOWN_LEADER_EPOCH", "leader epoch is newer than broker epoch"],
  [76, "UNSUPPORTED_COMPRESSION_TYPE", "unsupported compression type"],
  [81, "GROUP_MAX_SIZE_REACHED", "consumer group has reached maximum size"],
  [82, "FENCED_INSTANCE_ID", "static consumer fenced by other consumer with same group.instance.id"],
  [87, "INVALID_RECORD", "broker failed to validate record"],
  [100, "UNKNOWN_TOPIC_OR_PARTITION", "unknown topic id"],
  [-144, "_FENCED", "this instance has been fenced by a newer instance"],
  [-150, "_FATAL", "fatal error"],
  [-151, "_PURGE_INFLIGHT", "purged in flight"],
  [-152, "_PURGE_QUEUE", "purged in queue"],
  [-168, "_NO_OFFSET", "no offset stored"],
  [-169, "_AUTHENTICATION", "authentication failure"],
  [-172, "_STATE", "erroneous state"],
  [-180, "_WAIT_COORD", "waiting for coordinator"],
  [-181, "_SSL", "ssl error"],
  [-184, "_QUEUE_FULL", "queue full"],
  [-185, "_TIMED_OUT", "timed out"],
  [-187, "_ALL_BROKERS_DOWN", "all broker connections are down"],
  [-188, "UNKNOWN_TOPIC_OR_PARTITION", "unknown topic"],
  [-190, "UNKNOWN_TOPIC_OR_PARTITION", "unknown partition"],
  [-192, "_MSG_TIMED_OUT", "message timed out"],
  [-193, "_RESOLVE", "host resolution failure"],
  [-195, "_TRANSPORT", "broker transport failure"],
  [-197, "_DESTROY", "broker handle destroyed for termination"],
];

const BY_CODE: ReadonlyMap<number, string> = new Map(ERRORS.map(([code, name]) => [code, name]));

/** What events tell, in the library's words after the colon. */
const BY_TEXT: ReadonlyMap<string, string> = new Map(ERRORS.map(([, name, text]) => [text, name]));

const WITHOUT_CODE = -1;

export const namedError = ({ code, message }: VendorError): NamedError =>
  new NamedError(
    code === WITHOUT_CODE
      ? (BY_TEXT.get(message.toLowerCase()) ?? "RDKAFKA_UNKNOWN")
      : (BY_CODE.get(code) ?? `RDKAFKA_${code}`),
  );

/** Whatever was thrown: the binding throws its own errors, which have a number, and plain ones where it is not connected. */
export const thrownError = (error: unknown): NamedError => {
  if (error instanceof NamedError) return error;
  const { code } = error as { readonly code?: unknown }; // whatever it is, a code may be looked for in it
  return namedError({ code: typeof code === "number" ? code : WITHOUT_CODE, message: "" });
};
