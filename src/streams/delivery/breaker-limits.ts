/**
 * When a provider is paused, and for how long: the numbers of its circuit breaker.
 */
export interface BreakerLimits {
  /** The latest outcomes that are looked at. Default 10,000. */
  readonly windowMs: number;
  /** Fewer of them say nothing. Default 20. */
  readonly minOutcomes: number;
  /** Of them, the part from which on the provider is paused. Default 0.5. */
  readonly troubleShare: number;
  /** So many one after the other pause it, however few there are in the window. Default 10. */
  readonly troublesInARow: number;
  /** Doubles with each probe that meets trouble. Default 1,000, at most 30,000. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Between probes while somebody has to mend something. Default 30,000. */
  readonly mendProbeMs: number;
  /** Asked for more by the provider (`Retry-After`), it is asked again after this. Default an hour. */
  readonly longestAskedPauseMs: number;
}

export const BREAKER_LIMITS: BreakerLimits = {
  windowMs: 10_000,
  minOutcomes: 20,
  troubleShare: 0.5,
  troublesInARow: 10,
  firstPauseMs: 1_000,
  longestPauseMs: 30_000,
  mendProbeMs: 30_000,
  longestAskedPauseMs: 3_600_000,
};
