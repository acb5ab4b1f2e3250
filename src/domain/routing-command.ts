/**
 * From a candidate of a page to the command that carries the routing decision out. Runs and upkeep both route by this.
 */
import { Result } from "effect";
import type { Candidate } from "./candidate.ts";
import type { ChannelId, Instant, PolicyVersion, RunId } from "./ids.ts";
import type { Policy } from "./policy.ts";
import type { RoutingCandidate, RoutingCommand } from "./ports/notice-ledger.ts";
import { readOwnQuietHours } from "./quiet-hours-own.ts";
import { routeCandidate, type RoutingDecision } from "./route.ts";

export interface RoutingTerms {
  readonly active: Policy;
  /** Empty where that version is not at hand. */
  readonly pinned: (version: PolicyVersion) => Policy | null;
  readonly actor: string;
  readonly runId: RunId | null;
  readonly republishInMs: number;
}

export interface Routed {
  readonly decision: RoutingDecision;
  readonly command: RoutingCommand;
  /** Where it goes, if it goes. */
  readonly channel: ChannelId | null;
}

/** `channels` are those with a contact; the recipient's own quiet hours lie under `quietHours` of what routing decides by. */
export const candidateOf = ({ notice, suppressed, channels, routing }: RoutingCandidate): Candidate => {
  const own = readOwnQuietHours(routing["quietHours"]);
  return {
    channel: notice.channel,
    attemptNo: notice.attemptNo,
    dueAt: notice.dueAt,
    expiresAt: notice.expiresAt,
    holdReason: notice.holdReason,
    suppressed,
    channels,
    ownQuietHours: Result.isSuccess(own) ? own.success : { unreadable: own.failure },
  };
};

/** @returns nothing where the policy that the generation has pinned must be fetched first */
export const routingCommand = (
  candidate: RoutingCandidate,
  terms: RoutingTerms,
  now: Instant,
): Routed | null => {
  const { notice } = candidate;
  const version = notice.channel === null ? null : notice.policyVersion;
  const pinned = version === null ? null : terms.pinned(version);
  if (version !== null && pinned === null) return null;
  const decision = routeCandidate(candidateOf(candidate), { active: terms.active, pinned }, now);
  const to = { noticeId: notice.noticeId, period: notice.period, actor: terms.actor };
  const { epoch } = notice;
  switch (decision.kind) {
    case "route": {
      const { channel } = decision;
      const choice = notice.channel === null ? { channel, policyVersion: terms.active.version } : null;
      const { runId, republishInMs } = terms;
      return { decision, channel, command: { type: "route", ...to, epoch, choice, runId, republishInMs } };
    }
    case "hold":
      return {
        decision,
        channel: null,
        command: { type: "hold", ...to, epoch, reason: decision.reason, dueAt: null },
      };
    case "later":
      return {
        decision,
        channel: null,
        command: { type: "hold", ...to, epoch, reason: null, dueAt: decision.until },
      };
    case "suppress":
      return { decision, channel: null, command: { type: "suppress", ...to } };
    case "expire":
      return { decision, channel: null, command: { type: "expire", ...to } };
  }
};
