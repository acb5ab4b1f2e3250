/**
 * The routing decision: what becomes of one candidate at one instant, and which clause of which policy decided.
 *
 * Comes before the publish, after the page of candidates was locked. It only proposes: every guard is looked at again
 * in the statement that carries it out, and the gate once more right before the send. What it says is what an
 * operator reads under "why was this notice not sent".
 */
import type { Candidate } from "./candidate.ts";
import type { ChannelId, Instant, PolicyVersion } from "./ids.ts";
import type { HoldReason } from "./notice.ts";
import type { Policy } from "./policy.ts";
import { openWindow } from "./quiet-hours.ts";

export interface Because {
  readonly policyVersion: PolicyVersion;
  /** In words, without personal data. */
  readonly clause: string;
}

export type RoutingDecision = (
  | { readonly kind: "route"; readonly channel: ChannelId; readonly attemptNo: number }
  | { readonly kind: "hold"; readonly reason: HoldReason }
  | { readonly kind: "later"; readonly until: Instant }
  | { readonly kind: "suppress" }
  | { readonly kind: "expire" }
) & { readonly because: Because };

export interface RoutingPolicies {
  /** Pauses, quiet hours and send times are those in force now. */
  readonly active: Policy;
  /** Channels and attempts are those that the generation began with. None where nothing is pinned yet, or not found. */
  readonly pinned: Policy | null;
}

/** The first reason that applies wins: final ones before holds, holds before waiting, waiting before routing. */
export const routeCandidate = (
  candidate: Candidate,
  { active, pinned }: RoutingPolicies,
  now: Instant,
): RoutingDecision => {
  const because = (clause: string): { because: Because } => ({
    because: { policyVersion: active.version, clause },
  });
  const { ownQuietHours } = candidate;
  if (candidate.expiresAt <= now) return { kind: "expire", ...because("its time to be sent is over") };
  if (candidate.suppressed) {
    return { kind: "suppress", ...because("the recipient is on the suppression list") };
  }
  if (candidate.holdReason !== null) {
    return { kind: "hold", reason: candidate.holdReason, ...because(`held: ${candidate.holdReason}`) };
  }
  if (active.paused) return { kind: "hold", reason: "paused", ...because("the policy is paused") };
  if (candidate.dueAt > now)
    return { kind: "later", until: candidate.dueAt, ...because("it is not due yet") };
  if (ownQuietHours !== null && "unreadable" in ownQuietHours) {
    return { kind: "hold", reason: "operator", ...because(ownQuietHours.unreadable) };
  }
  const window = openWindow(active, ownQuietHours, now);
  if (!window.open) {
    return { kind: "later", until: window.reopensAt ?? window.closedUntil, ...because(window.clause) };
  }
  if (candidate.channel === null) return firstChannel(candidate, active);
  if (pinned === null)
    return { kind: "hold", reason: "policy", ...because("the pinned policy is not at hand") };
  return pinnedChannel(candidate, candidate.channel, pinned);
};

/** A new generation: the policy's order decides, and the policy is pinned by it. */
const firstChannel = (candidate: Candidate, policy: Policy): RoutingDecision => {
  const names = policy.channels.map((rule) => rule.channel);
  const channel = names.find((name) => candidate.channels.includes(name));
  const policyVersion = policy.version;
  if (channel === undefined) {
    // Only what was routed can fail, with its dead letter: preparing it will say that there is no contact (T5f).
    const [first] = policy.channels;
    const clause = `no channel of the policy (${names.join(", ")}) has a usable contact: it will fail at the first`;
    return { kind: "route", channel: first.channel, attemptNo: 1, because: { policyVersion, clause } };
  }
  const clause = `${channel} is the first of ${names.join(", ")} with a usable contact`;
  return { kind: "route", channel, attemptNo: 1, because: { policyVersion, clause } };
};

/** What has begun goes on as it began: only an ended attempt moves a generation to another channel (fall-back). */
const pinnedChannel = (candidate: Candidate, channel: ChannelId, policy: Policy): RoutingDecision => {
  const attemptNo = Math.max(1, candidate.attemptNo);
  const policyVersion = policy.version;
  const maxAttempts = policy.channels.find((rule) => rule.channel === channel)?.maxAttempts;
  if (maxAttempts === undefined || attemptNo > maxAttempts) {
    // No transition leads here: a row that says so was written by something else than this table.
    const clause =
      maxAttempts === undefined
        ? `${channel} is no channel of the pinned policy`
        : `attempt ${attemptNo} is more than the ${maxAttempts} of ${channel}`;
    return { kind: "hold", reason: "operator", because: { policyVersion, clause } };
  }
  const clause = `${channel} is pinned, attempt ${attemptNo} of ${maxAttempts}`;
  return { kind: "route", channel, attemptNo, because: { policyVersion, clause } };
};
