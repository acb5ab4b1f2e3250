/**
 * What the errors of a broker and of its client mean for us: the one table. It says whom an error concerns (one record, a topic,
 * the group, who we say we are, or the way to the broker), whether waiting mends it, and whether anything can have happened.
 *
 * Brokers' errors are named as the protocol names them, whichever client tells of them. What is not listed is taken for trouble
 * on the way, with an outcome that nobody knows: the one mistake that loses and doubles nothing.
 */
import { Permanent, Transient, Unconfirmed, type Failure } from "../../failure.ts";

/** `moved-on`: the group has a new generation without us. `producer`: its sequence numbers are no good any more. */
export type Concern = "record" | "topic" | "group" | "moved-on" | "identity" | "producer" | "way" | "client";

export interface Meaning {
  readonly concerns: Concern;
  /** Waiting may mend it. */
  readonly passes: boolean;
  /** It is certain that nothing was done. */
  readonly undone: boolean;
}

const of = (concerns: Concern, passes: boolean, undone: boolean): Meaning => ({ concerns, passes, undone });

const ITS_RECORD = of("record", false, true);
const ITS_TOPIC = of("topic", false, true);
const ITS_GROUP = of("group", false, true);
const MOVED_ON = of("moved-on", true, true);
const WHO_WE_ARE = of("identity", false, true);
const PRODUCER = of("producer", true, false);
const NOT_NOW = of("way", true, true);
const UNKNOWN = of("way", true, false);
const OURS = of("client", false, true);

/** By the protocol's names. */
const OF_BROKERS: Readonly<Record<string, Meaning>> = {
  MESSAGE_TOO_LARGE: ITS_RECORD,
  RECORD_LIST_TOO_LARGE: ITS_RECORD,
  INVALID_RECORD: ITS_RECORD,
  INVALID_TIMESTAMP: ITS_RECORD,

  UNKNOWN_TOPIC_OR_PARTITION: ITS_TOPIC,
  INVALID_TOPIC_EXCEPTION: ITS_TOPIC,
  TOPIC_AUTHORIZATION_FAILED: ITS_TOPIC,
  TOPIC_ALREADY_EXISTS: ITS_TOPIC,
  INVALID_PARTITIONS: ITS_TOPIC,
  INVALID_REPLICATION_FACTOR: ITS_TOPIC,
  INVALID_CONFIG: ITS_TOPIC,
  POLICY_VIOLATION: ITS_TOPIC,

  GROUP_AUTHORIZATION_FAILED: ITS_GROUP,
  INCONSISTENT_GROUP_PROTOCOL: ITS_GROUP, // the group's members are of another kind
  INVALID_GROUP_ID: ITS_GROUP,
  INVALID_SESSION_TIMEOUT: ITS_GROUP,
  GROUP_MAX_SIZE_REACHED: ITS_GROUP,

  ILLEGAL_GENERATION: MOVED_ON,
  UNKNOWN_MEMBER_ID: MOVED_ON,
  REBALANCE_IN_PROGRESS: MOVED_ON,
  FENCED_INSTANCE_ID: MOVED_ON,

  CLUSTER_AUTHORIZATION_FAILED: WHO_WE_ARE,
  SASL_AUTHENTICATION_FAILED: WHO_WE_ARE,
  UNSUPPORTED_SASL_MECHANISM: WHO_WE_ARE,
  ILLEGAL_SASL_STATE: WHO_WE_ARE,

  OUT_OF_ORDER_SEQUENCE_NUMBER: PRODUCER,
  DUPLICATE_SEQUENCE_NUMBER: PRODUCER,
  INVALID_PRODUCER_EPOCH: PRODUCER,
  UNKNOWN_PRODUCER_ID: PRODUCER,

  LEADER_NOT_AVAILABLE: NOT_NOW,
  NOT_LEADER_FOR_PARTITION: NOT_NOW,
  REPLICA_NOT_AVAILABLE: NOT_NOW,
  BROKER_NOT_AVAILABLE: NOT_NOW,
  NOT_ENOUGH_REPLICAS: NOT_NOW,
  NOT_CONTROLLER: NOT_NOW,
  GROUP_LOAD_IN_PROGRESS: NOT_NOW,
  GROUP_COORDINATOR_NOT_AVAILABLE: NOT_NOW,
  NOT_COORDINATOR_FOR_GROUP: NOT_NOW,
  KAFKA_STORAGE_ERROR: NOT_NOW,
  FENCED_LEADER_EPOCH: NOT_NOW,
  UNKNOWN_LEADER_EPOCH: NOT_NOW,

  REQUEST_TIMED_OUT: UNKNOWN,
  NETWORK_EXCEPTION: UNKNOWN,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: UNKNOWN, // written, and then the replicas were too few

  UNSUPPORTED_VERSION: OURS,
  UNSUPPORTED_COMPRESSION_TYPE: OURS,
  UNSUPPORTED_FOR_MESSAGE_FORMAT: OURS,
};

/** By kafkajs's own class names, for errors that no broker named. */
const OF_KAFKAJS: Readonly<Record<string, Meaning>> = {
  KafkaJSConnectionError: NOT_NOW,
  KafkaJSNoBrokerAvailableError: NOT_NOW,
  KafkaJSBrokerNotFound: NOT_NOW,
  KafkaJSGroupCoordinatorNotFound: NOT_NOW,
  KafkaJSMetadataNotLoaded: NOT_NOW,
  KafkaJSTopicMetadataNotLoaded: NOT_NOW,
  KafkaJSConnectionClosedError: UNKNOWN,
  KafkaJSRequestTimeoutError: UNKNOWN,
  KafkaJSLockTimeout: UNKNOWN,
  KafkaJSTimeout: UNKNOWN,
  KafkaJSSASLAuthenticationError: WHO_WE_ARE,
  KafkaJSNotImplemented: OURS, // a record is compressed by what this client cannot read
  KafkaJSServerDoesNotSupportApiKey: OURS,
  KafkaJSUnsupportedMagicByteInMessageSet: OURS,
  KafkaJSInvariantViolation: OURS,
};

/** By librdkafka's own names, for errors that no broker named. */
const OF_LIBRDKAFKA: Readonly<Record<string, Meaning>> = {
  _TRANSPORT: NOT_NOW,
  _ALL_BROKERS_DOWN: NOT_NOW,
  _RESOLVE: NOT_NOW,
  _WAIT_COORD: NOT_NOW,
  _STATE: NOT_NOW, // the client is going down
  _DESTROY: NOT_NOW,
  _QUEUE_FULL: NOT_NOW,
  _PURGE_QUEUE: NOT_NOW, // was never sent
  _PURGE_INFLIGHT: UNKNOWN,
  _MSG_TIMED_OUT: UNKNOWN,
  _TIMED_OUT: UNKNOWN,
  _FATAL: PRODUCER,
  _FENCED: PRODUCER,
  _AUTHENTICATION: WHO_WE_ARE,
  _SSL: WHO_WE_ARE,
};

/** By Node's codes, and one of our own: what a socket says that never stood. */
const OF_SOCKETS: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: NOT_NOW,
  ENOTFOUND: NOT_NOW,
  EAI_AGAIN: NOT_NOW,
  EHOSTUNREACH: NOT_NOW,
  ENETUNREACH: NOT_NOW,
  DEPTH_ZERO_SELF_SIGNED_CERT: WHO_WE_ARE,
  SELF_SIGNED_CERT_IN_CHAIN: WHO_WE_ARE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: WHO_WE_ARE,
  UNABLE_TO_GET_ISSUER_CERT: WHO_WE_ARE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: WHO_WE_ARE,
  CERT_SIGNATURE_FAILURE: WHO_WE_ARE,
  CERT_UNTRUSTED: WHO_WE_ARE,
  CERT_NOT_YET_VALID: WHO_WE_ARE,
  CERT_HAS_EXPIRED: WHO_WE_ARE,
  ERR_TLS_CERT_ALTNAME_INVALID: WHO_WE_ARE,
  BROKER_SPEAKS_TLS: WHO_WE_ARE,
};

const NOT_BELIEVED = "give the authority that signed the broker's certificate as tls.ca, in PEM";
const NOT_NOW_VALID = "renew the broker's certificate, or set the clock right";
const REFUSED = "mend the user name, the password or the mechanism of sasl";

/** What to do about who we say we are, and whom we believe: the same for every call, so it is said with each failure. */
const ADVICE: Readonly<Record<string, string>> = {
  SASL_AUTHENTICATION_FAILED: REFUSED,
  KafkaJSSASLAuthenticationError: REFUSED,
  UNSUPPORTED_SASL_MECHANISM: "the broker does not offer this mechanism: choose another as sasl.mechanism",
  ILLEGAL_SASL_STATE: "this port asks for no credentials: leave sasl out, or take the port that asks",
  CLUSTER_AUTHORIZATION_FAILED: "give this user the right to do it",
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_BELIEVED,
  SELF_SIGNED_CERT_IN_CHAIN: NOT_BELIEVED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_BELIEVED,
  UNABLE_TO_GET_ISSUER_CERT: NOT_BELIEVED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NOT_BELIEVED,
  CERT_SIGNATURE_FAILURE: NOT_BELIEVED,
  CERT_UNTRUSTED: NOT_BELIEVED,
  CERT_NOT_YET_VALID: NOT_NOW_VALID,
  CERT_HAS_EXPIRED: NOT_NOW_VALID,
  ERR_TLS_CERT_ALTNAME_INVALID: "reach the broker by a name that its certificate has",
  BROKER_SPEAKS_TLS: "the broker speaks TLS on this port: set tls, or take its plain port",
};

/** An error as the table knows it. */
export interface KnownError extends Meaning {
  /** `kafka:<the protocol's name>`, or the client's. */
  readonly code: string;
}

interface LooksLikeError {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

const named = (table: Readonly<Record<string, Meaning>>, name: unknown): KnownError | null => {
  if (typeof name !== "string" || !Object.hasOwn(table, name)) return null;
  const meaning = table[name];
  return meaning === undefined ? null : { ...meaning, code: `kafka:${name}` };
};

/** Errors come wrapped: the one that a broker named says most, then the innermost that is known. */
const MOST_CAUSES = 8;

export const knownError = (error: unknown): KnownError => {
  const chain: LooksLikeError[] = [];
  for (
    let one: unknown = error;
    typeof one === "object" && one !== null && chain.length < MOST_CAUSES;
    one = causeOf(one)
  ) {
    chain.push(one);
  }
  for (const { type } of chain) {
    const found = named(OF_BROKERS, type) ?? named(OF_LIBRDKAFKA, type);
    if (found !== null) return found;
  }
  for (const { name, code } of chain.reverse()) {
    const found = named(OF_SOCKETS, code) ?? named(OF_KAFKAJS, name);
    if (found !== null) return found;
  }
  return { ...UNKNOWN, code: "kafka:unknown" };
};

const causeOf = (error: LooksLikeError): unknown =>
  error.cause ?? (Array.isArray(error.errors) ? error.errors[0] : undefined);

/** As a failure: what is certain not to have happened may be tried again where waiting mends it, and only then. */
export const failureFor = (error: unknown, doing: string): Failure =>
  failureOf(knownError(error), doing, error);

export const failureOf = ({ code, passes, undone }: KnownError, doing: string, cause?: unknown): Failure => {
  const name = code.slice("kafka:".length);
  const advice = Object.hasOwn(ADVICE, name) ? `; ${ADVICE[name] ?? ""}` : "";
  const fields = { message: `${doing}: ${name}${advice}`, code, cause };
  if (!passes) return new Permanent(fields);
  return undone ? new Transient(fields) : new Unconfirmed(fields);
};
