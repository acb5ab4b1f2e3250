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
import { Cause, Effect, Exit, type Fiber, Result } from "effect";
import { type Failure, isFailure, Transient, Unconfirmed } from "../../failure.ts";
import { Deadlines } from "./deadlines.ts";
import type { Host } from "./ticket.ts";
import { Bug, type DivertedBy, type Envelope } from "./rail.ts";
import { mayRetryInPlace, type RetrySchedule } from "./retry-schedule.ts";
import type { Clock } from "./system-ports.ts";

export interface WorkContext {
  readonly key: string;
  /** Counts from 1, over deliveries of the record. */
  readonly attempt: number;
  readonly trace: string | null;
  /** Aborted when the try's time is up or the pipeline gives up. */
  readonly signal: AbortSignal;
}

export type Work<In, Out> = (
  body: In,
  context: WorkContext,
) => Out | PromiseLike<Out> | Effect.Effect<Out, Failure>;

export interface AttemptSpec<In, Out> {
  readonly stage: string;
  readonly work: Work<In, Out>;
  readonly isIdempotent: boolean;
  readonly timeoutMs: number;
  readonly retry: RetrySchedule | null;
  readonly deadlines: DeadlinesByClock;
}

export type AttemptOutcome<Out> = Result.Result<Out, DivertedBy>;

/** A stage's deadlines, apart for each clock: one stage may serve pipelines that live by different ones. */
export class DeadlinesByClock {
  readonly #lengthMs: number;
  readonly #byClock = new WeakMap<Clock, Deadlines>();

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  of(clock: Clock): Deadlines {
    let deadlines = this.#byClock.get(clock);
    if (deadlines === undefined) {
      deadlines = new Deadlines(clock, this.#lengthMs);
      this.#byClock.set(clock, deadlines);
    }
    return deadlines;
  }
}

/** The signal is made only when the work asks for it. */
class TryContext implements WorkContext {
  readonly key: string;
  readonly attempt: number;
  readonly trace: string | null;
  readonly #host: Host;
  #controller: AbortController | null = null;
  #isAborted = false;
  #forward: (() => void) | null = null;

  constructor(envelope: Envelope<unknown>) {
    this.key = envelope.key;
    this.attempt = envelope.attempt;
    this.trace = envelope.trace;
    this.#host = envelope.ticket.host;
  }

  get signal(): AbortSignal {
    if (this.#controller !== null) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.#isAborted || this.#host.signal.aborted) controller.abort();
    else {
      this.#forward = () => {
        controller.abort();
      };
      this.#host.signal.addEventListener("abort", this.#forward, { once: true });
    }
    return controller.signal;
  }

  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort();
  }

  ended(): void {
    if (this.#forward !== null) this.#host.signal.removeEventListener("abort", this.#forward);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

export const failureOf = (error: unknown, isIdempotent: boolean): DivertedBy =>
  isFailure(error) ? error : new Bug(error, !isIdempotent);

/** A failed effect's reason; an interruption is the runtime's own doing, so what it cut off is not known to have failed. */
export const failureOfCause = (
  cause: Cause.Cause<unknown>,
  stage: string,
  isIdempotent: boolean,
): DivertedBy => {
  const typed = Cause.findError(cause);
  if (Result.isSuccess(typed)) return failureOf(typed.success, isIdempotent);
  if (!Cause.hasInterruptsOnly(cause)) return failureOf(Cause.squash(cause), isIdempotent);
  return interrupted(stage, isIdempotent);
};

const interrupted = (stage: string, isIdempotent: boolean): Failure => {
  const message = `${stage}: interrupted`;
  return isIdempotent
    ? new Transient({ message, code: "interrupted" })
    : new Unconfirmed({ message, code: "interrupted" });
};

const timedOut = (spec: AttemptSpec<never, unknown>, record: string): Failure => {
  const message = `${spec.stage}: no answer for ${record} within ${spec.timeoutMs} ms`;
  return spec.isIdempotent
    ? new Transient({ message, code: "timeout" })
    : new Unconfirmed({ message, code: "timeout" });
};

/** One try. `settle` is called once; the try's true end, which may come later, is told to the ticket. */
const tryOnce = <In, Out>(
  spec: AttemptSpec<In, Out>,
  envelope: Envelope<In>,
  settle: (outcome: AttemptOutcome<Out>) => void,
): void => {
  const { ticket } = envelope;
  const { host } = ticket;
  const context = new TryContext(envelope);
  const deadlines = spec.timeoutMs === Infinity ? null : spec.deadlines.of(host.ports.clock);
  let isSettled = false;
  let fiber: Fiber.Fiber<Out, Failure> | null = null;
  ticket.tryBegan();
  const deadline =
    deadlines?.set(() => {
      context.abort();
      fiber?.interruptUnsafe();
      answer(Result.fail(timedOut(spec, ticket.record)));
    }) ?? null;

  const answer = (outcome: AttemptOutcome<Out>): void => {
    if (isSettled) return;
    isSettled = true;
    if (deadline !== null) deadlines?.clear(deadline);
    settle(outcome);
  };
  /** The answer goes first: what it settles must find the try still counted, or a lane would open too early. */
  const end = (outcome: AttemptOutcome<Out>): void => {
    answer(outcome);
    context.ended();
    ticket.tryEnded();
  };

  let returned: Out | PromiseLike<Out> | Effect.Effect<Out, Failure>;
  try {
    returned = spec.work(envelope.body, context);
  } catch (error) {
    end(Result.fail(failureOf(error, spec.isIdempotent)));
    return;
  }
  if (Effect.isEffect(returned)) {
    // what `work` may return as an effect is this and nothing else
    fiber = host.fork(returned as Effect.Effect<Out, Failure>);
    fiber.addObserver((exit) => {
      end(
        Exit.isSuccess(exit)
          ? Result.succeed(exit.value)
          : Result.fail(failureOfCause(exit.cause, spec.stage, spec.isIdempotent)),
      );
    });
  } else if (isThenable(returned)) {
    returned.then(
      (value) => {
        end(Result.succeed(value));
      },
      (error: unknown) => {
        end(Result.fail(failureOf(error, spec.isIdempotent)));
      },
    );
  } else {
    end(Result.succeed(returned));
  }
};

/** The retries of an item whose first try failed: here, and only here, its work is an Effect. */
const retried = <In, Out>(
  spec: AttemptSpec<In, Out>,
  retry: RetrySchedule,
  envelope: Envelope<In>,
  first: Transient,
): Effect.Effect<Out, DivertedBy> => {
  const { ticket } = envelope;
  let known: Transient | null = first;
  const next = Effect.suspend((): Effect.Effect<Out, DivertedBy> => {
    if (known !== null) {
      const failure = known;
      known = null;
      return Effect.fail(failure);
    }
    ticket.waiting = null;
    return Effect.callback<Out, DivertedBy>((resume) => {
      tryOnce(spec, envelope, (outcome) => {
        resume(Effect.fromResult(outcome));
      });
    });
  });
  const observed = next.pipe(
    Effect.tapError((failure) =>
      Effect.sync(() => {
        ticket.waiting = `retry after ${failure._tag}: ${failure.message}`;
        if (ticket.host.events.heard) {
          ticket.host.events.emit({
            type: "item:retry:begin",
            record: ticket.record,
            stage: spec.stage,
            failure: failure.message,
          });
        }
      }),
    ),
  );
  return observed.pipe(
    Effect.retry({
      schedule: retry.schedule,
      while: (failure) => mayRetryInPlace(failure, retry.capMs),
    }),
  );
};

/** Runs the work to its outcome. `settle` is called once, at once for work that answers at once. */
export const runAttempt = <In, Out>(
  spec: AttemptSpec<In, Out>,
  envelope: Envelope<In>,
  settle: (outcome: AttemptOutcome<Out>) => void,
): void => {
  tryOnce(spec, envelope, (outcome) => {
    const { retry } = spec;
    if (Result.isSuccess(outcome) || retry === null || envelope.ticket.host.isOver) {
      settle(outcome);
      return;
    }
    const failure = outcome.failure;
    if (failure._tag !== "Transient" || !mayRetryInPlace(failure, retry.capMs)) {
      settle(outcome);
      return;
    }
    const fiber = envelope.ticket.host.fork(retried(spec, retry, envelope, failure));
    fiber.addObserver((exit) => {
      settle(
        Exit.isSuccess(exit)
          ? Result.succeed(exit.value)
          : Result.fail(failureOfCause(exit.cause, spec.stage, spec.isIdempotent)),
      );
    });
  });
};
