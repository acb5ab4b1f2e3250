/**
 * The service has no broker: the ledger itself is the log, and what is queued is told by being queued.
 */

/** When a queued notice would be told again: a year, so that nothing rings for nobody. */
export const NEVER_TOLD_AGAIN_MS = 31_536_000_000;
