/**
 * `step` is a stage whose work is pure and answers at once: a `map` over the rail. It takes no slot, has no timeout and
 * is never retried. A failure it throws diverts the item by its tag, anything else it throws as a `Bug`.
 */
import { type Effect, Result } from "effect";
import { filter, map, type Observable } from "rxjs";
import { failureOf } from "./one-try.ts";
import { type Diversion, onRail, type Rail, withBody } from "./rail.ts";
import { type LiteralName, outcomeOnRail, type Stage } from "./stage.ts";

/** What a step may answer: a promise or an effect would go on as it is, unawaited. */
type AtOnce<Out> = Out extends PromiseLike<unknown> | Effect.Effect<unknown, unknown, unknown>
  ? "a step answers at once: use stage() for a promise or an effect"
  : Out;

/** What a `step` is made of. */
export interface StepOptions<Name extends string, In, Out> {
  readonly name: Name;
  readonly work: (body: In) => AtOnce<Out>;
}

/** A stage whose work is pure and answers at once. */
export const step =
  <const Name extends string, In, Out>({
    name,
    work,
  }: StepOptions<Name, In, Out> & LiteralName<Name>): Stage<Name, In, Out> =>
  <D extends Diversion>(source: Observable<Rail<In, D>>): Observable<Rail<Out, D | Diversion<Name, In>>> =>
    source.pipe(
      map((rail): Rail<Out, D | Diversion<Name, In>> | null => {
        if (Result.isFailure(rail)) return Result.fail(rail.failure);
        const envelope = rail.success;
        envelope.ticket.pass(name);
        try {
          // a promise or an effect did not compile, so what the work answers is what goes on
          return onRail(withBody(envelope, work(envelope.body) as Out));
        } catch (error) {
          return outcomeOnRail<Name, typeof envelope.body, Out>(
            name,
            envelope,
            Result.fail(failureOf(error, true)),
          );
        }
      }),
      filter((rail) => rail !== null),
    );
