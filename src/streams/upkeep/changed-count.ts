/**
 * How many of a batch the ledger has moved. Whatever else it answers is no trouble of a duty's: another process was first, or it is not
 * the time yet, and whoever still needs help is found again.
 */
import { Result } from "effect";
import type { Answer, ItemAnswer } from "../../domain/ports/notice-ledger.ts";

export const changedCount = (answers: readonly ItemAnswer<Answer>[]): number =>
  answers.filter((answer) => Result.isSuccess(answer) && answer.success.verdict === "won").length;
