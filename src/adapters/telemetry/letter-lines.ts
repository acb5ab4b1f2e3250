/**
 * One line for each dead letter and each doubt, by ids: who is meant is found in the ledger, by who may look there.
 *
 * It is the relay's `tell`: it answers for each letter whether its line was written, and one that could not be told is told again.
 * So a line may come twice (same notice, epoch and kind), and none is missing.
 */
import { Effect, Result } from "effect";
import type { Letter } from "../../domain/ports/letters.ts";
import { Transient } from "../../failure.ts";
import { type Log, logWord } from "./log.ts";

export const letterLines =
  (log: Log, alsoTo: (letter: Letter) => void = () => undefined) =>
  (letters: readonly Letter[]): Effect.Effect<readonly Result.Result<void, Transient>[]> =>
    Effect.sync(() =>
      letters.map((letter) =>
        Result.try({
          try: () => {
            write(log, letter);
            alsoTo(letter);
          },
          catch: (cause) =>
            new Transient({
              message: `logging the ${letter.kind} letter of ${letter.noticeId}`,
              code: "log",
              cause,
            }),
        }),
      ),
    );

const write = (log: Log, letter: Letter): void => {
  const { noticeId, period, generation, epoch, attemptId, channel, runId, attempts, openedAt } = letter;
  const { stage, reason, firstTriedAt, lastTriedAt } = letter;
  const fields = {
    ...{ noticeId, period, generation, epoch, attemptId, channel, runId, attempts, openedAt },
    ...{ firstTriedAt, lastTriedAt },
    stage: stage === null ? null : logWord(stage),
    reason: logWord(reason),
  };
  if (letter.kind === "doubt") log.write("warn", "doubt:open:done", fields);
  else log.write("error", "letter:open:done", fields);
};
