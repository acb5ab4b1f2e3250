/**
 * When a provider that fails as a whole is asked no more for a while, and how it is tried again: the breaker's numbers, as settings of
 * each provider. What counts as trouble is not configurable: no answer, an answer nobody can read, "not now"; a refusal of one request
 * is none.
 */
import { BREAKER_LIMITS, type BreakerLimits } from "../../streams/delivery/breaker-limits.ts";
import { share, whole } from "./setting-kinds.ts";
import type { Setting } from "./setting.ts";

const HOUR_MS = 3_600_000;

export const BREAKER_SETTINGS = {
  breakerTroublesInARow: whole(BREAKER_LIMITS.troublesInARow, 1, 100_000, {
    says: "So many requests with trouble, one after the other, pause the provider. A refusal of one request is no trouble of the provider's.",
  }),
  breakerTroubleShare: share(BREAKER_LIMITS.troubleShare, {
    says: "The part of the latest requests with trouble from which on the provider is paused.",
  }),
  breakerWindowMs: whole(BREAKER_LIMITS.windowMs, 100, HOUR_MS, {
    says: "How far back the latest requests are looked at.",
  }),
  breakerMinOutcomes: whole(BREAKER_LIMITS.minOutcomes, 1, 100_000, {
    says: "Fewer than so many requests within `breakerWindowMs` say nothing by their share.",
  }),
  breakerFirstPauseMs: whole(BREAKER_LIMITS.firstPauseMs, 10, HOUR_MS, {
    says: "The first pause; then one request is the probe. A probe with trouble makes the next pause twice as long, one that goes well opens the provider again, for twice as many requests with each round.",
  }),
  breakerLongestPauseMs: whole(BREAKER_LIMITS.longestPauseMs, 10, 24 * HOUR_MS, {
    says: "No pause is longer by itself.",
  }),
  breakerMendProbeMs: whole(BREAKER_LIMITS.mendProbeMs, 10, 24 * HOUR_MS, {
    says: "Between probes while somebody has to mend something: wrong credentials, a wrong address.",
  }),
  breakerLongestAskedPauseMs: whole(BREAKER_LIMITS.longestAskedPauseMs, 0, 24 * HOUR_MS, {
    says: "The longest pause that is granted to a provider that asks for one (`Retry-After`).",
  }),
} as const satisfies Record<string, Setting<number>>;

export type BreakerWritten = { readonly [Name in keyof typeof BREAKER_SETTINGS]: number };

export const breakerFrom = (written: BreakerWritten): BreakerLimits => ({
  troublesInARow: written.breakerTroublesInARow,
  troubleShare: written.breakerTroubleShare,
  windowMs: written.breakerWindowMs,
  minOutcomes: written.breakerMinOutcomes,
  firstPauseMs: written.breakerFirstPauseMs,
  longestPauseMs: written.breakerLongestPauseMs,
  mendProbeMs: written.breakerMendProbeMs,
  longestAskedPauseMs: written.breakerLongestAskedPauseMs,
});

/** The other way round, for `config print`. */
export const breakerInForce = (limits: BreakerLimits): BreakerWritten => ({
  breakerTroublesInARow: limits.troublesInARow,
  breakerTroubleShare: limits.troubleShare,
  breakerWindowMs: limits.windowMs,
  breakerMinOutcomes: limits.minOutcomes,
  breakerFirstPauseMs: limits.firstPauseMs,
  breakerLongestPauseMs: limits.longestPauseMs,
  breakerMendProbeMs: limits.mendProbeMs,
  breakerLongestAskedPauseMs: limits.longestAskedPauseMs,
});
