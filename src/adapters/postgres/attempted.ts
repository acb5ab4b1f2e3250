/**
 * Work on the database as an Effect: what is thrown comes out as the port's failure, and a bug stays one.
 *
 * It runs to its end whatever its caller does: an interrupted caller must not leave a right to send behind that nobody
 * knows of, nor a connection in the middle of a transaction.
 */
import { Effect } from "effect";
import { isFailure, type Failure } from "../../failure.ts";

export const attempted = <A>(work: () => Promise<A>): Effect.Effect<A, Failure> =>
  Effect.uninterruptible(
    Effect.callback<A, Failure>((resume) => {
      work().then(
        (value) => resume(Effect.succeed(value)),
        (error: unknown) => resume(isFailure(error) ? Effect.fail(error) : Effect.die(error)),
      );
    }),
  );
