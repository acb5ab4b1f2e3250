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
import { Bug, type Diversion, type DivertedBy, mayHaveHappened, onRail, type Rail } from "./rail.ts";
import { outcomeOnRail, type Stage } from "./stage.ts";

/** What a `fallBack` is made of. */
export interface FallBackOptions<From extends string, Name extends string, Body, Out> {
  readonly from: From;
  readonly when: (failure: DivertedBy) => boolean;
  readonly to: Stage<Name, Body, Out>;
}

/** A type that no flow has: the compiler's message says its name, what is wrong, and what it found. */
interface Refused<Why extends string, Found> {
  readonly why: Why;
  readonly found: Found;
}

/**
 * Nothing is asked of a flow in which `From` diverts what `to` can start from, and nothing else. The first two questions
 * are put so that the compiler can also answer them where the other ways out are not known yet, in a part of a flow that
 * is a function of its own; there `to` must take exactly what `From` was given, and a second stage of that name, in the part
 * or before it, is not seen.
 */
type Offered<From extends string, Body, D extends Diversion> =
  WayOut<Diversion<From, Body>> extends WayOut<D>
    ? [AllFit<From, Body, D>] extends [never]
      ? NameTaken<From, Body, D>
      : unknown
    : From extends D["stage"]
      ? Fitting<From, Body, D>
      : Missing<From, D>;

/** Equal only where the bodies are the same. */
type WayOut<D extends Diversion> =
  D extends Diversion<infer Stage, infer Body> ? readonly [Stage, (body: Body) => Body] : never;

/** `never` where another stage of that name was given something that `to` cannot start from. */
type AllFit<From extends string, Body, D extends Diversion> = [Unfit<From, Body, D>] extends [never]
  ? true
  : never;

type Unfit<From extends string, Body, D extends Diversion> =
  D extends Diversion<From, infer Given> ? ([Given] extends [Body] ? never : Given) : never;

type NameTaken<From extends string, Body, D extends Diversion> = Refused<
  `fallBack: two stages before it are named "${From}", and its "to" cannot start from what one of them was given`,
  Unfit<From, Body, D>
>;

type Missing<From extends string, D extends Diversion> = Refused<
  `fallBack: no stage before it is named "${From}"`,
  D["stage"]
>;

type Fitting<From extends string, Body, D extends Diversion> =
  Extract<D, { readonly stage: From }> extends Diversion<From, infer Given>
    ? [Given] extends [Body]
      ? unknown
      : Refused<`fallBack: its "to" cannot start from what stage "${From}" was given`, Given>
    : never;

/** Gives what one stage diverted a second way, from the body that the stage was given. */
export const fallBack =
  <const From extends string, Name extends string, Body, Out>({
    from,
    when,
    to,
  }: FallBackOptions<From, Name, Body, Out>) =>
  <Main, D extends Diversion>(
    source: Observable<Rail<Main, D>> & Offered<From, Body, D>,
  ): Observable<Rail<Main | Out, D | Diversion<Name, Body>>> =>
    new Observable((subscriber) => {
      const second = new Subject<Rail<Body>>();
      const first = new Observable<Rail<Main, D>>((passing) => {
        const divide = (rail: Rail<Main, D>): void => {
          if (Result.isSuccess(rail) || rail.failure.stage !== from) {
            passing.next(rail);
            return;
          }
          // by its name it is that stage's diversion, which holds what the stage was given
          const { envelope, failure } = rail.failure as Diversion as Diversion<From, Body>;
          let isForIt: boolean;
          try {
            isForIt = when(failure);
          } catch (error) {
            const bug = outcomeOnRail<From, Body, Main>(
              from,
              envelope,
              Result.fail(new Bug(error, mayHaveHappened(failure))),
            );
            // one more diversion of that stage, of which the flow's type knows already
            if (bug !== null) passing.next(bug as Rail<Main, Diversion> as Rail<Main, D>);
            return;
          }
          if (isForIt) second.next(onRail(envelope));
          else passing.next(rail);
        };
        return source.subscribe({
          next: (rail) => {
            try {
              divide(rail);
            } catch (error) {
              passing.error(error); // somebody let through what is no item
            }
          },
          error: (error: unknown) => {
            passing.error(error);
          },
          complete: () => {
            second.complete();
            passing.complete();
          },
        });
      });
      return merge(second.pipe(to), first).subscribe(subscriber);
    });
