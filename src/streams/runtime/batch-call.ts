/**
 * One call of a batch stage, with its retries and its halving. Here everything is an Effect: its cost is shared by the
 * whole batch. Each item's outcome is given as soon as it is known; the call has ended when all of them are.
 */
import { Cause, Effect, type Exit, Result, Schedule } from "effect";
import type { Failure, Transient } from "../../failure.ts";
import { noteRetry } from "./attempt.ts";
import { failureOf, failureOfCause, timedOut, type TryOutcome, type WorkContext } from "./one-try.ts";
import type { Host } from "./ticket.ts";
import { OwnWords } from "./own-words.ts";
import { Bug, type DivertedBy, type DivertedTag, type Envelope, toldOf } from "./rail.ts";
import { mayRetryInPlace, type RetrySchedule } from "./retry-schedule.ts";

/** What a batch's work is given to look at besides the bodies. */
export interface BatchContext extends Pick<WorkContext, "signal"> {
  /** For each body, its key and how often its record was tried. */
  readonly items: readonly { readonly key: string; readonly attempt: number }[];
}

/** Each item's own outcome, in the order in which the items were given. */
export type BatchAnswer<Out> = readonly Result.Result<Out, Failure>[];

/** The work of a `batchStage`: it answers at once, with a promise or with an effect. */
export type BatchWork<In, Out> = (
  bodies: readonly In[],
  context: BatchContext,
) => BatchAnswer<Out> | PromiseLike<BatchAnswer<Out>> | Effect.Effect<BatchAnswer<Out>, Failure>;

export interface BatchCallSpec<In, Out> {
  readonly stage: string;
  readonly work: BatchWork<In, Out>;
  readonly isIdempotent: boolean;
  readonly timeoutMs: number;
  readonly retry: RetrySchedule | null;
}

type Settle<In, Out> = (envelope: Envelope<In>, outcome: TryOutcome<Out>) => void;

interface Unsettled<In> {
  readonly failure: DivertedBy;
  readonly unsettled: readonly Envelope<In>[];
  /** Of items that failed each by itself. */
  readonly own: ReadonlyMap<Envelope<In>, Transient>;
}

/** They are tried again together, so no sooner than any of them may be. */
const mostPatient = (failures: Iterable<Transient>): Transient | undefined => {
  let most: Transient | undefined;
  for (const failure of failures) {
    if ((failure.retryAfterMs ?? 0) >= (most?.retryAfterMs ?? 0)) most = failure;
  }
  return most;
};

/** It says something about the data, so one of the items may be to blame. */
const isAboutData = (failure: DivertedBy): boolean =>
  failure._tag === "Permanent" || failure._tag === "Undecodable" || failure._tag === "Bug";

export class BatchCall<In, Out> {
  readonly #spec: BatchCallSpec<In, Out>;

  constructor(spec: BatchCallSpec<In, Out>) {
    if (!(spec.timeoutMs > 0)) {
      throw new RangeError(`stage ${spec.stage}: timeoutMs is ${spec.timeoutMs}: it must be above 0`);
    }
    this.#spec = spec;
  }

  run(given: readonly Envelope<In>[], settle: Settle<In, Out>, ended: () => void): void {
    const first = given[0];
    if (first === undefined) {
      ended();
      return;
    }
    const { host } = first.ticket;
    let batch = given;
    let open = new Set(batch);
    if (open.size < batch.length) {
      // somebody's operator let the same item through twice; each of them is answered
      batch = given.map((envelope) => ({ ...envelope }));
      open = new Set(batch);
    }
    const settleOnce: Settle<In, Out> = (envelope, outcome) => {
      if (open.delete(envelope)) settle(envelope, outcome);
    };
    host.fork(this.#divided(batch, host, settleOnce)).addObserver((exit) => {
      if (exit._tag === "Failure") {
        const failure = failureOfCause(exit.cause, this.#spec.stage, this.#spec.isIdempotent);
        for (const envelope of [...open]) settleOnce(envelope, Result.fail(failure));
      }
      ended();
    });
  }

  /** The batch, halved for as long as it fails on its data. */
  #divided(batch: readonly Envelope<In>[], host: Host, settle: Settle<In, Out>): Effect.Effect<void> {
    return Effect.catch(this.#retried(batch, host, settle), ({ failure, unsettled, own }) => {
      const maySplit = isAboutData(failure) && (failure._tag !== "Bug" || this.#spec.isIdempotent);
      if (unsettled.length === 1 || !maySplit) {
        return Effect.sync(() => {
          for (const envelope of unsettled) settle(envelope, Result.fail(own.get(envelope) ?? failure));
        });
      }
      host.events.emit({
        type: "batch:split:done",
        stage: this.#spec.stage,
        count: unsettled.length,
        failure: failure._tag === "Bug" ? toldOf(failure.error) : failure.message,
      });
      const middle = unsettled.length >> 1;
      return Effect.andThen(
        this.#divided(unsettled.slice(0, middle), host, settle),
        Effect.suspend(() => this.#divided(unsettled.slice(middle), host, settle)),
      );
    });
  }

  /** The batch with its retries: those of its items that failed `Transient` by themselves are tried again together. */
  #retried(
    batch: readonly Envelope<In>[],
    host: Host,
    settle: Settle<In, Out>,
  ): Effect.Effect<void, Unsettled<In>> {
    const { retry, stage } = this.#spec;
    let unsettled = batch;
    let own = new Map<Envelope<In>, Transient>();
    const once = Effect.suspend(() => {
      own = new Map();
      return Effect.flatMap(this.#called(unsettled, host), (answers) => {
        unsettled.forEach((envelope, index) => {
          const answer = answers[index] as Result.Result<Out, Failure>; // `called` saw that there are as many
          const mayRetry =
            Result.isFailure(answer) && retry !== null && mayRetryInPlace(answer.failure, retry.capMs);
          if (mayRetry) own.set(envelope, answer.failure);
          else settle(envelope, answer);
        });
        unsettled = [...own.keys()];
        const failure = mostPatient(own.values());
        return failure === undefined ? Effect.void : Effect.fail<DivertedBy>(failure);
      });
    });
    const patient =
      retry === null
        ? once
        : Effect.retry(once, {
            schedule: Schedule.tap(retry.schedule, ({ input }) =>
              Effect.sync(() => {
                for (const envelope of unsettled) noteRetry(stage, envelope, own.get(envelope) ?? input);
              }),
            ),
          });
    return Effect.mapError(patient, (failure) => ({ failure, unsettled, own }));
  }

  /** One call into the outside. A try is counted on every item's ticket until the call has really ended. */
  #called(batch: readonly Envelope<In>[], host: Host): Effect.Effect<BatchAnswer<Out>, DivertedBy> {
    const { stage, isIdempotent, timeoutMs } = this.#spec;
    const { clock } = host.ports;
    return Effect.suspend(() => {
      const beganMs = clock.monotonicMs();
      const began = (): void => {
        for (const { ticket } of batch) {
          ticket.waiting = null;
          ticket.tryBegan();
        }
      };
      let isOverdue = false;
      const ended = (answer: LateAnswer): void => {
        for (const { ticket } of batch) ticket.tryEnded();
        if (isOverdue && answer !== null) {
          host.events.emit({
            type: "batch:late-answer:seen",
            stage,
            count: batch.length,
            answer,
            lateMs: clock.monotonicMs() - beganMs - timeoutMs,
          });
        }
        host.events.emit({
          type: "batch:call:done",
          stage,
          count: batch.length,
          elapsedMs: clock.monotonicMs() - beganMs,
        });
      };
      const call = apart(host, callOut(this.#spec, batch, { began, ended }));
      const checked = Effect.flatMap(call, (answers) =>
        answers.length === batch.length
          ? Effect.succeed(answers)
          : Effect.fail<DivertedBy>(
              new Bug(
                new OwnWords(`${stage} answered ${answers.length} items of ${batch.length}`),
                true, // which of them happened cannot be told
              ),
            ),
      );
      return timeoutMs === Infinity
        ? checked
        : Effect.timeoutOrElse(checked, {
            duration: timeoutMs,
            orElse: () => {
              isOverdue = true;
              return Effect.fail<DivertedBy>(
                timedOut(stage, `a batch of ${batch.length}`, timeoutMs, isIdempotent),
              );
            },
          });
    });
  }
}

/** What came of a call; `null` where it was cut off. */
type LateAnswer = "value" | DivertedTag | null;

/**
 * In a fiber of its own, which is told to stop but not waited for: work that cannot be interrupted would otherwise put off
 * the answer of its own timeout.
 */
const apart = <A, E>(host: Host, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.callback<A, E>((resume) => {
    const fiber = host.fork(effect);
    fiber.addObserver(resume);
    return Effect.sync(() => {
      fiber.interruptUnsafe();
    });
  });

/**
 * Whatever `work` returns, as an effect. `ended` runs once for `began`, when the work itself has ended, wherever between
 * two operations the effect may be interrupted: so a promise tells by itself, and all else by the release.
 */
const callOut = <In, Out>(
  { stage, work, isIdempotent }: BatchCallSpec<In, Out>,
  batch: readonly Envelope<In>[],
  { began, ended }: { readonly began: () => void; readonly ended: (answer: LateAnswer) => void },
): Effect.Effect<BatchAnswer<Out>, DivertedBy> => {
  const controller = new AbortController();
  let endsByItself = false;
  const use = Effect.suspend((): Effect.Effect<BatchAnswer<Out>, DivertedBy> => {
    const bodies = batch.map(({ body }) => body);
    let returned: ReturnType<BatchWork<In, Out>>;
    try {
      returned = work(bodies, { signal: controller.signal, items: batch });
    } catch (error) {
      return Effect.fail(failureOf(error, isIdempotent));
    }
    if (Effect.isEffect(returned)) {
      return Effect.catchCause(returned, (cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.failCause(cause as Cause.Cause<never>) // interruptions have no error in them
          : Effect.fail(failureOfCause(cause, stage, isIdempotent)),
      );
    }
    endsByItself = true;
    const outcome = Promise.resolve(returned).then(
      (answers) => {
        ended("value");
        return Result.succeed(answers);
      },
      (error: unknown) => {
        const failure = failureOf(error, isIdempotent);
        ended(failure._tag);
        return Result.fail(failure);
      },
    );
    return Effect.flatMap(
      Effect.promise(() => outcome),
      Effect.fromResult,
    );
  });
  const release = (_began: void, exit: Exit.Exit<unknown, DivertedBy>): Effect.Effect<void> =>
    Effect.sync(() => {
      if (exit._tag === "Failure" && Cause.hasInterrupts(exit.cause)) controller.abort();
      if (!endsByItself) ended(answerOf(exit, stage, isIdempotent));
    });
  return Effect.acquireUseRelease(Effect.sync(began), () => use, release);
};

const answerOf = (exit: Exit.Exit<unknown, DivertedBy>, stage: string, isIdempotent: boolean): LateAnswer => {
  if (exit._tag === "Success") return "value";
  return Cause.hasInterruptsOnly(exit.cause) ? null : failureOfCause(exit.cause, stage, isIdempotent)._tag;
};
