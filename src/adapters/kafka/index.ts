/**
 * The Kafka room's public face: a cluster and the clients for it, topics, and the service's records on the wire.
 */
export type { ClientLine, ClusterOptions, SaslOptions } from "./cluster-options.ts";
export type { KafkaLog, KafkaPublisher, KafkaPublisherOptions } from "./kafka-log.ts";
export { kafkajsLog } from "./kafkajs/log.ts";
export type { LogEvent } from "./log-events.ts";
export type { LogMessage, WireRecord } from "./log-message.ts";
export { openKafka } from "./open-kafka.ts";
export type { KafkaClient } from "./open-kafka.ts";
export { poisonLetter, poisonRecord } from "./poison.ts";
export type { DeadMessage } from "./poison.ts";
export { deadLetterWire, requestWire, resultWire } from "./record-wire.ts";
export type { KeyOf } from "./record-wire.ts";
export type { KafkaSourceOptions } from "./source-settings.ts";
export { topicPlans } from "./topic-plan.ts";
export type { FoundTopic, TopicAdmin, TopicOptions, TopicPlan, Topics, TopicTrouble } from "./topic-plan.ts";
export { checkTopics, createTopics, demandTopics } from "./topics.ts";

// what its records say, for readers outside as well
export { readDeadLetter } from "../../domain/records/dead-letter-record.ts";
export type {
  DeadLetterRecord,
  NoticeLetter,
  PoisonLetter,
  PoisonPayload,
  RecordCoordinates,
} from "../../domain/records/dead-letter-record.ts";
export { readRequest, sealedAboutRequest } from "../../domain/records/request-record.ts";
export type { RequestDetails, RequestRecord } from "../../domain/records/request-record.ts";
export { readResult } from "../../domain/records/result-record.ts";
export type { ResultRecord } from "../../domain/records/result-record.ts";
export { sealedText, sealFor } from "../../domain/records/sealed-text.ts";
export type { SealedText } from "../../domain/records/sealed-text.ts";
