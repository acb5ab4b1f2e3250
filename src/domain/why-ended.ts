/**
 * Why a notice has come to its end: accepted, failed, or not sent for a reason.
 */
import { isoInstant } from "./iso-instant.ts";
import type { FinalStatus } from "./notice.ts";
import { kept, lastLine, named, place, type WhyFacts } from "./why-facts.ts";

export const whyEnded = (facts: WhyFacts, status: FinalStatus): string => {
  switch (status) {
    case "sent":
      return sent(facts);
    case "failed":
      return failed(facts);
    case "cancelled":
      return cancelled(facts);
    case "suppressed":
      return suppressed(facts);
    case "expired":
      return expired(facts);
  }
};

const ended = ({ record: { history, notice } }: WhyFacts) =>
  history.findLast(({ from, to }) => from !== to && to === notice.status);

const sent = (facts: WhyFacts): string => {
  const { attempts, notice } = facts.record;
  const accepted = attempts.find(
    ({ state, generation }) => state === "accepted" && generation === notice.generation,
  );
  if (accepted === undefined) return "Sent, and no accepted attempt is on record";
  const at = lastLine(facts, "T8")?.at ?? accepted.intentAt;
  return `The provider ${accepted.provider} accepted ${named(facts, accepted)} at ${isoInstant(at)} as message ${accepted.providerMessageId ?? "without an id"}: ${kept(accepted.evidence, "no words were kept")}`;
};

const failed = (facts: WhyFacts): string => {
  const { attempts, notice } = facts.record;
  const line = ended(facts);
  const attempt = attempts.find(({ attemptId }) => attemptId === line?.attemptId);
  const what =
    attempt === undefined
      ? `${place(facts, notice)} could not be prepared`
      : `${named(facts, attempt)} ended as ${attempt.state}`;
  return `Failed at ${isoInstant(line?.at ?? notice.dueAt)}: ${what} (${kept(line?.because, "no words were kept")})${noneIsLeft(facts)}`;
};

const noneIsLeft = ({ pinned, record: { notice } }: WhyFacts): string => {
  if (pinned === null) return "";
  const isLast = pinned.channels.at(-1)?.channel === notice.channel;
  return isLast
    ? `, and ${notice.channel} is the last channel`
    : `, and no channel after ${notice.channel} has a usable contact`;
};

const cancelled = (facts: WhyFacts): string => {
  const asked = lastLine(facts, "T14");
  const line = ended(facts);
  if (asked === undefined) return `Cancelled at ${isoInstant(line?.at ?? facts.record.notice.dueAt)}`;
  const words = `Cancelled by ${asked.actor}: ${kept(asked.because, "no reason was given")}`;
  if (line === undefined || line.transition === "T14") return `${words}, at ${isoInstant(asked.at)}`;
  const after =
    line.attemptId === null ? "" : ` after attempt ${line.attemptId} was known not to be accepted`;
  return `${words}; asked for at ${isoInstant(asked.at)}, and done at ${isoInstant(line.at)}${after}`;
};

const suppressed = (facts: WhyFacts): string => {
  const at = ended(facts)?.at;
  const when = at === undefined ? "" : ` at ${isoInstant(at)}`;
  return facts.suppressed === null
    ? `The recipient was on the suppression list${when}, and has been taken off it since`
    : `The recipient is on the suppression list since ${isoInstant(facts.suppressed.since)} (${kept(facts.suppressed.reason, "no reason was given")}), so nothing was sent${when}`;
};

const expired = (facts: WhyFacts): string => {
  const { notice } = facts.record;
  const line = ended(facts);
  const before = line === undefined ? "" : `; until then it was ${line.from}`;
  return `Its time to be sent ended at ${isoInstant(notice.expiresAt)}, before it was on its way${before}`;
};
