/**
 * One call of a batch stage, with its retries and its halving. Here everything is an Effect: its cost is shared by the
 * whole batch. Each item's outcome is given as soon as it is known; the call has ended when all of them are.
 */
import { Effect, Result } from "effect";
import type { Failure, Transient } from "../../failure.ts";
import { failureOf, failureOfCause, timedOut, type TryOutcome, type WorkContext } from "./one-try.ts";
import type { Host } from "./ticket.ts";
import { Bug, type DivertedBy, type Envelope } from "./rail.ts";
import { mayRetryInPlace, type RetrySchedule } from "./retry-schedule.ts";

export interface BatchContext extends Pick<WorkContext, "signal"> {
  /** For each body, its key and how often its record was tried. */
  readonly items: readonly { readonly key: string; readonly attempt: number }[];
}

export type BatchAnswer<Out> = readonly Result.Result<Out, Failure>[];

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
    return Effect.catch(this.#retried(batch, host, settle), ({ failure, unsettled }) => {
      const maySplit = isAboutData(failure) && (failure._tag !== "Bug" || this.#spec.isIdempotent);
      if (unsettled.length === 1 || !maySplit) {
        return Effect.sync(() => {
          for (const envelope of unsettled) settle(envelope, Result.fail(failure));
        });
      }
      host.events.emit({
        type: "batch:split:done",
        stage: this.#spec.stage,
        count: unsettled.length,
        failure: failure.message,
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
  ): Effect.Effect<void, { readonly failure: DivertedBy; readonly unsettled: readonly Envelope<In>[] }> {
    const { retry } = this.#spec;
    let unsettled = batch;
    const once = Effect.suspend(() =>
      Effect.flatMap(this.#called(unsettled, host), (answers) => {
        const again: Envelope<In>[] = [];
        let transient: Transient | null = null;
        unsettled.forEach((envelope, index) => {
          const answer = answers[index] as Result.Result<Out, Failure>; // `called` saw that there are as many
          if (Result.isSuccess(answer)) settle(envelope, answer);
          else if (
            answer.failure._tag === "Transient" &&
            retry !== null &&
            mayRetryInPlace(answer.failure, retry.capMs)
          ) {
            transient = answer.failure;
            envelope.ticket.waiting = `retry after Transient: ${answer.failure.message}`;
            again.push(envelope);
          } else settle(envelope, answer);
        });
        unsettled = again;
        return transient === null ? Effect.void : Effect.fail<DivertedBy>(transient);
      }),
    );
    const patient =
      retry === null
        ? once
        : Effect.retry(once, {
            schedule: retry.schedule,
            while: (failure) => mayRetryInPlace(failure, retry.capMs),
          });
    return Effect.mapError(patient, (failure) => ({ failure, unsettled }));
  }

  /** One call into the outside. A try is counted on every item's ticket until the call has really ended. */
  #called(batch: readonly Envelope<In>[], host: Host): Effect.Effect<BatchAnswer<Out>, DivertedBy> {
    const { stage, work, isIdempotent, timeoutMs } = this.#spec;
    const { clock } = host.ports;
    return Effect.suspend(() => {
      const beganMs = clock.monotonicMs();
      const began = (): void => {
        for (const { ticket } of batch) {
          ticket.waiting = null;
          ticket.tryBegan();
        }
      };
      const ended = (): void => {
        for (const { ticket } of batch) ticket.tryEnded();
        host.events.emit({
          type: "batch:call:done",
          stage,
          count: batch.length,
          elapsedMs: clock.monotonicMs() - beganMs,
        });
      };
      const call = callOut(work, batch, isIdempotent, { began, ended });
      const checked = Effect.flatMap(call, (answers) =>
        answers.length === batch.length
          ? Effect.succeed(answers)
          : Effect.fail<DivertedBy>(
              new Bug(
                new Error(`${stage} answered ${answers.length} items of ${batch.length}`),
                true, // which of them happened cannot be told
              ),
            ),
      );
      return timeoutMs === Infinity
        ? checked
        : Effect.timeoutOrElse(checked, {
            duration: timeoutMs,
            orElse: () =>
              Effect.fail<DivertedBy>(timedOut(stage, `a batch of ${batch.length}`, timeoutMs, isIdempotent)),
          });
    });
  }
}

/** Whatever `work` returned, as an effect. `ended` runs once for `began`, when the work itself has ended. */
const callOut = <In, Out>(
  work: BatchWork<In, Out>,
  batch: readonly Envelope<In>[],
  isIdempotent: boolean,
  { began, ended }: { readonly began: () => void; readonly ended: () => void },
): Effect.Effect<BatchAnswer<Out>, DivertedBy> =>
  Effect.callback<BatchAnswer<Out>, DivertedBy>((resume, signal) => {
    began();
    const fail = (error: unknown): void => {
      ended();
      resume(Effect.fail(failureOf(error, isIdempotent)));
    };
    let returned: ReturnType<BatchWork<In, Out>>;
    try {
      returned = work(
        batch.map((envelope) => envelope.body),
        { signal, items: batch },
      );
    } catch (error) {
      fail(error);
      return;
    }
    if (Effect.isEffect(returned)) {
      resume(Effect.ensuring(returned, Effect.sync(ended)));
      return;
    }
    Promise.resolve(returned).then((answers) => {
      ended();
      resume(Effect.succeed(answers));
    }, fail);
  });
