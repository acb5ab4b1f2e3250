/**
 * Dead letters: a line in the log, and a copy in the topic. The line comes first, because it must not wait for brokers, and is
 * remembered until the topic has taken the copy, so that it does not come again with each try. A letter is told when both have it.
 */
import { Effect, Result } from "effect";
import { deadLetterWire } from "../../adapters/kafka/record-wire.ts";
import type { WireRecord } from "../../adapters/kafka/log-message.ts";
import type { Letter } from "../../domain/ports/letters.ts";
import { letterId } from "../../domain/records/dead-letter-record.ts";
import type { Publisher } from "../../streams/runtime/publisher.ts";
import type { TellPage } from "../../streams/upkeep/relay.ts";
import { publishPage, type Told, UNANSWERED } from "./publish-page.ts";

export interface TellLettersOptions {
  readonly out: Publisher<WireRecord>;
  readonly topic: string;
  readonly lines: TellPage<Letter>;
  /** Lines that were written while the topic did not take the copy; beyond it the oldest come again. Default 20,000. */
  readonly rememberedCount?: number;
}

export const tellLetters = (options: TellLettersOptions): TellPage<Letter> => {
  const { topic, lines, rememberedCount = 20_000 } = options;
  const written = new Set<string>();

  const remember = (letter: Letter): void => {
    written.add(letterId(letter));
    for (const oldest of written) {
      if (written.size <= rememberedCount) return;
      written.delete(oldest);
    }
  };

  /** Those whose line is still owed. */
  const writeLines = (page: readonly Letter[]) =>
    Effect.gen(function* () {
      const owed = page.filter((letter) => !written.has(letterId(letter)));
      const answers = owed.length === 0 ? [] : yield* lines(owed);
      const failed = new Map<Letter, Told>();
      owed.forEach((letter, at) => {
        const answer = answers[at] ?? UNANSWERED;
        if (Result.isSuccess(answer)) remember(letter);
        else failed.set(letter, answer);
      });
      return failed;
    });

  return (page) =>
    Effect.gen(function* () {
      const unwritten = yield* writeLines(page);
      const copies = yield* publishPage(
        options.out,
        page.map((letter) => deadLetterWire(letter, topic)),
      );
      return page.map((letter, at): Told => {
        const copy = copies[at] ?? UNANSWERED;
        if (Result.isFailure(copy)) return copy;
        // a line that is owed still is written with the next try, and the copy is repeated
        const line = unwritten.get(letter);
        if (line === undefined) written.delete(letterId(letter));
        return line ?? copy;
      });
    });
};
