/**
 * Tells of what the ledger owes, a page at once, and marks what was told: dead letters, results, poison records. A crash between the
 * two repeats some, and loses none. What could not be told is handed out again after a while, by its port's own rule; the others of
 * its page go on, and the next page comes after the back-off of its duty.
 */
import { Effect, Result } from "effect";
import type { Failure } from "../../failure.ts";
import { type Duty, NOTHING_FOUND } from "./duty.ts";

/** What somebody is to be told of: `Letters`, `Results`, `PoisonLetters`. */
export interface Outbox<Item> {
  readonly untold: (limit: number) => Effect.Effect<readonly Item[], Failure>;
  readonly told: (batch: readonly Item[]) => Effect.Effect<void, Failure>;
}

/**
 * Tells of a page, and answers for each of it, in order. What is answered as success is durable; may be asked to tell the same again.
 * A failure as a whole means that nothing may be concluded about any of it.
 */
export type TellPage<Item> = (
  page: readonly Item[],
) => Effect.Effect<readonly Result.Result<void, Failure>[], Failure>;

/** What is owed, and who is told of it. */
export interface Relayed<Item> {
  readonly outbox: Outbox<Item>;
  readonly tell: TellPage<Item>;
}

/** @param pageCount at most so many at once, where they did not come about together */
export const relay = <Item>(name: string, { outbox, tell }: Relayed<Item>, pageCount: number): Duty => ({
  name,
  once: Effect.gen(function* () {
    const untold = yield* outbox.untold(pageCount);
    if (untold.length === 0) return NOTHING_FOUND;
    const answers = yield* tell(untold);
    const told = untold.filter((_, at) => {
      const answer = answers[at];
      return answer !== undefined && Result.isSuccess(answer);
    });
    if (told.length > 0) yield* outbox.told(told);
    const failed = answers.find(Result.isFailure);
    if (failed !== undefined) return yield* Effect.fail(failed.failure);
    // a page may be less than full although more is owed
    return { found: untold.length, changed: told.length, more: told.length > 0 };
  }),
});
