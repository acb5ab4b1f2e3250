/**
 * Why a notice is in somebody's hands: prepared, on its way to the provider, or in doubt.
 */
import { liveAttempt } from "./lifecycle/guards.ts";
import { isoInstant } from "./iso-instant.ts";
import { kept, lastLine, named, place, type WhyFacts } from "./why-facts.ts";

export const whyUnderWay = (facts: WhyFacts): string => {
  const { notice } = facts.record;
  const attempt = liveAttempt(facts.record);
  const cancel = notice.cancelRequested ? "; a cancel was asked for, and counts if it was not accepted" : "";
  if (notice.status === "claimed" || attempt === undefined) {
    const lease = notice.leaseUntil === null ? "" : ` under a lease until ${isoInstant(notice.leaseUntil)}`;
    return `Worker ${notice.owner ?? "nobody"} prepares ${place(facts, notice)}${lease}${cancel}`;
  }
  const copies = attempt.copies === 1 ? "" : `, in ${attempt.copies} copies`;
  if (notice.status === "sending") {
    return `The right to send ${named(facts, attempt)} was given at ${isoInstant(attempt.intentAt)}, and the answer of the provider ${attempt.provider} is awaited${copies}${cancel}`;
  }
  const doubt = lastLine(facts, "T10", "T11");
  return `In doubt whether the provider ${attempt.provider} accepted ${named(facts, attempt)}${copies}, since ${isoInstant(doubt?.at ?? attempt.intentAt)}: ${kept(doubt?.because, "its outcome is unknown")}${cancel}`;
};
