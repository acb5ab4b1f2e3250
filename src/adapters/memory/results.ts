/**
 * The memory ledger's results. Which have been told is known here alone: one `Results` a ledger.
 */
import { Effect } from "effect";
import type { Instant } from "../../domain/ids.ts";
import { isFinal } from "../../domain/notice.ts";
import { RETOLD_AFTER_MS } from "../../domain/ports/letters.ts";
import type { Results, UntoldResult } from "../../domain/ports/results.ts";
import { resultId } from "../../domain/records/result-record.ts";
import type { EndedGeneration, MemoryLedger } from "./notice-ledger.ts";

const resultOf = ({ view, contents, entry }: EndedGeneration): UntoldResult => {
  const { noticeId, period, generation, epoch, status, channel, policyVersion, runId } = view.notice;
  if (!isFinal(status)) throw new Error(`${noticeId} ended as ${status}`);
  const its = view.attempts.filter((attempt) => attempt.generation === generation);
  const accepted = its.find(({ state }) => state === "accepted");
  return {
    ...{ noticeId, period, generation, epoch, status, channel, policyVersion, runId },
    reason: entry.because,
    attempts: its.length,
    billId: contents.billId,
    memberId: contents.userId,
    provider: accepted?.provider ?? null,
    providerMessageId: accepted?.providerMessageId ?? null,
    endedAt: entry.at,
    traceparent: null,
    mark: resultId(view.notice),
  };
};

/** The results of that ledger. */
export const memoryResults = (ledger: Pick<MemoryLedger, "ended" | "now">): Results => {
  /** When it is owed again; empty: it has been told. What is not here has not been looked at yet. */
  const tellAt = new Map<string, Instant | null>();
  const isOwed = ({ view: { notice } }: EndedGeneration, now: Instant): boolean => {
    const at = tellAt.get(resultId(notice));
    return at === undefined || (at !== null && at <= now);
  };

  return {
    untold: (limit) =>
      Effect.map(ledger.now, (now) => {
        const owed = ledger
          .ended()
          .filter((ended) => isOwed(ended, now))
          .slice(0, limit)
          .map(resultOf);
        for (const { mark } of owed) tellAt.set(mark, (now + RETOLD_AFTER_MS) as Instant); // a sum of an instant
        return owed;
      }),
    untoldCount: Effect.sync(
      () => ledger.ended().filter(({ view: { notice } }) => tellAt.get(resultId(notice)) !== null).length,
    ),
    told: (batch) =>
      Effect.sync(() => {
        for (const { mark } of batch) tellAt.set(mark, null);
      }),
  };
};
