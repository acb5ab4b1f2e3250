/**
 * Why a notice is where it is: one sentence, with the version of the policy and the clause, the attempt or the error that
 * decided. It is read from what the ledger kept, so it says the same to whoever asks, and changes nothing.
 *
 * The clause that put a notice off is not kept; it is worked out again, by the policy in force, for the instant at which it
 * was decided. Texts of providers and operators are passed on as they were kept: without personal data.
 */
import type { NoticeId } from "./ids.ts";
import { isFinal, type Status } from "./notice.ts";
import { whyEnded } from "./why-ended.ts";
import { policyOf, type WhyFacts } from "./why-facts.ts";
import { whyUnderWay } from "./why-under-way.ts";
import { whyWaiting } from "./why-waiting.ts";

export type { WhyFacts } from "./why-facts.ts";

export interface Why {
  readonly noticeId: NoticeId;
  readonly status: Status;
  readonly because: string;
}

export const why = (facts: WhyFacts): Why => {
  const { notice } = facts.record;
  const { noticeId, status } = notice;
  const words = wordsFor(facts);
  return { noticeId, status, because: `${words} (${policyOf(facts)}).` };
};

const wordsFor = (facts: WhyFacts): string => {
  const { notice, attempts } = facts.record;
  const broken = attempts.findLast(({ contradiction }) => contradiction !== null);
  if (notice.holdReason === "contradiction" && broken !== undefined) {
    const before = broken.state === "accepted" ? "accepted under another id" : broken.state;
    const stands = isFinal(notice.status) ? `It is ${notice.status}, and held` : "Held";
    return `${stands} until an operator decides: the provider ${broken.provider} accepted attempt ${broken.attemptId} on ${broken.channel}, which had been ${before}`;
  }
  switch (notice.status) {
    case "ready":
    case "queued":
      return whyWaiting(facts);
    case "claimed":
    case "sending":
    case "in_doubt":
      return whyUnderWay(facts);
    case "sent":
    case "failed":
    case "cancelled":
    case "suppressed":
    case "expired":
      return whyEnded(facts, notice.status);
  }
};
