/**
 * Gives up every failure whose dead letter fits a filter, page by page. It may be stopped and begun again: what was given up
 * fits no more. What somebody replays at the same moment is not given up: the ledger's lock decides who was first.
 */
import { Effect } from "effect";
import type { LedgerReports, ListedLetter } from "../domain/ports/ledger-reports.ts";
import type { LetterAnswer, Letters } from "../domain/ports/letters.ts";
import { decidable, decideLetters, type LetterOrder } from "./decide-letters.ts";

export interface DiscardOrder extends LetterOrder {
  /** Why, in words; kept with it. */
  readonly because: string;
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
export const discardable = decidable;

export const discardLetters = async (
  { reports, letters }: Ports,
  { because, ...order }: DiscardOrder,
  onProgress: (done: number) => void,
): Promise<Discarded> => {
  const discard = async (batch: readonly ListedLetter["letter"][]): Promise<readonly (string | null)[]> =>
    (await Effect.runPromise(letters.discard(batch, order.actor, because))).map(whyNot);
  const { done, refused } = await decideLetters({
    ...{ ...order, reports, onProgress },
    decide: async (page) => {
      const answers: (string | null)[] = [];
      for (const batch of eachNoticeOnce(page)) answers.push(...(await discard(batch)));
      return answers;
    },
  });
  return { discarded: done, refused };
};

const whyNot = ({ verdict, because }: LetterAnswer): string | null =>
  verdict === "won" || verdict === "already-mine" ? null : (because ?? verdict);

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
