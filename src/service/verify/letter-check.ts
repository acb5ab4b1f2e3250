/**
 * S8: each entry into `failed` or `in_doubt` left exactly one dead letter, and there is no other. A doubt's letter is open as
 * long as the doubt, because the reconciler finds the doubt by it; a failure's until an operator has decided.
 */
import type { DeadLetter, DeadLetterKind } from "../../domain/dead-letter.ts";
import type { HistoryEntry } from "../../domain/lifecycle/rule.ts";
import { isFinal } from "../../domain/notice.ts";
import { NOTHING, type Check, type Finding } from "./check.ts";

const kindOf = ({ from, to }: HistoryEntry): DeadLetterKind | null => {
  if (from === to) return null;
  return to === "failed" ? "failed" : to === "in_doubt" ? "doubt" : null;
};

const nameOf = ({ kind, epoch }: Pick<DeadLetter, "kind" | "epoch">): string => `${kind} of epoch ${epoch}`;

export const checkLetters: Check = ({ record: { notice, history, deadLetters } }) => {
  const entries = history.flatMap((line) => {
    const kind = kindOf(line);
    return kind === null
      ? []
      : [{ kind, epoch: line.epoch, generation: line.generation, attemptId: line.attemptId }];
  });
  if (entries.length === 0 && deadLetters.length === 0) return NOTHING;
  const found: Finding[] = [];
  const s8 = (words: string): number => found.push({ invariant: "S8", words });
  const letters = new Map(deadLetters.map((letter) => [nameOf(letter), letter]));
  const entered = new Set<string>();
  for (const entry of entries) {
    const name = nameOf(entry);
    const letter = letters.get(name);
    if (entered.has(name)) s8(`two entries (${name}) share a dead letter`);
    entered.add(name);
    if (letter === undefined) s8(`an entry without its dead letter: ${name}`);
    else if (letter.attemptId !== entry.attemptId) s8(`the dead letter ${name} names another attempt`);
    else if (letter.generation !== entry.generation) s8(`the dead letter ${name} is of another generation`);
  }
  for (const name of letters.keys())
    if (!entered.has(name)) s8(`a dead letter without an entry into its status: ${name}`);
  const openDoubts = deadLetters.filter(({ kind, state }) => kind === "doubt" && state === "open").length;
  const wanted = notice.status === "in_doubt" ? 1 : 0;
  if (openDoubts !== wanted) s8(`${notice.status}, and ${openDoubts} letters of a doubt are open`);
  const isHidden = ({ kind, generation, state }: DeadLetter): boolean =>
    kind === "failed" && generation === notice.generation && state !== "open" && state !== "discarded";
  if (notice.status === "failed" && deadLetters.some(isHidden))
    s8("failed, and its dead letter is closed: nobody would decide about it");
  if (
    deadLetters.some(
      ({ kind, generation, state }) =>
        kind === "failed" && state === "open" && generation < notice.generation,
    )
  )
    s8(`generation ${notice.generation} has begun, and a failure before it is still to be decided about`);
  if (isFinal(notice.status) && deadLetters.some(({ state }) => state === "replaying"))
    s8(`${notice.status}, and a letter says that its replay is under way`);
  return found.length === 0 ? NOTHING : found;
};
