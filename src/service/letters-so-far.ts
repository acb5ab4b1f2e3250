/**
 * What an order about dead letters is about: those that were there when it was given. One that is opened while it is carried out fits
 * too, and would take the place of one that somebody else has decided meanwhile; nobody has counted it, nor confirmed it.
 */
import { Effect } from "effect";
import { instant } from "../domain/ids.ts";
import type { LetterFilter } from "../domain/ports/ledger-reports.ts";
import type { NoticeLedger } from "../domain/ports/notice-ledger.ts";

/** The filter, up to now by the ledger's clock, by which letters are opened; to be used for the count and for the order. */
export const lettersSoFar = async (
  ledger: Pick<NoticeLedger, "now">,
  filter: LetterFilter,
): Promise<LetterFilter> => {
  const now = await Effect.runPromise(ledger.now);
  return { ...filter, openedUntil: instant(Math.min(filter.openedUntil ?? Infinity, now + 1)) };
};
