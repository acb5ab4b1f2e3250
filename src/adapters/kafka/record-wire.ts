/**
 * The records of the service as they go into topics: key, value, headers. The value alone is complete; the headers repeat what a
 * reader may want to filter by without parsing it.
 */
import type { ChannelId } from "../../domain/ids.ts";
import { type DeadLetterRecord, letterId, writeDeadLetter } from "../../domain/records/dead-letter-record.ts";
import {
  type RequestDetails,
  requestEventId,
  type RequestRecord,
  writeRequest,
} from "../../domain/records/request-record.ts";
import { type ResultRecord, resultId, writeResult } from "../../domain/records/result-record.ts";
import type { WireRecord } from "./log-message.ts";

/** By which requests and results are spread over partitions. */
export type KeyOf = "bill" | "member";

const keyOf = ({ billId, memberId }: Pick<RequestDetails, "billId" | "memberId">, by: KeyOf): string =>
  by === "bill" ? billId : memberId;

const headersOf = (schema: string, version: number, eventId: string, traceparent: string | null) => ({
  schema,
  version: String(version),
  "event-id": eventId,
  ...(traceparent === null ? {} : { traceparent }),
});

const utf8 = new TextEncoder();

/** A request for the topic of its channel. */
export const requestWire = (
  request: RequestRecord & { readonly details: RequestDetails },
  topicOf: (channel: ChannelId) => string,
  by: KeyOf = "bill",
): WireRecord => ({
  topic: topicOf(request.channel),
  key: keyOf(request.details, by),
  value: utf8.encode(writeRequest(request)),
  headers: headersOf("millrace.request", 2, requestEventId(request), request.traceparent),
});

/** A result for its topic. */
export const resultWire = (result: ResultRecord, topic: string, by: KeyOf = "bill"): WireRecord => ({
  topic,
  key: keyOf(result, by),
  value: utf8.encode(writeResult(result)),
  headers: headersOf("millrace.result", 1, resultId(result), result.traceparent),
});

/** A dead letter for its topic: of a notice by its id, of a poison record by its coordinates. */
export const deadLetterWire = (letter: DeadLetterRecord, topic: string): WireRecord => ({
  topic,
  key: letter.kind === "poison" ? letterId(letter) : letter.noticeId,
  value: utf8.encode(writeDeadLetter(letter)),
  headers: headersOf("millrace.dead-letter", 1, letterId(letter), null),
});
