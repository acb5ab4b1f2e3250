/**
 * `batchStage` is a stage for work that is cheaper together: a batch in, an outcome per item out.
 *
 * Batches form naturally and without timers: while as many calls are under way as `concurrency` allows, the next batch
 * gathers. So an idle pipeline adds no delay and a busy one makes large batches. Each item goes on, or is diverted, by
 * its own outcome.
 *
 * When the call fails as a whole: `Transient` is retried as a whole; `Unconfirmed` and `Postponed` hold for every item;
 * `Permanent`, `Undecodable` and an unexpected throw are laid at one item's door: the batch is halved until the item is
 * alone. A call that fails so must have done nothing; a step that is not idempotent is therefore never split after a
 * throw, and each of its items is diverted as a `Bug` that may have happened.
 */
import type { Result } from "effect";
import { mergeMap, Observable, Subject } from "rxjs";
import type { Failure } from "../../failure.ts";
import { BatchCall, type BatchWork } from "./batch-call.ts";
import { Gathering } from "./gathering.ts";
import type { Diversion, Envelope, Rail } from "./rail.ts";
import { retrySchedule } from "./retry-schedule.ts";
import {
  atLeastOne,
  DEFAULT_BUDGET_MS,
  DEFAULT_TIMEOUT_MS,
  incoming,
  type LiteralName,
  outcomeOnRail,
  type Stage,
  type StageLimits,
} from "./stage.ts";

/** One item's own outcome within a batch. */
export type ItemOutcome<Out> = Result.Result<Out, Failure>;

/** What a `batchStage` is made of. */
export interface BatchStageOptions<Name extends string, In, Out> extends StageLimits {
  readonly name: Name;
  /** Must answer every item, in order. */
  readonly work: BatchWork<In, Out>;
  /** Calls at once. Default 2: one under way while the other's answers are dealt with. */
  readonly concurrency?: number;
  /** Items in a call. Default 500. */
  readonly maxCount?: number;
  /** Bytes in a call, as the source counts them; a single larger item goes alone. Default 8 MiB. */
  readonly maxBytes?: number;
  readonly idempotent?: boolean;
  readonly waiting?: () => string | null;
}

/** A stage for work that is cheaper together: a batch in, an outcome for each of its items out. */
export const batchStage = <const Name extends string, In, Out>(
  options: BatchStageOptions<Name, In, Out> & LiteralName<Name>,
): Stage<Name, In, Out> => {
  const { name }: BatchStageOptions<Name, In, Out> = options;
  const concurrency = atLeastOne(name, "concurrency", options.concurrency ?? 2);
  const maxCount = atLeastOne(name, "maxCount", options.maxCount ?? 500);
  const maxBytes = atLeastOne(name, "maxBytes", options.maxBytes ?? 8 * 1024 * 1024);
  const budgetMs = options.budgetMs ?? DEFAULT_BUDGET_MS;
  const call = new BatchCall<In, Out>({
    stage: name,
    work: options.work,
    isIdempotent: options.idempotent ?? true,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    retry: options.retry === false ? null : retrySchedule(options.retry ?? {}),
  });

  return <D extends Diversion>(source: Observable<Rail<In, D>>) =>
    new Observable<Rail<Out, D | Diversion<Name, In>>>((subscriber) => {
      const calls = new Subject<readonly Envelope<In>[]>();
      const emit = (
        envelope: Envelope<In>,
        outcome: Parameters<typeof outcomeOnRail<Name, In, Out>>[2],
      ): void => {
        envelope.ticket.leave();
        if (envelope.ticket.isGivenUp) return;
        const rail = outcomeOnRail(name, envelope, outcome);
        if (rail !== null) subscriber.next(rail);
      };
      const gathering = new Gathering<Envelope<In>>({
        concurrency,
        maxCount,
        maxBytes,
        bytesOf: (envelope) => envelope.ticket.bytes,
        soon: (envelope, run) => {
          envelope.ticket.host.ports.clock.soon(run);
        },
        begin: (batch) => {
          calls.next(batch);
        },
        empty: () => {
          subscriber.complete();
        },
      });
      const running = calls
        .pipe(
          mergeMap(
            (batch) =>
              new Observable<never>((inner) => {
                call.run(batch, emit, () => {
                  gathering.ended();
                  inner.complete();
                });
              }),
            concurrency,
          ),
        )
        .subscribe({
          error: (error: unknown) => {
            subscriber.error(error);
          },
        });
      const letIn = (envelope: Envelope<In>): void => {
        envelope.ticket.enter(name, budgetMs, options.waiting ?? null);
        gathering.add(envelope);
      };
      const subscription = source.subscribe(
        incoming<In, Out, D | Diversion<Name, In>>(subscriber, letIn, () => {
          gathering.close();
        }),
      );
      return () => {
        subscription.unsubscribe();
        running.unsubscribe();
        for (const { ticket } of gathering.stop()) ticket.leave();
      };
    });
};
