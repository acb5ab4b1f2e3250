/**
 * The policy: in which order channels are tried and how often, when sending is allowed, how long a notice lives.
 *
 * A policy is a snapshot with a version and never changes. A generation of a notice pins the version it was first
 * routed with: channels and attempts follow the pinned version, pauses and quiet hours the active one. What is here
 * has been decoded (policy-decoder), so that every rule downstream may rely on it: there is a channel, none twice,
 * some minute of some day is open, and the zone exists.
 */
import type { ChannelId, PolicyVersion } from "./ids.ts";
import type { QuietInterval } from "./quiet-hours-interval.ts";
import type { Weekday, ZoneId } from "./zone-time.ts";

/** In which order channels are tried, when sending is allowed, how long a notice lives. */
export interface Policy {
  readonly version: PolicyVersion;
  /** In which billing month, day, hour and quiet hours are read. */
  readonly zone: ZoneId;
  /** In the order in which they are tried. */
  readonly channels: readonly [ChannelRule, ...ChannelRule[]];
  /** When nothing is sent, in the policy's zone. Empty: never quiet. */
  readonly quietHours: readonly QuietInterval[];
  readonly sendDays: SendDays;
  /** Hours of the local day, 0 to 23, in which sending is allowed. */
  readonly sendHours: readonly number[] | "every";
  /** Nothing is routed and no right to send is given while true. */
  readonly paused: boolean;
  /** From ingest; a notice that is not on its way by then is never sent. */
  readonly expiresAfterMs: number;
  /** Automatic replay of what failed, or none. */
  readonly resend: Resend | null;
}

/** One channel of a policy: how often it is tried, and what is waited in between. */
export interface ChannelRule {
  readonly channel: ChannelId;
  /** Attempts count from 1 within the channel; only those that cost one are counted. */
  readonly maxAttempts: number;
  readonly backoff: Backoff;
}

/** The wait before the next attempt: `firstMs × factor^step`, at most `capMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly factor: number;
  readonly capMs: number;
}

/** A local day is a send day when it is in both lists. */
export interface SendDays {
  /** Days of the month, 1 to 31. */
  readonly ofMonth: readonly number[] | "every";
  readonly ofWeek: readonly Weekday[] | "every";
}

export interface Resend {
  /** From the failure to the next generation. */
  readonly afterMs: number;
  /** In all, the first one included. */
  readonly maxGenerations: number;
}

/**
 * How long to wait before the next attempt.
 *
 * @param failuresBefore 0 after the first failure
 * @param jitter from 0 (the whole wait) to 1 (half of it); notices that failed together come back spread out
 */
export const backoffMs = (backoff: Backoff, failuresBefore: number, jitter: number): number => {
  // A large exponent is Infinity, which the cap brings down; it is never NaN, because factor is at least 1.
  const wholeMs = Math.min(backoff.capMs, backoff.firstMs * backoff.factor ** failuresBefore);
  // Not a number counts as none: it must not become a due time.
  const spread = jitter > 0 ? Math.min(1, jitter) : 0;
  return Math.ceil(wholeMs * (1 - spread / 2));
};
