/**
 * One item's work, from its first try to its outcome.
 *
 * The first try is called plainly: a promise and a shared deadline, no Effect, because an Effect with a timeout and a
 * retry for every item costs more than the rest of the runtime together. Only an item whose first try failed
 * `Transient` enters Effect, where the schedule, the sleeps between tries and the interruption live.
 *
 * What comes out: the value; a typed failure; or a `Bug` for anything else that was thrown. A timeout is `Transient`
 * where the step is idempotent and `Unconfirmed` where it says that it is not. A try that was given up may still run; it
 * is told by its signal, and the item's credit stays taken until it has really ended.
 */
import { Effect, Exit, Result, Schedule } from "effect";
import type { Transient } from "../../failure.ts";
import { failureOfCause, OneTry, type TryOutcome, type TrySpec } from "./one-try.ts";
import type { DivertedBy, Envelope } from "./rail.ts";
import { mayRetryInPlace, type RetrySchedule } from "./retry-schedule.ts";

export interface AttemptSpec<In, Out> extends TrySpec<In, Out> {
  readonly retry: RetrySchedule | null;
}

/** For health and for listeners; another try follows. */
export const noteRetry = (stage: string, { ticket }: Envelope<unknown>, failure: DivertedBy): void => {
  ticket.waiting = `retry after ${failure._tag}: ${failure.message}`;
  if (!ticket.host.events.heard) return;
  const { record } = ticket;
  ticket.host.events.emit({ type: "item:retry:begin", record, stage, failure: failure.message });
};

/** The retries of an item whose first try failed: here, and only here, its work is an Effect. */
const retried = <In, Out>(
  spec: AttemptSpec<In, Out>,
  retry: RetrySchedule,
  envelope: Envelope<In>,
  first: Transient,
): Effect.Effect<Out, DivertedBy> => {
  let known: Transient | null = first;
  const next = Effect.suspend((): Effect.Effect<Out, DivertedBy> => {
    if (known !== null) {
      const failure = known;
      known = null;
      return Effect.fail(failure);
    }
    envelope.ticket.waiting = null;
    return Effect.callback<Out, DivertedBy>((resume) => {
      const answered = (outcome: TryOutcome<Out>): void => {
        resume(Effect.fromResult(outcome));
      };
      new OneTry(spec, envelope, answered, null).begin();
    });
  });
  // Noted by the schedule: it alone knows whether another try follows.
  const schedule = Schedule.tap(retry.schedule, ({ input }) =>
    Effect.sync(() => {
      noteRetry(spec.stage, envelope, input);
    }),
  );
  return Effect.retry(next, { schedule });
};

/**
 * Runs the work of one item after the other to its outcome. `settle` is called once for each, with whatever was given
 * along with the item; at once for work that answers at once. One function for all items, because one for each would
 * live as long as the item does.
 */
export const attempts = <In, Out, Token>(
  spec: AttemptSpec<In, Out>,
  settle: (outcome: TryOutcome<Out>, envelope: Envelope<In>, token: Token) => void,
): ((envelope: Envelope<In>, token: Token) => void) => {
  const { retry } = spec;
  const answered: typeof settle = (outcome, envelope, token) => {
    const { host, isOpen } = envelope.ticket;
    if (Result.isSuccess(outcome) || retry === null || host.isOver || !isOpen) {
      settle(outcome, envelope, token);
      return;
    }
    const failure = outcome.failure;
    if (!mayRetryInPlace(failure, retry.capMs)) {
      settle(outcome, envelope, token);
      return;
    }
    host.fork(retried(spec, retry, envelope, failure)).addObserver((exit) => {
      const last = Exit.isSuccess(exit)
        ? Result.succeed(exit.value)
        : Result.fail(failureOfCause(exit.cause, spec.stage, spec.isIdempotent));
      settle(last, envelope, token);
    });
  };
  return (envelope, token) => {
    new OneTry(spec, envelope, answered, token).begin();
  };
};
