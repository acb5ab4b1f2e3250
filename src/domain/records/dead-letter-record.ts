/**
 * The dead-letter record: the copy of an entry of the table, which is the truth. Of a notice that failed or is in doubt it tells
 * where it stands; of a record that could not be read it tells where that lay, and carries its bytes sealed, because they may be
 * anybody's. Where they would not fit it names their digest and the entry that keeps them.
 */
import { Result } from "effect";
import type { Undecodable } from "../../failure.ts";
import { DEAD_LETTER_KINDS, type DeadLetterKind } from "../dead-letter.ts";
import type { ChannelId, Instant, NoticeId, Period, RunId } from "../ids.ts";
import { isoInstant } from "../iso-instant.ts";
import { FieldReader, MOST_TEXT } from "./field-reader.ts";
import { type Fields, openRecord, type RecordShape, unreadable } from "./record-text.ts";
import type { SealedText } from "./sealed-text.ts";

interface LetterFields {
  /** Why, in words without personal data. */
  readonly reason: string;
  /** Where in the pipeline it left, if that is known. */
  readonly stage: string | null;
  readonly attempts: number;
  readonly firstTriedAt: Instant | null;
  readonly lastTriedAt: Instant | null;
  readonly openedAt: Instant;
}

/** Of a notice that failed, or is in doubt. */
export interface NoticeLetter extends LetterFields {
  readonly kind: DeadLetterKind;
  readonly noticeId: NoticeId;
  readonly period: Period;
  readonly epoch: number;
  readonly generation: number;
  readonly channel: ChannelId | null;
  readonly runId: RunId | null;
}

/** Where a record lies in a log. */
export interface RecordCoordinates {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** The bytes of a record that could not be read: sealed, or where they are kept. */
export type PoisonPayload =
  | { readonly kind: "sealed"; readonly text: SealedText }
  /** Too large for the log: the entry of the same coordinates in the table has them. */
  | { readonly kind: "elsewhere"; readonly sha256: string; readonly bytes: number };

/** Of a record that could not be read. */
export interface PoisonLetter extends LetterFields, RecordCoordinates {
  readonly kind: "poison";
  readonly payload: PoisonPayload;
}

/** The copy of an entry of the dead-letter table. */
export type DeadLetterRecord = NoticeLetter | PoisonLetter;

export const DEAD_LETTER_SHAPE: RecordShape = {
  schema: "millrace.dead-letter",
  versions: [1],
  mostBytes: 1_048_576,
};

/** One entry, one id, however often it is published. */
export const letterId = (letter: DeadLetterRecord): string =>
  letter.kind === "poison"
    ? `${letter.topic}/${letter.partition}/${letter.offset}`
    : `${letter.period}/${letter.noticeId}/${letter.epoch}/${letter.kind}`;

/** What a poison record's sealed bytes are bound to. */
export const sealedAboutPoison = ({ topic, partition, offset }: RecordCoordinates): string =>
  `poison/${topic}/${partition}/${offset}`;

const written = (at: Instant | null): string | null => (at === null ? null : isoInstant(at));

/** The record as JSON text, in the present version. */
export const writeDeadLetter = (letter: DeadLetterRecord): string => {
  const { kind, stage, attempts } = letter;
  const about =
    letter.kind === "poison"
      ? {
          topic: letter.topic,
          partition: letter.partition,
          offset: letter.offset,
          ...payloadFields(letter.payload),
        }
      : {
          noticeId: letter.noticeId,
          period: letter.period,
          epoch: letter.epoch,
          generation: letter.generation,
          channel: letter.channel,
          runId: letter.runId,
        };
  return JSON.stringify({
    schema: DEAD_LETTER_SHAPE.schema,
    version: 1,
    letterId: letterId(letter),
    kind,
    ...about,
    reason: letter.reason.slice(0, MOST_TEXT) || "no reason was given",
    ...{ stage, attempts },
    firstTriedAt: written(letter.firstTriedAt),
    lastTriedAt: written(letter.lastTriedAt),
    openedAt: isoInstant(letter.openedAt),
  });
};

const payloadFields = (payload: PoisonPayload): Readonly<Record<string, unknown>> =>
  payload.kind === "sealed"
    ? { payload: payload.text }
    : { payloadSha256: payload.sha256, payloadBytes: payload.bytes };

/** A dead letter out of a record's bytes; what is none is `Undecodable`, with the reason. */
export const readDeadLetter = (bytes: Uint8Array | null): Result.Result<DeadLetterRecord, Undecodable> => {
  const opened = openRecord(bytes, DEAD_LETTER_SHAPE);
  if (Result.isFailure(opened)) return Result.fail(opened.failure);
  const { fields } = opened.success;
  const read = new FieldReader(fields);
  const kind = read.oneOf("kind", [...DEAD_LETTER_KINDS, "poison"]);
  const letter = kind === "poison" ? poisonOf(read, fields) : noticeOf(read, kind);
  return read.problem === null
    ? Result.succeed(letter)
    : Result.fail(unreadable(DEAD_LETTER_SHAPE, read.problem, "field"));
};

const lettersFields = (read: FieldReader): LetterFields => ({
  reason: read.text("reason"),
  stage: read.orNull("stage", (name) => read.text(name)),
  attempts: read.count("attempts"),
  firstTriedAt: read.orNull("firstTriedAt", (name) => read.instant(name)),
  lastTriedAt: read.orNull("lastTriedAt", (name) => read.instant(name)),
  openedAt: read.instant("openedAt"),
});

const noticeOf = (read: FieldReader, kind: DeadLetterKind): NoticeLetter => ({
  kind,
  noticeId: read.noticeId("noticeId"),
  period: read.period("period"),
  epoch: read.count("epoch", 1),
  generation: read.count("generation", 1),
  channel: read.orNull("channel", (name) => read.channel(name)),
  runId: read.orNull("runId", (name) => read.runId(name)),
  ...lettersFields(read),
});

const poisonOf = (read: FieldReader, fields: Fields): PoisonLetter => ({
  kind: "poison",
  topic: read.text("topic"),
  partition: read.count("partition"),
  offset: read.text("offset"),
  payload: fields.has("payloadSha256")
    ? { kind: "elsewhere", sha256: read.text("payloadSha256"), bytes: read.count("payloadBytes") }
    : { kind: "sealed", text: read.sealed("payload") },
  ...lettersFields(read),
});
