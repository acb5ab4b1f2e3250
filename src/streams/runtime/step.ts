/**
 * `step` is a stage whose work is pure and answers at once: a `map` over the rail. It takes no slot, has no timeout and
 * is never retried. A failure it throws diverts the item by its tag, anything else it throws as a `Bug`.
 */
import { Result } from "effect";
import { filter, map, type Observable } from "rxjs";
import { failureOf } from "./one-try.ts";
import type { Diversion, Rail } from "./rail.ts";
import { outcomeOnRail, type Stage } from "./stage.ts";

export interface StepOptions<Name extends string, In, Out> {
  readonly name: Name;
  readonly work: (body: In) => Out;
}

export const step =
  <const Name extends string, In, Out>({ name, work }: StepOptions<Name, In, Out>): Stage<Name, In, Out> =>
  <D extends Diversion>(source: Observable<Rail<In, D>>): Observable<Rail<Out, D | Diversion<Name, In>>> =>
    source.pipe(
      map((rail): Rail<Out, D | Diversion<Name, In>> | null => {
        if (Result.isFailure(rail)) return Result.fail(rail.failure);
        const envelope = rail.success;
        envelope.ticket.pass(name);
        try {
          return outcomeOnRail(name, envelope, Result.succeed(work(envelope.body)));
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
