/**
 * Gives up every failure whose dead letter fits a filter, page by page. It may be stopped and begun again: what was given up
 * fits no more. What somebody replays at the same moment is not given up: the ledger's lock decides who was first.
 */
import { Effect } from "effect";
import type { LedgerReports, LetterFilter, LetterKey, ListedLetter } from "../domain/ports/ledger-reports.ts";
import type { LetterAnswer, Letters } from "../domain/ports/letters.ts";
import { replayable } from "./replay-letters.ts";

/** Letters of one transaction. */
const PAGE = 500;

export interface DiscardOrder {
  readonly filter: LetterFilter;
  /** Letters at most, as many as were confirmed. */
  readonly count: number;
  /** Who gives them up, for the history. */
  readonly actor: string;
  /** Why, in words; kept with it. */
  readonly because: string;
  readonly signal: AbortSignal;
}

export interface Discarded {
  readonly discarded: number;
  /** By what the ledger said instead. */
  readonly refused: Readonly<Record<string, number>>;
}

interface Ports {
  readonly reports: Pick<LedgerReports, "letters">;
  readonly letters: Pick<Letters, "discard">;
}

/** What can be given up is what can be replayed: a doubt ends by evidence alone. */
export const discardable = replayable;

export const discardLetters = async (
  { reports, letters }: Ports,
  { filter, count, actor, because, signal }: DiscardOrder,
  onProgress: (done: number) => void,
): Promise<Discarded> => {
  const refused: Record<string, number> = {};
  let asked = 0;
  let discarded = 0;
  let after: LetterKey | undefined;
  while (asked < count && !signal.aborted) {
    const limit = Math.min(PAGE, count - asked);
    const page = await Effect.runPromise(reports.letters(discardable(filter), limit, after));
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.letter;
    for (const batch of eachNoticeOnce(page)) {
      const answers = await Effect.runPromise(letters.discard(batch, actor, because));
      for (const answer of answers) {
        if (answer.verdict === "won" || answer.verdict === "already-mine") discarded += 1;
        else refused[whyOf(answer)] = (refused[whyOf(answer)] ?? 0) + 1;
      }
    }
    asked += page.length;
    onProgress(asked);
    if (page.length < limit) break;
  }
  return { discarded, refused };
};

const whyOf = ({ verdict, because }: LetterAnswer): string => because ?? verdict;

/** A notice may have failed in two generations, and a batch takes each notice once. */
const eachNoticeOnce = (page: readonly ListedLetter[]): readonly (readonly ListedLetter["letter"][])[] => {
  const batches: Map<string, ListedLetter["letter"]>[] = [];
  for (const { letter } of page) {
    const free = batches.find((batch) => !batch.has(letter.noticeId));
    if (free === undefined) batches.push(new Map([[letter.noticeId, letter]]));
    else free.set(letter.noticeId, letter);
  }
  return batches.map((batch) => [...batch.values()]);
};
