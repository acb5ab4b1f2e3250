/**
 * One call of an item's work: what it is given to look at, its deadline, its one answer, and its true end, which may
 * come later than the answer when the deadline has passed it.
 *
 * One object for all of that, because there are as many of them as items in flight.
 */
import { Cause, Effect, Exit, type Fiber, Result } from "effect";
import { type Failure, isFailure, Transient, Unconfirmed } from "../../failure.ts";
import { Deadlines, type Timed } from "./deadlines.ts";
import { Bug, type DivertedBy, type Envelope } from "./rail.ts";
import { NOWHERE } from "./roll.ts";
import type { Host } from "./ticket.ts";

/** What a stage's work is given to look at besides the body. */
export interface WorkContext {
  readonly key: string;
  /** Counts from 1, over deliveries of the record. */
  readonly attempt: number;
  readonly trace: string | null;
  /** Aborted when the try's time is up or the pipeline gives up. */
  readonly signal: AbortSignal;
}

/** The work of a `stage`: it answers at once, with a promise or with an effect. */
export type Work<In, Out> = (
  body: In,
  context: WorkContext,
) => Out | PromiseLike<Out> | Effect.Effect<Out, Failure>;

export interface TrySpec<In, Out> {
  readonly stage: string;
  readonly work: Work<In, Out>;
  readonly isIdempotent: boolean;
  readonly timeoutMs: number;
  /** A stage's deadlines, apart for each life: one stage may serve several pipelines, each with its own clock and end. */
  readonly deadlines: WeakMap<Host["work"], Deadlines>;
}

export type TryOutcome<Out> = Result.Result<Out, DivertedBy>;

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";

export const failureOf = (error: unknown, isIdempotent: boolean): DivertedBy =>
  isFailure(error) ? error : new Bug(error, !isIdempotent);

/** It may have begun; whether that matters is the step's to say. */
const unanswered = (isIdempotent: boolean, code: string, message: string): Failure =>
  isIdempotent ? new Transient({ message, code }) : new Unconfirmed({ message, code });

export const timedOut = (stage: string, what: string, timeoutMs: number, isIdempotent: boolean): Failure =>
  unanswered(isIdempotent, "timeout", `${stage}: no answer for ${what} within ${timeoutMs} ms`);

/** A failed effect's reason. An interruption is the runtime's own doing: what it cut off is not known to have failed. */
export const failureOfCause = (
  cause: Cause.Cause<unknown>,
  stage: string,
  isIdempotent: boolean,
): DivertedBy => {
  const typed = Cause.findError(cause);
  if (Result.isSuccess(typed)) return failureOf(typed.success, isIdempotent);
  if (!Cause.hasInterruptsOnly(cause)) return failureOf(Cause.squash(cause), isIdempotent);
  return unanswered(isIdempotent, "interrupted", `${stage}: interrupted`);
};

const deadlinesOf = ({ deadlines, timeoutMs }: TrySpec<never, unknown>, { work, ports }: Host): Deadlines => {
  let found = deadlines.get(work);
  if (found === undefined) {
    found = new Deadlines(ports.clock, timeoutMs);
    deadlines.set(work, found);
    work.time(found);
  }
  return found;
};

interface Followed {
  fulfilled(value: unknown): void;
  threw(error: unknown): void;
}

/**
 * The language's own, as `await` uses it: somebody may have given a promise another `then`, and what that called twice
 * would be taken for the answer of the next item.
 */
// oxlint-disable-next-line typescript/unbound-method -- only ever called with a promise as its `this`
const promiseThen = Promise.prototype.then;

/**
 * What waits for a promise. A native promise calls exactly one of the two, once; after that they wait for the next one.
 * Made for each item they would be two functions and their scope, which live as long as the item does.
 */
class Follower {
  #followed: Followed | null = null;

  follow(promise: Promise<unknown>, followed: Followed): void {
    this.#followed = followed;
    // oxlint-disable-next-line typescript/no-floating-promises -- a rejection is taken here, too
    promiseThen.call(promise, this.#fulfilled, this.#rejected);
  }

  readonly #fulfilled = (value: unknown): void => {
    this.#letGo()?.fulfilled(value);
  };

  readonly #rejected = (error: unknown): void => {
    this.#letGo()?.threw(error);
  };

  #letGo(): Followed | null {
    const followed = this.#followed;
    this.#followed = null;
    if (idleFollowers.length < MOST_IDLE_FOLLOWERS) idleFollowers.push(this);
    return followed;
  }
}

/** About 200 bytes each. */
const MOST_IDLE_FOLLOWERS = 10_000;
const idleFollowers: Follower[] = [];

export class OneTry<In, Out, Token> implements WorkContext, Timed, Followed {
  readonly #spec: TrySpec<In, Out>;
  readonly #envelope: Envelope<In>;
  readonly #answered: (outcome: TryOutcome<Out>, envelope: Envelope<In>, token: Token) => void;
  readonly #token: Token;
  #isAnswered = false;
  #deadlines: Deadlines | null = null;
  #fiber: Fiber.Fiber<Out, Failure> | null = null;
  #controller: AbortController | null = null;
  atMs = 0;
  place = NOWHERE;

  /** `answered` is called once, with what it is given here: it needs no scope of its own for each try. */
  constructor(
    spec: TrySpec<In, Out>,
    envelope: Envelope<In>,
    answered: (outcome: TryOutcome<Out>, envelope: Envelope<In>, token: Token) => void,
    token: Token,
  ) {
    this.#spec = spec;
    this.#envelope = envelope;
    this.#answered = answered;
    this.#token = token;
  }

  get key(): string {
    return this.#envelope.key;
  }

  get attempt(): number {
    return this.#envelope.attempt;
  }

  get trace(): string | null {
    return this.#envelope.trace;
  }

  /** Made only when the work asks for it. */
  get signal(): AbortSignal {
    if (this.#controller !== null) return this.#controller.signal;
    const controller = new AbortController();
    this.#controller = controller;
    if (this.#isAnswered) controller.abort();
    else this.#envelope.ticket.host.work.watch(controller);
    return controller.signal;
  }

  begin(): void {
    const { work, timeoutMs } = this.#spec;
    const { ticket, body } = this.#envelope;
    ticket.tryBegan();
    let returned: Out | PromiseLike<Out> | Effect.Effect<Out, Failure>;
    let promise: Promise<Out> | null = null;
    try {
      returned = work(body, this);
      // somebody's own thenable may throw, or answer twice: a promise makes one answer of it
      if (!Effect.isEffect(returned) && isThenable(returned)) promise = Promise.resolve(returned);
    } catch (error) {
      this.threw(error);
      return;
    }
    if (promise !== null) {
      (idleFollowers.pop() ?? new Follower()).follow(promise, this);
    } else if (Effect.isEffect(returned)) {
      this.#follow(ticket.host.fork(returned));
    } else {
      this.fulfilled(returned as Out); // neither an effect nor a promise
      return;
    }
    if (timeoutMs === Infinity || this.#isAnswered) return;
    this.#deadlines = deadlinesOf(this.#spec, ticket.host);
    this.#deadlines.set(this);
  }

  /** What the work came to. */
  fulfilled(value: Out): void {
    this.#end(Result.succeed(value));
  }

  threw(error: unknown): void {
    this.#end(Result.fail(failureOf(error, this.#spec.isIdempotent)));
  }

  /** Its time is up. The answer goes first: an effect that is interrupted may end at once, and would answer that. */
  passed(): void {
    const { stage, timeoutMs, isIdempotent } = this.#spec;
    this.#answer(Result.fail(timedOut(stage, this.#envelope.ticket.record, timeoutMs, isIdempotent)));
    this.#controller?.abort();
    this.#fiber?.interruptUnsafe();
  }

  #follow(fiber: Fiber.Fiber<Out, Failure>): void {
    this.#fiber = fiber;
    fiber.addObserver((exit) => {
      if (this.#isAnswered && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)) {
        this.#ended(); // as it was told to
        return;
      }
      this.#end(
        Exit.isSuccess(exit)
          ? Result.succeed(exit.value)
          : Result.fail(failureOfCause(exit.cause, this.#spec.stage, this.#spec.isIdempotent)),
      );
    });
  }

  #answer(outcome: TryOutcome<Out>): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#deadlines?.clear(this);
    this.#answered(outcome, this.#envelope, this.#token);
  }

  /** The answer goes first: what it settles must find the try still counted, or a lane would open too early. */
  #end(outcome: TryOutcome<Out>): void {
    if (this.#isAnswered) this.#tellOfLate(outcome);
    else this.#answer(outcome);
    this.#ended();
  }

  /** What was counted as a timeout has an outcome after all; whoever must know whether it happened can listen. */
  #tellOfLate(outcome: TryOutcome<Out>): void {
    const { host, record } = this.#envelope.ticket;
    if (!host.events.heard) return;
    host.events.emit({
      type: "item:late-answer:seen",
      record,
      stage: this.#spec.stage,
      answer: Result.isSuccess(outcome) ? "value" : outcome.failure._tag,
      lateMs: host.ports.clock.monotonicMs() - this.atMs,
    });
  }

  #ended(): void {
    const { ticket } = this.#envelope;
    if (this.#controller !== null) ticket.host.work.unwatch(this.#controller);
    ticket.tryEnded();
  }
}
