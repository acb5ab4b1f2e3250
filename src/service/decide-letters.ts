/**
 * Decides about every dead letter that fits a filter, page by page, up to as many as were confirmed. It may be stopped and begun
 * again: what was decided fits no more.
 */
import { Effect } from "effect";
import type { LedgerReports, LetterFilter, LetterKey, ListedLetter } from "../domain/ports/ledger-reports.ts";

/** Letters of one transaction, at most. */
const PAGE = 500;

export interface LetterOrder {
  readonly filter: LetterFilter;
  /** Letters at most, as many as were confirmed. */
  readonly count: number;
  /** Who decides, for the history. */
  readonly actor: string;
  readonly signal: AbortSignal;
}

export interface DecideLetters extends LetterOrder {
  readonly reports: Pick<LedgerReports, "letters">;
  readonly pageCount?: number;
  /** For each letter that was asked about: empty where it was done, else why not. */
  readonly decide: (page: readonly ListedLetter[]) => Promise<readonly (string | null)[]>;
  /** Before the next page; `asked` letters are behind. */
  readonly rest?: (asked: number) => Promise<void>;
  readonly onProgress: (asked: number) => void;
}

export interface Decided {
  readonly done: number;
  /** By what the ledger said instead. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Only what failed is decided about; a doubt ends by evidence alone. */
export const decidable = (filter: LetterFilter): LetterFilter => ({
  ...filter,
  kind: "failed",
  state: "open",
});

export const decideLetters = async ({
  reports,
  filter,
  count,
  pageCount = PAGE,
  signal,
  decide,
  rest,
  onProgress,
}: DecideLetters): Promise<Decided> => {
  const refused: Record<string, number> = {};
  let asked = 0;
  let done = 0;
  let after: LetterKey | undefined;
  while (asked < count && !signal.aborted) {
    const limit = Math.min(PAGE, pageCount, count - asked);
    const page = await Effect.runPromise(reports.letters(decidable(filter), limit, after));
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.letter;
    for (const because of await decide(page)) {
      if (because === null) done += 1;
      else refused[because] = (refused[because] ?? 0) + 1;
    }
    asked += page.length;
    onProgress(asked);
    if (page.length < limit || asked >= count) break;
    await rest?.(asked);
  }
  return { done, refused };
};
