/**
 * What an operator does about a failure of the log: which setting to look at, which right to give. The adapter says what is wrong in
 * words of its own; only the service knows what the settings are called.
 */
import { type Failure, isFailure } from "../../failure.ts";
import type { Config } from "../config/config.ts";

type Advice = (kafka: Config["kafka"]) => string;

const BROKERS: Advice = ({ tls }) =>
  `look at kafka.brokers (MILLRACE_KAFKA_BROKERS), whether the brokers run and can be reached from here${
    tls === "on" ? ", and whether their port speaks TLS (kafka.tls is on)" : ""
  }`;
const CREDENTIALS: Advice = ({ sasl }) =>
  `look at kafka.sasl (now ${sasl}), MILLRACE_KAFKA_USERNAME and MILLRACE_KAFKA_PASSWORD`;
const AUTHORITY: Advice = () =>
  "name the file of the authority that signed the brokers' certificates in kafka.tlsCaFile (MILLRACE_KAFKA_TLS_CA_FILE)";
const RIGHTS_ON_TOPICS: Advice = () =>
  "give the user of kafka.username rights on these topics: Describe, DescribeConfigs, Create and Alter to make them, Describe, DescribeConfigs, Read and Write to work with them";

const PLANNED: Advice = () => "millrace topics plan says how the topics should be";

/** By the codes of the adapter's error table, and of its look at the topics. */
const ADVICE: Readonly<Record<string, Advice>> = {
  "kafka:INVALID_REPLICATION_FACTOR": ({ replication }) =>
    `the cluster has fewer brokers than copies are asked for (now ${replication}): set kafka.replication (MILLRACE_KAFKA_REPLICATION) to at most their number; one broker alone takes 1`,
  "kafka:topic-missing": PLANNED,
  "kafka:topic-smaller-records": PLANNED,
  "kafka:UNKNOWN_TOPIC_OR_PARTITION": () => "make the topics with millrace topics create",
  "kafka:TOPIC_AUTHORIZATION_FAILED": RIGHTS_ON_TOPICS,
  "kafka:CLUSTER_AUTHORIZATION_FAILED": RIGHTS_ON_TOPICS,
  "kafka:GROUP_AUTHORIZATION_FAILED": ({ group }) =>
    `give the user of kafka.username the right Read on the groups ${group}.<channel>`,
  "kafka:INCONSISTENT_GROUP_PROTOCOL": ({ group }) =>
    `another kind of program is in a group of that name: stop it, or name another in kafka.group (now ${group})`,
  "kafka:INVALID_SESSION_TIMEOUT": ({ sessionTimeoutMs }) =>
    `the brokers allow other values for kafka.sessionTimeoutMs (now ${sessionTimeoutMs}): see their group.min.session.timeout.ms and group.max.session.timeout.ms`,
  "kafka:POLICY_VIOLATION": () =>
    "the cluster's own policy refuses it: have the topics made by whoever runs it, as millrace topics plan prints them",
  "kafka:SASL_AUTHENTICATION_FAILED": CREDENTIALS,
  "kafka:KafkaJSSASLAuthenticationError": CREDENTIALS,
  "kafka:UNSUPPORTED_SASL_MECHANISM": CREDENTIALS,
  "kafka:ILLEGAL_SASL_STATE": CREDENTIALS,
  "kafka:BROKER_SPEAKS_TLS": () =>
    "set kafka.tls (MILLRACE_KAFKA_TLS) to on, or name the brokers' plain port",
  "kafka:DEPTH_ZERO_SELF_SIGNED_CERT": AUTHORITY,
  "kafka:SELF_SIGNED_CERT_IN_CHAIN": AUTHORITY,
  "kafka:UNABLE_TO_VERIFY_LEAF_SIGNATURE": AUTHORITY,
  "kafka:UNABLE_TO_GET_ISSUER_CERT": AUTHORITY,
  "kafka:UNABLE_TO_GET_ISSUER_CERT_LOCALLY": AUTHORITY,
  "kafka:CERT_SIGNATURE_FAILURE": AUTHORITY,
  "kafka:CERT_UNTRUSTED": AUTHORITY,
  "kafka:ERR_TLS_CERT_ALTNAME_INVALID": () =>
    "name the brokers in kafka.brokers as their certificates name them",
};

/** Where nothing is known of the code: what waiting may mend is about the way there, the rest about who we are. */
export const whatToMend = (failure: Failure, kafka: Config["kafka"]): string => {
  const { code = "", _tag } = failure;
  const advice = Object.hasOwn(ADVICE, code) ? ADVICE[code] : undefined;
  if (advice !== undefined) return advice(kafka);
  return _tag === "Permanent"
    ? `look at the brokers' own log for ${code.replace("kafka:", "")}`
    : BROKERS(kafka);
};

/** The failure of the log that is behind an error, if one is. */
export const failureOfLog = (error: unknown): Failure | null => {
  for (let each = error; each instanceof Error; each = each.cause)
    if (isFailure(each) && each.code?.startsWith("kafka:") === true) return each;
  return null;
};
