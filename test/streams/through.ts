/**
 * One stage by itself: what comes out of it for some bodies, in order, each on the rail or diverted.
 */
import { Result } from "effect";
import { firstValueFrom, from, type Observable, toArray } from "rxjs";
import type { Diversion, DivertedBy, Rail } from "../../src/streams/runtime/rail.ts";
import { LoneHost } from "../support/lone-host.ts";
import type { VirtualClock } from "../support/virtual-clock.ts";

/** With what it was given, where it was diverted. */
export type Left<Out> = Result.Result<Out, { readonly failure: DivertedBy; readonly body: unknown }>;

export const through = async <In, Out, D extends Diversion>(
  clock: VirtualClock,
  bodies: readonly In[],
  flow: (items: Observable<Rail<In>>) => Observable<Rail<Out, D>>,
): Promise<readonly Left<Out>[]> => {
  const host = new LoneHost(clock);
  const rails = firstValueFrom(flow(from(bodies.map((body) => host.item(body)))).pipe(toArray()));
  await clock.runUntil(rails, 60_000);
  return (await rails).map((rail) =>
    Result.mapBoth(rail, {
      onSuccess: ({ body }) => body,
      onFailure: ({ failure, envelope }) => ({ failure, body: envelope.body }),
    }),
  );
};

/** The one that came out; throws what it was diverted with. */
export const only = <Out>(left: readonly Left<Out>[]): Out => {
  const [first] = left;
  if (first === undefined || left.length > 1) throw new Error(`${left.length} came out`);
  if (Result.isFailure(first)) throw new Error(first.failure.failure.message);
  return first.success;
};

/** What each was diverted with; throws where one was not. */
export const failuresOf = (left: readonly Left<unknown>[]): readonly DivertedBy[] =>
  left.map((each) => {
    if (Result.isSuccess(each)) throw new Error("it was not diverted");
    return each.failure.failure;
  });
