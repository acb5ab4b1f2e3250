/**
 * What the ledger is told when nobody waits for its answer any more: a delivery closes, or has given something up. In statements of a
 * bounded size, each tried for some seconds; what cannot be told in that time upkeep finds by itself.
 */
import { Effect, Result, Schedule } from "effect";
import type { CommandOf, CommandType } from "../../domain/lifecycle/commands.ts";
import type { NoticeLedger } from "../../domain/ports/notice-ledger.ts";
import { type Failure, Transient } from "../../failure.ts";

const MOST_IN_A_STATEMENT = 500;
/** Beside the first one, where the ledger does not answer. */
const TRIES_MORE = 20;
const BETWEEN_TRIES_MS = 200;
/** For all of it: whoever ends a process must not wait for a ledger that is away. */
const MOST_MS = 10_000;

export const inStatements = <A>(all: readonly A[]): readonly (readonly A[])[] =>
  Array.from({ length: Math.ceil(all.length / MOST_IN_A_STATEMENT) }, (_, at) =>
    all.slice(at * MOST_IN_A_STATEMENT, (at + 1) * MOST_IN_A_STATEMENT),
  );

/** All of it is tried while there is time, whatever became of the part before; fails with the first failure that stayed. */
export const toldAtTheEnd = <T extends CommandType>(
  ledger: Pick<NoticeLedger, "apply">,
  type: T,
  commands: readonly CommandOf<T>[],
): Effect.Effect<void, Failure> => {
  const once = (batch: readonly CommandOf<T>[]): Effect.Effect<void, Failure> =>
    Effect.flatMap(ledger.apply(type, batch), (answers): Effect.Effect<void, Failure> => {
      for (const answer of answers) if (Result.isFailure(answer)) return Effect.fail(answer.failure);
      return Effect.void;
    });
  const told = inStatements(commands).map((batch) =>
    Effect.retry(once(batch), {
      schedule: Schedule.spaced(BETWEEN_TRIES_MS),
      times: TRIES_MORE,
      while: ({ _tag }: Failure) => _tag !== "Permanent",
    }),
  );
  const all = Effect.flatMap(Effect.forEach(told, Effect.result), (results) =>
    Effect.forEach(results, Effect.fromResult, { discard: true }),
  );
  return Effect.timeoutOrElse(apart(all), {
    duration: MOST_MS,
    orElse: () =>
      Effect.fail(
        new Transient({
          message: `telling the ledger of ${commands.length} (${type}): not done within ${MOST_MS} ms; upkeep finds what is left`,
          code: "timeout",
        }),
      ),
  });
};

/** In a fiber of its own, told to stop and not waited for: a ledger's statement runs to its end, whoever has stopped waiting for it. */
const apart = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.flatMap(Effect.context<never>(), (context) =>
    Effect.callback<A, E>((resume) => {
      const fiber = Effect.runForkWith(context)(effect);
      fiber.addObserver(resume);
      return Effect.sync(() => {
        fiber.interruptUnsafe();
      });
    }),
  );
