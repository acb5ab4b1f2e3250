/**
 * How long a list on a screen may be; more is read page by page, each behind the last entry of the page before.
 */
import type { OptionValues } from "commander";
import { countIn } from "./read-options.ts";

export const USUALLY_LISTED = 20;
export const MOST_LISTED = 10_000;

/** As many as `--limit` asks for. */
export const limitIn = (options: OptionValues): number =>
  countIn(options, "limit", { most: MOST_LISTED, otherwise: USUALLY_LISTED });

/** What the next page is read behind; empty where this one was not filled, and so is the last. */
export const nextAfter = <Entry>(
  page: readonly Entry[],
  limit: number,
  keyOf: (last: Entry) => string,
): string | null => {
  const last = page.at(-1);
  return last === undefined || page.length < limit ? null : keyOf(last);
};
