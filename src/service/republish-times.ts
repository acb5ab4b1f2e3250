/**
 * When a queued notice is to be told to the log again. Without brokers the ledger itself is the log, and what is queued is told by
 * being queued.
 */
import type { Config } from "./config/config.ts";

/** A year, so that nothing rings for nobody. */
const NEVER_TOLD_AGAIN_MS = 31_536_000_000;

/** For whoever tells the log at once of what it has queued. */
export const toldAtOnceMs = ({ kafka }: Pick<Config, "kafka">): number =>
  kafka.brokers === null ? NEVER_TOLD_AGAIN_MS : kafka.republishMs;

/** For whoever leaves the telling to upkeep, which looks within its sweep. */
export const toldByUpkeepMs = ({ kafka }: Pick<Config, "kafka">): number =>
  kafka.brokers === null ? NEVER_TOLD_AGAIN_MS : 0;
