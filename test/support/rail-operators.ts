/**
 * What an author's own RxJS operators may do to a flow, well or badly: on the rail, by the virtual clock.
 */
import { type MonoTypeOperatorFunction, mergeMap, Observable, of } from "rxjs";
import { Result } from "effect";
import type { Diversion, Rail } from "../../src/index.ts";
import type { Clock } from "../../src/streams/runtime/system-ports.ts";

type OnNumbers = Rail<number, Diversion>;

const bodyOf = (rail: OnNumbers): number =>
  // the stories' records are numbers
  Result.isSuccess(rail) ? rail.success.body : (rail.failure.envelope.body as number);

export const reorder = (
  clock: Clock,
  delayMs: (body: number) => number,
): MonoTypeOperatorFunction<OnNumbers> =>
  mergeMap(
    (rail) =>
      new Observable<OnNumbers>((subscriber) =>
        clock.after(delayMs(bodyOf(rail)), () => {
          subscriber.next(rail);
          subscriber.complete();
        }),
      ),
  );

export const dropping = (drops: (body: number) => boolean): MonoTypeOperatorFunction<OnNumbers> =>
  mergeMap((rail) => (drops(bodyOf(rail)) ? of() : of(rail)));

export const doubling = (doubles: (body: number) => boolean): MonoTypeOperatorFunction<OnNumbers> =>
  mergeMap((rail) => (doubles(bodyOf(rail)) ? of(rail, rail) : of(rail)));
