/**
 * An operator's evidence about a doubt, told to the ledger: it was accepted (T8), which counts at any time; or it was not (T12),
 * which counts when no copy can be accepted any more. What is next then follows from the policy that the generation began with.
 */
import { Effect, Result } from "effect";
import type { ProviderTerms } from "../domain/attempt.ts";
import { stepAfter } from "../domain/fall-back.ts";
import type { NoticeId } from "../domain/ids.ts";
import { liveAttempt } from "../domain/lifecycle/guards.ts";
import { decodePolicy } from "../domain/policy-decoder.ts";
import type { Policy } from "../domain/policy.ts";
import type { NoticeReport } from "../domain/ports/ledger-reports.ts";
import type { Answer, NoticeLedger } from "../domain/ports/notice-ledger.ts";
import { given } from "./order.ts";
import { Refusal } from "./refusal.ts";

export interface DoubtOrder {
  /** The provider's own id of the message; empty: it was not accepted. */
  readonly acceptedAs: string | null;
  readonly words: string;
  readonly actor: string;
  readonly terms: (provider: string) => ProviderTerms | null;
  readonly republishInMs: number;
  /** From 0 to 1: spreads the next attempt. */
  readonly jitter: number;
}

export const resolveDoubt = async (
  ledger: Pick<NoticeLedger, "apply" | "policy">,
  report: NoticeReport,
  order: DoubtOrder,
): Promise<Answer> => {
  const { notice } = report.record;
  const { noticeId, period, attemptNo } = notice;
  const attempt = liveAttempt(report.record);
  if (attempt === undefined || notice.status !== "in_doubt")
    throw new Refusal("conflict", `${noticeId} is ${notice.status}, and not in doubt`);
  const { attemptId, channel, copies } = attempt;
  const { actor, words, acceptedAs } = order;
  if (acceptedAs !== null) {
    const evidence = `operator: ${words}`;
    return given(ledger, {
      type: "accept",
      ...{ noticeId, period, attemptId, evidence, actor },
      providerMessageId: acceptedAs,
    });
  }
  const terms = order.terms(attempt.provider);
  if (terms === null)
    throw new Refusal(
      "refused",
      `the provider ${attempt.provider} of ${noticeId} is not in the configuration here: say it where it is`,
    );
  const policy = await pinnedPolicy(ledger, noticeId, notice.policyVersion);
  const next = stepAfter(
    policy,
    { channel, attemptNo, end: "rejected-for-now" },
    report.channels,
    order.jitter,
  );
  return given(ledger, {
    type: "resolve",
    ...{ noticeId, period, attemptId, terms, next, actor },
    outcome: "not_handed_over",
    evidence: { by: "operator", copies, words },
    republishInMs: order.republishInMs,
  });
};

const pinnedPolicy = async (
  ledger: Pick<NoticeLedger, "policy">,
  noticeId: NoticeId,
  version: NoticeReport["record"]["notice"]["policyVersion"],
): Promise<Policy> => {
  const stored = version === null ? null : await Effect.runPromise(ledger.policy(version));
  const read = stored === null ? null : decodePolicy(stored.policy);
  if (read === null || Result.isFailure(read))
    throw new Refusal("failed", `the policy that ${noticeId} is pinned to cannot be read`);
  return read.success;
};
