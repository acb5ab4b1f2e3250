/**
 * `fallBack` gives what one stage diverted a second way: the items that left at `from`, and for which `when` holds, go
 * through `to`, starting from the body that `from` was given. All other diversions pass.
 *
 * ```ts
 * items.pipe(sendEmail, fallBack({ from: "send-email", when: isDefiniteNo, to: sendSms }))
 * ```
 */
import { Result } from "effect";
import { merge, Observable, Subject } from "rxjs";
import { type Diversion, type DivertedBy, onRail, type Rail } from "./rail.ts";
import type { Stage } from "./stage.ts";

export interface FallBackOptions<From extends string, Name extends string, Body, Out> {
  readonly from: From;
  readonly when: (failure: DivertedBy) => boolean;
  readonly to: Stage<Name, Body, Out>;
}

export const fallBack =
  <const From extends string, Name extends string, Body, Out>({
    from,
    when,
    to,
  }: FallBackOptions<From, Name, Body, Out>) =>
  <Main, D extends Diversion>(
    source: Observable<Rail<Main, D | Diversion<From, Body>>>,
  ): Observable<Rail<Main | Out, D | Diversion<From, Body> | Diversion<Name, Body>>> =>
    new Observable((subscriber) => {
      const second = new Subject<Rail<Body>>();
      const first = new Observable<Rail<Main, D | Diversion<From, Body>>>((passing) =>
        source.subscribe({
          next: (rail) => {
            if (Result.isFailure(rail) && rail.failure.stage === from && when(rail.failure.failure)) {
              // by its name it is that stage's diversion, which holds what the stage was given
              second.next(onRail((rail.failure as Diversion<From, Body>).envelope));
            } else {
              passing.next(rail);
            }
          },
          error: (error: unknown) => {
            passing.error(error);
          },
          complete: () => {
            second.complete();
            passing.complete();
          },
        }),
      );
      return merge(second.pipe(to), first).subscribe(subscriber);
    });
