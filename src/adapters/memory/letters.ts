/**
 * The memory ledger's dead letters. Which have been told is known here alone: one `Letters` a ledger.
 */
import { Effect } from "effect";
import type { Permanent } from "../../failure.ts";
import { stageOf, type DeadLetter } from "../../domain/dead-letter.ts";
import type { Instant } from "../../domain/ids.ts";
import type { NoticeView } from "../../domain/lifecycle/rule.ts";
import {
  RETOLD_AFTER_MS,
  type Letter,
  type LetterAnswer,
  type LetterName,
  type Letters,
} from "../../domain/ports/letters.ts";
import { twice } from "./digestible.ts";
import { byTime, type MemoryLedger } from "./notice-ledger.ts";

const nameOf = ({ period, noticeId, kind, epoch }: LetterName): string =>
  JSON.stringify([period, noticeId, kind, epoch]);

const cursorOf = ({ openedAt, noticeId }: Pick<DeadLetter, "openedAt" | "noticeId">) => ({
  at: openedAt,
  noticeId,
});

const fullLetterOf = ({ notice, attempts }: NoticeView, letter: DeadLetter): Letter => {
  const its = attempts.filter(
    ({ generation, intentAt }) => generation === letter.generation && intentAt <= letter.openedAt,
  );
  return {
    ...letter,
    channel: its.find(({ attemptId }) => attemptId === letter.attemptId)?.channel ?? notice.channel,
    runId: notice.runId,
    stage: stageOf(letter.reason),
    attempts: its.length,
    firstTriedAt: its[0]?.intentAt ?? null,
    lastTriedAt: its.at(-1)?.intentAt ?? null,
  };
};

/** The dead letters of that ledger. */
export const memoryLetters = (ledger: MemoryLedger): Letters => {
  /** When the line is owed again; empty: it has been told. What is not here has not been looked at yet. */
  const tellAt = new Map<string, Instant | null>();

  const letters = (): readonly Letter[] =>
    ledger
      .notices()
      .flatMap((view) => view.deadLetters.map((letter) => fullLetterOf(view, letter)))
      .sort((a, b) => byTime(cursorOf(a), cursorOf(b)) || a.epoch - b.epoch);

  const discardOne = (name: LetterName): LetterAnswer => {
    const letter = letters().find((each) => nameOf(each) === nameOf(name));
    if (letter === undefined) return { verdict: "gone", because: "unknown letter" };
    if (letter.state === "discarded") return { verdict: "already-mine", because: "letter.already-mine" };
    if (letter.kind === "doubt") return { verdict: "lost", because: "letter.kind" };
    if (letter.state !== "open") return { verdict: "lost", because: "letter.state" };
    ledger.discardLetter(name);
    return { verdict: "won", because: null };
  };

  return {
    untold: (limit) =>
      Effect.map(ledger.now, (now) => {
        const owed = letters()
          .filter((letter) => {
            const at = tellAt.get(nameOf(letter));
            return at === undefined || (at !== null && at <= now);
          })
          .slice(0, limit);
        for (const letter of owed) tellAt.set(nameOf(letter), (now + RETOLD_AFTER_MS) as Instant); // a sum of an instant
        return owed;
      }),

    untoldCount: Effect.sync(() => letters().filter((letter) => tellAt.get(nameOf(letter)) !== null).length),

    told: (batch) =>
      Effect.sync(() => {
        for (const name of batch) tellAt.set(nameOf(name), null);
      }),

    dueForResend: ({ afterMs, maxGenerations }, limit, after) =>
      Effect.map(ledger.now, (now) => {
        const waiting = new Set(
          ledger
            .notices()
            .filter(
              ({ notice }) =>
                notice.status === "failed" && now < notice.expiresAt && notice.holdReason !== "contradiction",
            )
            .map(({ notice }) => `${notice.noticeId} ${notice.generation}`),
        );
        return letters()
          .filter(
            ({ state, kind, openedAt, generation, noticeId }) =>
              state === "open" &&
              kind === "failed" &&
              openedAt <= now - afterMs &&
              generation < maxGenerations &&
              waiting.has(`${noticeId} ${generation}`),
          )
          .filter((letter) => after === undefined || byTime(cursorOf(letter), cursorOf(after)) > 0)
          .slice(0, limit);
      }),

    // Who and why is noted where it lasts; here it would end with the program.
    discard: (batch) =>
      Effect.suspend((): Effect.Effect<readonly LetterAnswer[], Permanent> => {
        const refused = twice(batch);
        return refused === undefined ? Effect.succeed(batch.map(discardOne)) : Effect.fail(refused);
      }),
  };
};
