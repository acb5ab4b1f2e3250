/**
 * Requests into the topics of their channels. The hint is what a worker needs; the rest is read from the ledger here, in one
 * statement a batch, and only for readers outside.
 *
 * A row that has moved on since it was queued need not be told of: whoever moved it has done what the record asks for. What cannot
 * be published stays queued, and upkeep tells of it again.
 */
import { Effect, Result } from "effect";
import { type KeyOf, requestWire } from "../../adapters/kafka/record-wire.ts";
import type { WireRecord } from "../../adapters/kafka/log-message.ts";
import { conceal } from "../../domain/masking-sensitive.ts";
import type { ContentCipher } from "../../domain/ports/content-cipher.ts";
import type { QueuedDetail, QueuedDetails } from "../../domain/ports/queued-details.ts";
import { sealedAboutRequest } from "../../domain/records/request-record.ts";
import { sealedText, type SealedText, sealFor } from "../../domain/records/sealed-text.ts";
import { type Failure, Permanent, Unconfirmed } from "../../failure.ts";
import type { OutgoingRecord, Publisher } from "../../streams/runtime/publisher.ts";
import type { QueuedNotice } from "../../streams/upkeep/upkeep-ports.ts";

export interface RequestPublisherOptions {
  readonly details: QueuedDetails;
  readonly cipher: ContentCipher;
  readonly sealedAbout: (notice: { readonly noticeId: string; readonly userId: string }) => string;
  readonly topicOf: (channel: QueuedNotice["channel"]) => string;
  readonly key: KeyOf;
  readonly out: Publisher<WireRecord>;
  /** Hears of each call that the log was asked in: what is wrong with the log, or nothing. */
  readonly published: (failure: Failure | null) => void;
}

type Answer = Result.Result<void, Failure>;

const TAKEN: Answer = Result.succeed(undefined);

/** The destination as the ledger keeps it; one in an old format is sealed anew, and one that nobody can open is left out. */
const destinationOf = (
  { cipher, sealedAbout }: Pick<RequestPublisherOptions, "cipher" | "sealedAbout">,
  { noticeId }: QueuedNotice,
  { contact, userId }: QueuedDetail,
): SealedText | null => {
  if (contact === null) return null;
  const about = sealedAbout({ noticeId, userId });
  const asKept = sealedText(contact);
  if (asKept !== null) return asKept;
  const opened = cipher.open(contact, about);
  return Result.isSuccess(opened) ? sealFor(cipher, opened.success, about) : null;
};

const recordFor = (
  options: RequestPublisherOptions,
  queued: QueuedNotice,
  headers: OutgoingRecord<QueuedNotice>["headers"],
  detail: QueuedDetail,
): Result.Result<WireRecord, Failure> => {
  const { noticeId, period, epoch, channel } = queued;
  const { generation, attemptNo, policyVersion, runId, billId, userId, priority, place } = detail;
  if (policyVersion === null)
    return Result.fail(
      new Permanent({ message: `publishing ${noticeId}: it is queued under no policy`, code: "no-policy" }),
    );
  const location = place ?? `row:${period}/${noticeId}`;
  return Result.succeed(
    requestWire(
      {
        ...{ noticeId, period, epoch, channel },
        traceparent: headers["traceparent"] ?? null,
        details: {
          ...{ generation, attemptNo, billId, policyVersion, runId, priority },
          memberId: userId,
          destination: destinationOf(options, queued, detail),
          contentLocation: sealFor(options.cipher, conceal(location), sealedAboutRequest(noticeId)),
        },
      },
      options.topicOf,
      options.key,
    ),
  );
};

const isStillQueued = ({ epoch, channel }: QueuedNotice, detail: QueuedDetail | null | undefined): boolean =>
  detail?.status === "queued" && detail.epoch === epoch && detail.channel === channel;

export const requestPublisher = (options: RequestPublisherOptions): Publisher<QueuedNotice> => ({
  publish: (records) =>
    Effect.gen(function* () {
      const details = yield* options.details.read(records.map(({ body }) => body));
      const answers: Answer[] = [];
      const going: { readonly at: number; readonly wire: WireRecord }[] = [];
      records.forEach(({ body, headers }, at) => {
        const detail = details[at];
        answers[at] = TAKEN;
        if (detail == null || !isStillQueued(body, detail)) return;
        const made = recordFor(options, body, headers, detail);
        if (Result.isFailure(made)) answers[at] = Result.fail(made.failure);
        else going.push({ at, wire: made.success });
      });
      if (going.length === 0) return answers;
      const told = yield* Effect.tapError(
        options.out.publish(going.map(({ wire }) => ({ key: wire.key, body: wire, headers: {} }))),
        (failure) => Effect.sync(() => options.published(failure)),
      );
      const failures: Failure[] = [];
      going.forEach(({ at }, place) => {
        const answer = told[place] ?? UNANSWERED;
        answers[at] = answer;
        if (Result.isFailure(answer)) failures.push(answer.failure);
      });
      options.published(troubleOf(failures, going.length));
      return answers;
    }),
});

/** One record that can never be published says nothing of the log; a call of which nothing was taken does. */
const troubleOf = (failures: readonly Failure[], of: number): Failure | null =>
  failures.find(({ _tag }) => _tag !== "Permanent") ??
  (failures.length === of ? (failures[0] ?? null) : null);

const UNANSWERED: Answer = Result.fail(
  new Unconfirmed({
    message: "publishing: the log gave fewer answers than it was asked for",
    code: "unanswered",
  }),
);
