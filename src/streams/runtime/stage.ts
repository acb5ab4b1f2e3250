/**
 * `stage` makes one step of a journey: a typed RxJS operator over the rail. It runs `work` on what is on the main track,
 * at most `concurrency` items at once, and lets diversions pass. What `work` returns goes on; a typed failure that is not
 * retried, or not cured by its retries, diverts the item under this stage's name; an unexpected throw diverts that one
 * item as a `Bug`, and many of them stop the pipeline's intake.
 *
 * ```ts
 * items.pipe(stage({ name: "render", work: render }), stage({ name: "send", work: send, idempotent: false }))
 * ```
 *
 * Give `idempotent: false` to a step that must not happen twice: its timeout then is `Unconfirmed`, which nobody retries.
 */
import { Observable, type Observer, type Subscriber } from "rxjs";
import { Result } from "effect";
import { type AttemptSpec, attempts } from "./attempt.ts";
import type { TryOutcome, Work } from "./one-try.ts";
import { type Diversion, divert, type Envelope, onRail, type Rail, whereThrown, withBody } from "./rail.ts";
import { retrySchedule, type RetryPolicy } from "./retry-schedule.ts";
import { type Bank, Slots } from "./slots.ts";

/** The bounds of a stage, each with a default. */
export interface StageLimits {
  /** Items worked on at once. Default 256; the pipeline's window limits it too. */
  readonly concurrency?: number;
  /** For one try. Default 30,000 ms. */
  readonly timeoutMs?: number;
  /** An item that has been here for longer is named by `health()`. Default 60,000 ms. */
  readonly budgetMs?: number;
  /** How `Transient` is retried in place; `false` for not at all. */
  readonly retry?: RetryPolicy | false;
}

/** What a `stage` is made of. */
export interface StageOptions<Name extends string, In, Out> extends StageLimits {
  readonly name: Name;
  readonly work: Work<In, Out>;
  /** May it happen twice? Default true. */
  readonly idempotent?: boolean;
  /** Why everything here has to wait just now (a provider is down), for `health()`; `null` when nothing is known. */
  readonly waiting?: () => string | null;
}

/** By its stage's name each way out of a flow is answered; one whose name is any string would need no answer. */
export type LiteralName<Name extends string> = [OpenName<Name>] extends [never]
  ? unknown
  : { readonly name: "a stage's name must be a literal: by it the compiler knows each way out of a flow" };

/** `string`, and patterns such as `send-${number}`. */
type OpenName<Name extends string> = Name extends string
  ? Readonly<Record<never, never>> extends Readonly<Record<Name, true>>
    ? Name
    : never
  : never;

/** An operator over the rail: takes `In` on the main track, gives `Out`, and adds its own way out. */
export interface Stage<Name extends string, In, Out> {
  <D extends Diversion>(source: Observable<Rail<In, D>>): Observable<Rail<Out, D | Diversion<Name, In>>>;
}

export const DEFAULT_CONCURRENCY = 256;
export const DEFAULT_TIMEOUT_MS = 30_000;
export const DEFAULT_BUDGET_MS = 60_000;

export const atLeastOne = (stage: string, name: string, value: number): number => {
  if (!(value >= 1)) throw new RangeError(`stage ${stage}: ${name} is ${value}: it must be at least 1`);
  return value === Infinity ? Number.MAX_SAFE_INTEGER : Math.floor(value);
};

export const attemptSpec = <In, Out>(options: StageOptions<string, In, Out>): AttemptSpec<In, Out> => {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (!(timeoutMs > 0))
    throw new RangeError(`stage ${options.name}: timeoutMs is ${timeoutMs}: it must be above 0`);
  return {
    stage: options.name,
    work: options.work,
    isIdempotent: options.idempotent ?? true,
    timeoutMs,
    retry: options.retry === false ? null : retrySchedule(options.retry ?? {}),
    deadlines: new WeakMap(),
  };
};

/**
 * What an item's outcome means for the rail. Nothing comes out of a life that is over, nor of a bug once the breaker is
 * open: that item is left to its source, unless its work may have happened: nobody may do that again unasked.
 */
export const outcomeOnRail = <Name extends string, In, Out>(
  name: Name,
  envelope: Envelope<In>,
  outcome: TryOutcome<Out>,
): Rail<Out, Diversion<Name, In>> | null => {
  const { host } = envelope.ticket;
  if (Result.isSuccess(outcome)) return onRail(withBody(envelope, outcome.success));
  const { failure } = outcome;
  if (failure._tag === "Bug" && !host.bugFound(name, failure) && !failure.mayHaveHappened) {
    host.handBack(envelope.ticket, `${name} threw while the breaker was open: ${whereThrown(failure.error)}`);
    return null;
  }
  if (host.events.heard) {
    host.events.emit({
      type: "item:divert:done",
      record: envelope.ticket.record,
      stage: name,
      failure: failure._tag,
      message: failure._tag === "Bug" ? whereThrown(failure.error) : failure.message,
    });
  }
  return divert(name, failure, envelope);
};

/**
 * What comes into a stage: what is on the main track is let in, diversions pass. What somebody let through that is no item is
 * the flow's error; thrown from here it would be the process's end.
 */
export const incoming = <In, Out, D extends Diversion>(
  subscriber: Subscriber<Rail<Out, D>>,
  letIn: (envelope: Envelope<In>) => void,
  close: () => void,
): Observer<Rail<In, D>> => ({
  next: (rail) => {
    try {
      if (Result.isSuccess(rail)) letIn(rail.success);
      else subscriber.next(Result.fail(rail.failure));
    } catch (error) {
      subscriber.error(error);
    }
  },
  error: (error: unknown) => {
    subscriber.error(error);
  },
  complete: close,
});

/** One step of a journey: runs its work on what is on the main track and lets diversions pass. */
export const stage = <const Name extends string, In, Out>(
  options: StageOptions<Name, In, Out> & LiteralName<Name>,
): Stage<Name, In, Out> => {
  const { name }: StageOptions<Name, In, Out> = options;
  const concurrency = atLeastOne(name, "concurrency", options.concurrency ?? DEFAULT_CONCURRENCY);
  const budgetMs = options.budgetMs ?? DEFAULT_BUDGET_MS;
  const waiting = options.waiting ?? null;
  const spec = attemptSpec(options);

  return <D extends Diversion>(source: Observable<Rail<In, D>>) =>
    new Observable<Rail<Out, D | Diversion<Name, In>>>((subscriber) => {
      type Leaving = Rail<Out, D | Diversion<Name, In>>;
      const work = attempts<In, Out, Bank<Leaving>>(spec, (outcome, envelope, bank) => {
        envelope.ticket.leave();
        // of a record that is settled already it goes on, to where somebody says that it came twice
        slots.ended(bank, envelope.ticket.isGivenUp ? null : outcomeOnRail(name, envelope, outcome));
      });
      const slots = new Slots<Envelope<In>, Leaving>({ width: concurrency, work }, subscriber);
      const letIn = (envelope: Envelope<In>): void => {
        envelope.ticket.enter(name, budgetMs, waiting);
        slots.push(envelope);
      };
      const subscription = source.subscribe(
        incoming<In, Out, D | Diversion<Name, In>>(subscriber, letIn, () => {
          slots.close();
        }),
      );
      return () => {
        subscription.unsubscribe();
        for (const { ticket } of slots.stop()) ticket.leave();
      };
    });
};
