/**
 * The result record: how one generation of a notice has ended. One for each final outcome, at least once; a reader drops
 * repeats by `resultId`.
 */
import { Result } from "effect";
import type { Undecodable } from "../../failure.ts";
import type { ChannelId, Instant, NoticeId, Period, PolicyVersion, RunId } from "../ids.ts";
import { isoInstant } from "../iso-instant.ts";
import { FINAL_STATUSES, type FinalStatus } from "../notice.ts";
import { FieldReader, MOST_TEXT } from "./field-reader.ts";
import { openRecord, type RecordShape, unreadable } from "./record-text.ts";
import { billingMonth } from "./request-record.ts";

/** How one generation of a notice has ended. */
export interface ResultRecord {
  readonly noticeId: NoticeId;
  readonly period: Period;
  readonly generation: number;
  /** Of the row as it ended; of two records of one notice the larger is the later. */
  readonly epoch: number;
  readonly status: FinalStatus;
  /** Why, in words without personal data. Empty where there is nothing to say, as of one that was sent. */
  readonly reason: string | null;
  /** Empty where no channel was ever chosen. */
  readonly channel: ChannelId | null;
  readonly attempts: number;
  readonly billId: string;
  readonly memberId: string;
  readonly policyVersion: PolicyVersion | null;
  readonly runId: RunId | null;
  /** Who accepted it, and the reference it gave. Empty where nobody did. */
  readonly provider: string | null;
  readonly providerMessageId: string | null;
  readonly endedAt: Instant;
  readonly traceparent: string | null;
}

export const RESULT_SHAPE: RecordShape = { schema: "millrace.result", versions: [1], mostBytes: 32_768 };

/** One outcome, one id, however often it is published. */
export const resultId = ({
  period,
  noticeId,
  generation,
}: Pick<ResultRecord, "period" | "noticeId" | "generation">): string => `${period}/${noticeId}/${generation}`;

/** As a reader takes it: neither empty nor beyond its length. */
const textOrNull = (text: string | null): string | null => text?.slice(0, MOST_TEXT) || null;

/** The record as JSON text, in the present version. */
export const writeResult = (result: ResultRecord): string => {
  const { noticeId, period, generation, epoch, status, reason, channel, attempts } = result;
  return JSON.stringify({
    schema: RESULT_SHAPE.schema,
    version: 1,
    resultId: resultId(result),
    ...{ noticeId, period, generation, epoch, status },
    reason: textOrNull(reason),
    ...{ channel, attempts },
    billId: result.billId,
    memberId: result.memberId,
    billingMonth: billingMonth(period),
    policyVersion: result.policyVersion,
    runId: result.runId,
    provider: result.provider,
    providerMessageId: textOrNull(result.providerMessageId),
    endedAt: isoInstant(result.endedAt),
    traceparent: result.traceparent,
  });
};

/** A result out of a record's bytes; what is none is `Undecodable`, with the reason. */
export const readResult = (bytes: Uint8Array | null): Result.Result<ResultRecord, Undecodable> => {
  const opened = openRecord(bytes, RESULT_SHAPE);
  if (Result.isFailure(opened)) return Result.fail(opened.failure);
  const read = new FieldReader(opened.success.fields);
  const text = (name: string): string => read.text(name);
  const result: ResultRecord = {
    noticeId: read.noticeId("noticeId"),
    period: read.period("period"),
    generation: read.count("generation", 1),
    epoch: read.count("epoch", 1),
    status: read.oneOf("status", FINAL_STATUSES),
    reason: read.orNull("reason", text),
    channel: read.orNull("channel", (name) => read.channel(name)),
    attempts: read.count("attempts"),
    billId: read.text("billId"),
    memberId: read.text("memberId"),
    policyVersion: read.orNull("policyVersion", (name) => read.policyVersion(name)),
    runId: read.orNull("runId", (name) => read.runId(name)),
    provider: read.orNull("provider", text),
    providerMessageId: read.orNull("providerMessageId", text),
    endedAt: read.instant("endedAt"),
    traceparent: read.traceparent("traceparent"),
  };
  return read.problem === null
    ? Result.succeed(result)
    : Result.fail(unreadable(RESULT_SHAPE, read.problem, "field"));
};
