/**
 * The settings of the log: without brokers the ledger itself is the log, with them the work goes over Kafka.
 */
import { choice, hidden, line, linesOrNull, lineOrNull, whole } from "./setting-kinds.ts";
import { brokerAddress, topicName } from "./spellings.ts";

export const KAFKA_CLIENTS = ["kafkajs", "rdkafka"] as const;
export const SASL_MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512"] as const;

const HOUR_MS = 3_600_000;
const YEAR_MS = 31_536_000_000;
const MIB = 1_048_576;

const topic = (fallback: string, says: string) =>
  line(fallback, { says, fix: `write a name such as "${fallback}"` }, topicName);

export const KAFKA_SETTINGS = {
  brokers: linesOrNull(
    {
      says: "Some brokers of the cluster, which name the others. Left out, Postgres is the log: every role works, in any number of processes.",
      fix: 'list addresses such as ["kafka-1:9092", "kafka-2:9092"] (in a variable or flag "kafka-1:9092,kafka-2:9092", or "none")',
      defaultInWords: "none: Postgres is the log",
    },
    brokerAddress,
  ),
  client: choice(KAFKA_CLIENTS, "kafkajs", {
    says: "The client: `kafkajs` comes along; `rdkafka` needs the package `node-rdkafka`, which compiles.",
  }),
  clientId: line(
    "millrace",
    {
      says: "What the brokers' own logs and quotas call us.",
      fix: 'write a name such as "millrace"',
    },
    topicName,
  ),
  group: topic("millrace", "The consumer groups are named after it, one a channel: `<group>.<channel>`."),
  tls: choice(["off", "on"], "off", { says: "Whether the brokers are spoken to over TLS." }),
  tlsCaFile: lineOrNull({
    says: "The authorities that are believed, in PEM.",
    fix: "write a path; it is read from the working directory",
    defaultInWords: "those that Node knows",
  }),
  sasl: choice(["off", ...SASL_MECHANISMS], "off", { says: "How we say who we are." }),
  username: lineOrNull({
    says: "As whom.",
    fix: 'write a name such as "millrace"',
    defaultInWords: "nobody",
  }),
  password: hidden({ says: "With which password.", fix: "write it; in the environment and not in a file" }),
  requestTopic: topic("millrace.request", "Where requests go, one topic a channel: `<name>.<channel>`."),
  resultTopic: topic("millrace.result", "Where final outcomes go."),
  deadLetterTopic: topic("millrace.dead-letter", "Where copies of the dead letters go."),
  requestPartitions: whole(8, 1, 10_000, {
    says: "Partitions of a channel's topic; no more workers than this share a channel.",
  }),
  otherPartitions: whole(4, 1, 10_000, { says: "Partitions of the other two topics." }),
  replication: whole(3, 1, 32_767, {
    says: "Copies of each partition; a cluster of one broker takes 1.",
  }),
  retentionMs: whole(604_800_000, 60_000, YEAR_MS, {
    says: "How long a record is kept; what nobody has read by then is published again from the ledger.",
  }),
  key: choice(["bill", "member"], "bill", {
    says: "What spreads the records over the partitions: the bill's id, or the member's.",
  }),
  republishMs: whole(300_000, 1_000, HOUR_MS, {
    says: "Until a queued notice that nobody has claimed is published again; after twice as long each time, at most an hour.",
  }),
  sessionTimeoutMs: whole(10_000, 1_000, HOUR_MS, {
    says: "After this silence a worker's partitions go to others; the brokers set limits to it (6 s to 30 min by default).",
  }),
  revokeDeadlineMs: whole(10_000, 0, HOUR_MS, {
    says: "How long the work of a partition may go on that a rebalance takes away.",
  }),
  bufferBytes: whole(16 * MIB, MIB, 1_024 * MIB, {
    says: "Fetched and not yet taken up, for each channel, and one fetch more.",
  }),
  requestTimeoutMs: whole(15_000, 1_000, HOUR_MS, { says: "Until a broker has answered a request." }),
} as const;
