/**
 * What happens after an attempt has ended without an acceptance: the same channel again later, the next channel at
 * once, or the end. T9, T12 and T5f settle by this one decision.
 *
 * Doubt has no entry here on purpose: an attempt of which nobody knows whether it was accepted has not ended, and a
 * second channel on top of it would be the duplicate that the whole service exists to prevent.
 */
import type { ChannelId } from "./ids.ts";
import { backoffMs, type Policy } from "./policy.ts";

/** What a notice does after an attempt that was not accepted: another one, or the end. */
export type NextStep =
  | {
      readonly kind: "queue";
      readonly channel: ChannelId;
      readonly attemptNo: number;
      readonly dueInMs: number;
    }
  | { readonly kind: "fail"; readonly because: string };

/**
 * Why an attempt is over, and known not to have been accepted.
 *
 * | end                  | costs an attempt | goes on with                                   |
 * | -------------------- | ---------------- | ---------------------------------------------- |
 * | `rejected-for-good`  | ends the channel | the next channel, at once                      |
 * | `rejected-for-now`   | yes              | the same channel after its back-off, or the next |
 * | `not-handed-over`    | no               | the same attempt after the back-off            |
 * | `provider-fault`     | no               | the same attempt after the back-off            |
 * | `unusable`           | ends the channel | the next channel, at once                      |
 */
export type AttemptEnd =
  | "rejected-for-good"
  | "rejected-for-now"
  | "not-handed-over"
  | "provider-fault"
  | "unusable";

export interface EndedAttempt {
  readonly channel: ChannelId;
  /** Counts from 1 within the channel. */
  readonly attemptNo: number;
  readonly end: AttemptEnd;
  /**
   * How often an attempt with this number has ended without costing one, this time included, so that the back-off
   * grows while a provider is down. Left out: this was the first time.
   */
  readonly freeEnds?: number;
  /** The other side asked not to be called again sooner. Believed up to a day. */
  readonly askedDelayMs?: number;
}

/** A provider that asks for more is asked again after this long: a wrong header must not park a bill for a year. */
export const MAX_ASKED_DELAY_MS = 86_400_000;

/**
 * @param policy the pinned one
 * @param usable the channels for which there is a contact that can be used
 * @param jitter from 0 (wait the whole back-off) to 1 (wait half of it), drawn by the caller
 */
export const stepAfter = (
  policy: Policy,
  ended: EndedAttempt,
  usable: readonly ChannelId[],
  jitter: number,
): NextStep => {
  const place = policy.channels.findIndex((rule) => rule.channel === ended.channel);
  const rule = policy.channels[place];
  if (rule === undefined) {
    return { kind: "fail", because: `policy ${policy.version} has no channel ${ended.channel}` };
  }
  if (endsTheChannel(ended, rule.maxAttempts)) return nextChannel(policy, place, ended, usable);
  const cost = COSTS_AN_ATTEMPT[ended.end] ? 1 : 0;
  const failuresBefore = ended.attemptNo - 1 + (cost === 1 ? 0 : (ended.freeEnds ?? 1) - 1);
  const waitMs = backoffMs(rule.backoff, failuresBefore, jitter);
  const { askedDelayMs = 0 } = ended;
  const askedMs = askedDelayMs > 0 ? Math.min(askedDelayMs, MAX_ASKED_DELAY_MS) : 0;
  return {
    kind: "queue",
    channel: ended.channel,
    attemptNo: ended.attemptNo + cost,
    dueInMs: Math.max(waitMs, Math.ceil(askedMs)),
  };
};

const COSTS_AN_ATTEMPT: Readonly<Record<AttemptEnd, boolean>> = {
  "rejected-for-good": true,
  "rejected-for-now": true,
  "not-handed-over": false,
  "provider-fault": false,
  unusable: false,
};

const endsTheChannel = ({ end, attemptNo }: EndedAttempt, maxAttempts: number): boolean => {
  switch (end) {
    case "rejected-for-good":
    case "unusable":
      return true;
    case "rejected-for-now":
      return attemptNo >= maxAttempts;
    case "not-handed-over":
    case "provider-fault":
      // Not even at the last attempt: it was never made. Expiry, not this rule, ends a provider that stays down.
      return attemptNo > maxAttempts;
  }
};

/** Only ever later in the order, so a generation cannot come back to a channel, and ends after the last one. */
const nextChannel = (
  policy: Policy,
  place: number,
  ended: EndedAttempt,
  usable: readonly ChannelId[],
): NextStep => {
  const next = policy.channels.slice(place + 1).find((rule) => usable.includes(rule.channel));
  if (next !== undefined) return { kind: "queue", channel: next.channel, attemptNo: 1, dueInMs: 0 };
  const why =
    place === policy.channels.length - 1
      ? `it is the last channel of policy ${policy.version}`
      : `no later channel of policy ${policy.version} has a usable contact`;
  return { kind: "fail", because: `${ended.channel} ${IN_WORDS[ended.end](ended.attemptNo)}, and ${why}` };
};

const IN_WORDS: Readonly<Record<AttemptEnd, (attemptNo: number) => string>> = {
  "rejected-for-good": () => "rejected it for good",
  "rejected-for-now": (attemptNo) => `rejected it ${attemptNo} time${attemptNo === 1 ? "" : "s"}`,
  "not-handed-over": () => "has no attempt left",
  "provider-fault": () => "has no attempt left",
  unusable: () => "cannot be used for it (contact, key or template)",
};
