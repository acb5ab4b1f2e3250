/**
 * What a reason is worked out from, and the phrases that all reasons share.
 */
import type { Attempt } from "./attempt.ts";
import type { Candidate } from "./candidate.ts";
import type { ChannelId, Instant } from "./ids.ts";
import type { HistoryEntry, TransitionId } from "./lifecycle/rule.ts";
import type { Policy } from "./policy.ts";
import type { NoticeRecord } from "./ports/notice-ledger.ts";

interface Gate {
  readonly reason: string;
  readonly since: Instant;
}

export interface WhyFacts {
  readonly record: NoticeRecord;
  readonly now: Instant;
  /** The policy in force; empty where none is, or it cannot be read. */
  readonly active: Policy | null;
  /** The one that this generation began with; empty where nothing is pinned, or it cannot be read. */
  readonly pinned: Policy | null;
  readonly suppressed: Gate | null;
  readonly pauses: readonly (Gate & { readonly scope: ChannelId | "*" })[];
  /** There is a contact for each of these. */
  readonly channels: readonly ChannelId[];
  readonly ownQuietHours: Candidate["ownQuietHours"];
}

/** The pinned version; where nothing is pinned yet the one in force, which will decide. */
export const policyOf = ({ record: { notice }, active }: WhyFacts): string => {
  if (notice.policyVersion !== null) return `policy ${notice.policyVersion}`;
  return active === null ? "no policy has decided yet" : `policy ${active.version}`;
};

/** `attempt 1 of 2 on email`; without the pinned policy nobody knows of how many. */
export const place = (
  { pinned }: Pick<WhyFacts, "pinned">,
  { channel, attemptNo }: { readonly channel: ChannelId | null; readonly attemptNo: number },
): string => {
  const most = pinned?.channels.find((rule) => rule.channel === channel)?.maxAttempts;
  return `attempt ${attemptNo}${most === undefined ? "" : ` of ${most}`} on ${channel ?? "no channel"}`;
};

/** `attempt a-17 (attempt 1 of 2 on email)`, shortened. */
export const named = (facts: WhyFacts, attempt: Attempt): string =>
  `attempt ${attempt.attemptId} (${place(facts, attempt).replace(/^attempt /, "")})`;

export const lastLine = (
  { record: { history } }: WhyFacts,
  ...transitions: readonly TransitionId[]
): HistoryEntry | undefined =>
  history.findLast(
    ({ transition, because }) =>
      transitions.includes(transition) && !(transition === "T8" && because === "contradiction"),
  );

/** The words that were kept, without the end of a sentence of their own. */
export const kept = (words: string | null | undefined, otherwise: string): string => {
  const text = (words ?? "").trim().replace(/[.\s]+$/, "");
  return text === "" ? otherwise : text;
};
