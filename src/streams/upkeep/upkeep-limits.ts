/**
 * The bounds of upkeep, with their defaults. None of them decides whether anything is safe: they say how soon somebody looks, how
 * much of it at once, and how much is remembered.
 */
export interface UpkeepLimits {
  /** Between two looks of a duty that found less than a page; ±20 %. Default 1,000. */
  readonly sweepMs: number;
  /** Rows that a duty takes up at once. Default 500. */
  readonly pageCount: number;
  /** The workers' lease: nothing lapses within one of it after a (re)connection. Default 30,000. */
  readonly leaseMs: number;
  /** After so many lapses in a row a notice is held for an operator. Default 5. */
  readonly maxLapses: number;
  /** Until the log is told for the first time again. Default 60,000; without a log a year, so that nothing rings for nobody. */
  readonly republishMs: number;
  /** The same for what upkeep queues without telling the log itself. Default 0: the next sweep tells it; without a log a year. */
  readonly toldLaterMs: number;
  /** The log is told again after twice as long each time, but not after longer than this. Default 3,600,000. */
  readonly republishCapMs: number;
  /** How long after its send window a right to send is waited for; where the channel's sender waits longer, as long as that. Default 60,000. */
  readonly answerWindowMs: number;
  /** Between two walks over everything that could not be helped when it was found. Default 60,000. */
  readonly rewalkMs: number;
  /** What is waited with is remembered, up to so many rows; what is forgotten the next walk finds. Default 20,000. */
  readonly rememberedCount: number;
  /** Look-ups under way at once, for each provider. Default 20. */
  readonly lookUpsAtOnce: number;
  /** Copies under way at once, for each provider. Default 50. */
  readonly resendsAtOnce: number;
  /** Before a doubt is helped again where help came to nothing; twice as long each time. Default 10,000, at most 300,000. */
  readonly retryDoubtMs: number;
  readonly retryDoubtCapMs: number;
  /** That a copy waits in line for a permit of its provider. Default 10,000. */
  readonly permitWaitMs: number;
  /** Before a doubt is looked at again that only an operator can end: somebody may have changed the terms. Default 600,000. */
  readonly owedLookMs: number;
  /** The longest wait for a ledger that fails, or after a bug. Default 10,000. */
  readonly failureCapMs: number;
}

const YEAR_MS = 31_536_000_000;

export const upkeepLimits = (given: Partial<UpkeepLimits>, hasLog: boolean): UpkeepLimits => ({
  sweepMs: 1_000,
  pageCount: 500,
  leaseMs: 30_000,
  maxLapses: 5,
  republishMs: hasLog ? 60_000 : YEAR_MS,
  toldLaterMs: hasLog ? 0 : YEAR_MS,
  republishCapMs: 3_600_000,
  answerWindowMs: 60_000,
  rewalkMs: 60_000,
  rememberedCount: 20_000,
  lookUpsAtOnce: 20,
  resendsAtOnce: 50,
  retryDoubtMs: 10_000,
  retryDoubtCapMs: 300_000,
  permitWaitMs: 10_000,
  owedLookMs: 600_000,
  failureCapMs: 10_000,
  ...given,
});
