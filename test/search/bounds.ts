/**
 * How large the searched world is, and which promises hold in it. Times are small whole numbers of ticks: what matters
 * for safety is the order of events and which side of a bound they fall on, not how long a send window really is.
 */
import type { ProviderTerms } from "../../src/domain/attempt.ts";
import { channelId, policyVersion, type ChannelId } from "../../src/domain/ids.ts";
import type { Policy } from "../../src/domain/policy.ts";
import type { ZoneId } from "../../src/domain/zone-time.ts";

/** What the people and programs around the ledger do wrong, one at a time. */
export const MISDEEDS = [
  "sends after the deadline",
  "counts the window from the answer",
  "sends again after a timeout",
  "takes a timeout for a refusal",
  "sends a resend before its commit is known",
  "sends a resend that was refused",
  "stamps a look-up with its answer's arrival",
  "counts every refusal as the newest copy's",
  "ignores acceptances",
] as const;
export type Misdeed = (typeof MISDEEDS)[number];

export interface Bounds {
  readonly providerClass: "A" | "B" | "C";
  /** `null`: Δ = never. */
  readonly delta: number | null;
  /** C3. Without it a copy may be accepted however late. */
  readonly c3: boolean;
  /** C2. Without it a provider may accept what it has refused. */
  readonly c2: boolean;
  readonly sendWindow: number;
  readonly answerWindow: number;
  readonly lease: number;
  /** Class A: how long a key is remembered. Class B: how long an acceptance is found. */
  readonly memory: number;
  readonly workers: number;
  /** Resends and look-ups that can be under way at once. */
  readonly upkeeps: number;
  /** All workers are one process that was given the record several times. */
  readonly oneOwner: boolean;
  readonly attempts: number;
  readonly channels: number;
  readonly generations: number;
  /** Copies of one attempt beyond which the model does not go. */
  readonly copies: number;
  /** The notice's own end comes near at any time. */
  readonly expiry: boolean;
  /** Operators cancel. Without it stories are longer and plainer: they end in a second message, not in a cancelled one. */
  readonly cancels: boolean;
  /** Operators give evidence (d). Without it automation alone ends doubts. */
  readonly operatorEvidence: boolean;
  /** `null`: everybody around the ledger keeps the rules. */
  readonly misdeed: Misdeed | null;
}

export const BOUNDS: Bounds = {
  providerClass: "C",
  delta: 1,
  c3: true,
  c2: true,
  sendWindow: 1,
  answerWindow: 0,
  lease: 0,
  memory: 6,
  workers: 2,
  upkeeps: 1,
  oneOwner: false,
  attempts: 1,
  channels: 2,
  generations: 1,
  copies: 3,
  expiry: true,
  cancels: true,
  operatorEvidence: true,
  misdeed: null,
};

export const CHANNELS: readonly ChannelId[] = [channelId("email"), channelId("sms"), channelId("letter")];

/** One tick, in the milliseconds that the transition function reckons in. */
export const TICK_MS = 1_000;
export const ticks = (count: number): number => count * TICK_MS;

export const PINNED = policyVersion(1);
export const ACTIVE = policyVersion(2);

/** The policy that the notice is pinned to: a back-off of one tick, so that waiting can be seen. */
export const policyOf = (bounds: Bounds): Policy => {
  const rule = (channel: ChannelId): Policy["channels"][0] => ({
    channel,
    maxAttempts: bounds.attempts,
    backoff: { firstMs: TICK_MS, factor: 1, capMs: TICK_MS },
  });
  const [first, ...rest] = CHANNELS.slice(0, bounds.channels);
  if (first === undefined) throw new RangeError("a policy has at least one channel");
  return {
    version: PINNED,
    zone: "Asia/Seoul" as ZoneId, // the search asks for no time in any zone
    channels: [rule(first), ...rest.map(rule)],
    quietHours: [],
    sendDays: { ofMonth: "every", ofWeek: "every" },
    sendHours: "every",
    paused: false,
    expiresAfterMs: ticks(100),
    resend: null,
  };
};

export const termsOf = (bounds: Bounds): ProviderTerms => {
  const deltaMs = bounds.delta === null ? "never" : ticks(bounds.delta);
  switch (bounds.providerClass) {
    case "A":
      return { class: "A", windowMs: ticks(bounds.memory), deltaMs };
    case "B":
      return { class: "B", findableMs: ticks(bounds.memory), deltaMs };
    case "C":
      return { class: "C", deltaMs };
  }
};
