/**
 * The request record: "look at this notice", published when a notice is queued for a channel. A worker takes from it which row
 * to ask the ledger about and trusts nothing else in it; the details are there for readers outside.
 *
 * Version 1 is the hint alone. Version 2 adds the details.
 */
import { Result } from "effect";
import type { Undecodable } from "../../failure.ts";
import type { ChannelId, NoticeId, Period, PolicyVersion, RunId } from "../ids.ts";
import { FieldReader } from "./field-reader.ts";
import { openRecord, type RecordShape, unreadable } from "./record-text.ts";
import type { SealedText } from "./sealed-text.ts";

/** What readers outside want to know of a notice that was queued. */
export interface RequestDetails {
  readonly generation: number;
  readonly attemptNo: number;
  readonly billId: string;
  readonly memberId: string;
  readonly policyVersion: PolicyVersion;
  readonly runId: RunId | null;
  readonly priority: number;
  /** Where the message is to go, sealed as the ledger keeps it; empty where nothing usable is kept for the channel. */
  readonly destination: SealedText | null;
  /** Where the bill's contents lie, sealed about `sealedAboutRequest`. */
  readonly contentLocation: SealedText;
}

/** One request to look at a notice. */
export interface RequestRecord {
  readonly noticeId: NoticeId;
  readonly period: Period;
  /** Of the row as it was queued: the claim refuses every other. */
  readonly epoch: number;
  readonly channel: ChannelId;
  readonly traceparent: string | null;
  /** Empty in a record of version 1. */
  readonly details: RequestDetails | null;
}

export const REQUEST_SHAPE: RecordShape = { schema: "millrace.request", versions: [1, 2], mostBytes: 16_384 };

/** The same for every time that this row is published in this state: by it a reader outside drops repeats. */
export const requestEventId = ({
  period,
  noticeId,
  epoch,
}: Pick<RequestRecord, "period" | "noticeId" | "epoch">) => `${period}/${noticeId}/${epoch}`;

/** What a request's content location is bound to; its destination is bound as the ledger binds contacts. */
export const sealedAboutRequest = (noticeId: NoticeId): string => `request/${noticeId}`;

/** `2026-11` of the period 202611. */
export const billingMonth = (period: Period): string =>
  `${Math.floor(period / 100)}-${String(period % 100).padStart(2, "0")}`;

/** The record as JSON text, in the present version. */
export const writeRequest = (request: RequestRecord & { readonly details: RequestDetails }): string => {
  const { noticeId, period, epoch, channel, traceparent, details } = request;
  return JSON.stringify({
    schema: REQUEST_SHAPE.schema,
    version: 2,
    eventId: requestEventId(request),
    ...{ noticeId, period, epoch, channel },
    generation: details.generation,
    attemptNo: details.attemptNo,
    billId: details.billId,
    memberId: details.memberId,
    billingMonth: billingMonth(period),
    policyVersion: details.policyVersion,
    runId: details.runId,
    priority: details.priority,
    destination: details.destination,
    contentLocation: details.contentLocation,
    traceparent,
  });
};

/** A request out of a record's bytes; what is none is `Undecodable`, with the reason. */
export const readRequest = (bytes: Uint8Array | null): Result.Result<RequestRecord, Undecodable> => {
  const opened = openRecord(bytes, REQUEST_SHAPE);
  if (Result.isFailure(opened)) return Result.fail(opened.failure);
  const { version, fields } = opened.success;
  const read = new FieldReader(fields);
  const request: RequestRecord = {
    noticeId: read.noticeId("noticeId"),
    period: read.period("period"),
    epoch: read.count("epoch", 1),
    channel: read.channel("channel"),
    traceparent: read.traceparent("traceparent"),
    details: version === 1 ? null : detailsOf(read),
  };
  return read.problem === null
    ? Result.succeed(request)
    : Result.fail(unreadable(REQUEST_SHAPE, read.problem, "field"));
};

const detailsOf = (read: FieldReader): RequestDetails => ({
  generation: read.count("generation", 1),
  attemptNo: read.count("attemptNo"),
  billId: read.text("billId"),
  memberId: read.text("memberId"),
  policyVersion: read.policyVersion("policyVersion"),
  runId: read.orNull("runId", (name) => read.runId(name)),
  priority: read.count("priority"),
  destination: read.orNull("destination", (name) => read.sealed(name)),
  contentLocation: read.sealed("contentLocation"),
});
