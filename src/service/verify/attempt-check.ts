/**
 * S7 and S12, attempt by attempt: its state is the one that the history's lines about it lead to, forward only; and one that
 * counts as settled says by which evidence.
 */
import type { Attempt, AttemptState } from "../../domain/attempt.ts";
import type { HistoryEntry } from "../../domain/lifecycle/rule.ts";
import { NOTHING, type Check, type Finding } from "./check.ts";
import { isContradiction } from "./table-paths.ts";

type Told = "intent" | "in_doubt" | "accepted" | "closed";

const AFTER: Readonly<Partial<Record<HistoryEntry["transition"], Told>>> = {
  T6: "intent",
  T8: "accepted",
  T9: "closed",
  T10: "in_doubt",
  T11: "in_doubt",
  T12: "closed",
};

const STANDS_FOR: Readonly<Record<AttemptState, Told>> = {
  intent: "intent",
  in_doubt: "in_doubt",
  accepted: "accepted",
  rejected: "closed",
  not_handed_over: "closed",
};

const told = (history: readonly HistoryEntry[], attempt: Attempt): Told | undefined => {
  let state: Told | undefined;
  for (const line of history) {
    if (line.attemptId === attempt.attemptId && !isContradiction(line))
      state = AFTER[line.transition] ?? state;
  }
  return state;
};

export const checkAttempts: Check = ({ record: { attempts, history } }) => {
  if (attempts.length === 0) return NOTHING;
  const found: Finding[] = [];
  for (const attempt of attempts) {
    const { attemptId, state } = attempt;
    const expected = told(history, attempt);
    // Without any line it is another check's finding.
    if (expected !== undefined && expected !== STANDS_FOR[state]) {
      const isAboutAcceptance = expected === "accepted" || state === "accepted";
      found.push({
        invariant: isAboutAcceptance ? "S7" : "S5",
        words: `attempt ${attemptId} is ${state}, and its history leaves it ${expected}`,
      });
    }
    if (STANDS_FOR[state] === "closed" && attempt.evidence === null)
      found.push({ invariant: "S12", words: `attempt ${attemptId} is ${state}, by no evidence` });
    if (state === "accepted" && (attempt.evidence === null || attempt.providerMessageId === null))
      found.push({ invariant: "S7", words: `attempt ${attemptId} is accepted, by no evidence` });
    if (attempt.contradiction !== null) {
      const before = state === "accepted" ? "accepted under another id" : state;
      found.push({
        invariant: "C2",
        words: `the provider ${attempt.provider} accepted attempt ${attemptId}, which was ${before} before`,
      });
    }
  }
  return found.length === 0 ? NOTHING : found;
};
