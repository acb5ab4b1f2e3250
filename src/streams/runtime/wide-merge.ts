/**
 * `mergeMap`, wide: the same work under the same limit of concurrency, at a cost that does not grow with it.
 *
 * RxJS's `mergeMap` finds an inner subscription in a list when it ends: 2 µs with a hundred in flight, some 25 with ten
 * thousand. So the width is made of lanes, each a `mergeMap` of a few hundred slots, and an item goes to any lane that
 * has a free slot; lanes by hash or in turn would idle while others wait. Items beyond the width wait in order; the
 * pipeline's window bounds how many that can be.
 */
import { mergeMap, Observable, Subject, type Subscription } from "rxjs";
import { Fifo } from "./fifo.ts";

const LANE_SLOTS = 256;

interface Lane<In extends object> {
  readonly entry: Subject<In>;
  readonly slots: number;
  busy: number;
}

export interface WideMerge<In extends object> {
  readonly push: (item: In) => void;
  /** No more will be pushed: completes the output when the last work has ended. */
  readonly complete: () => void;
  readonly stop: () => void;
}

export const wideMerge = <In extends object, Out>(
  width: number,
  work: (item: In) => Observable<Out>,
  output: { next: (out: Out) => void; error: (error: unknown) => void; complete: () => void },
): WideMerge<In> => {
  const free: Lane<In>[] = [];
  const subscriptions: Subscription[] = [];
  let unopened = width;
  let active = 0;
  let isComplete = false;
  let isStopped = false;
  let isAdvancing = false;
  const queue = new Fifo<In>();

  const openLane = (): Lane<In> => {
    const lane: Lane<In> = { entry: new Subject<In>(), slots: Math.min(LANE_SLOTS, unopened), busy: 0 };
    unopened -= lane.slots;
    subscriptions.push(
      lane.entry.pipe(mergeMap((item) => counted(lane, work(item)), lane.slots)).subscribe({
        next: (out) => {
          output.next(out);
        },
        error: (error: unknown) => {
          output.error(error);
        },
      }),
    );
    free.push(lane);
    return lane;
  };

  const enter = (lane: Lane<In>, item: In): void => {
    lane.busy += 1;
    active += 1;
    if (lane.busy === lane.slots) free.pop();
    lane.entry.next(item);
  };

  /** Not at once: `mergeMap` counts the slot as free only after this, and work that ends at once would recurse. */
  const leave = (lane: Lane<In>): void => {
    if (lane.busy === lane.slots) free.push(lane);
    lane.busy -= 1;
    active -= 1;
    if (isAdvancing || (queue.size === 0 && !isComplete)) return;
    isAdvancing = true;
    queueMicrotask(advance);
  };

  const advance = (): void => {
    isAdvancing = false;
    if (isStopped) return;
    for (let item = queue.first; item !== undefined && hasFreeSlot(); item = queue.first) {
      queue.shift();
      enter(freeLane(), item);
    }
    if (isComplete && active === 0 && queue.size === 0) output.complete();
  };

  const hasFreeSlot = (): boolean => free.length > 0 || unopened > 0;
  const freeLane = (): Lane<In> => free[free.length - 1] ?? openLane();

  const counted = (lane: Lane<In>, inner: Observable<Out>): Observable<Out> =>
    new Observable<Out>((subscriber) => {
      subscriber.add(() => {
        leave(lane);
      });
      return inner.subscribe(subscriber);
    });

  return {
    push: (item) => {
      if (queue.size > 0 || !hasFreeSlot()) queue.push(item);
      else enter(freeLane(), item);
    },
    complete: () => {
      isComplete = true;
      if (active === 0 && queue.size === 0 && !isAdvancing) output.complete();
    },
    stop: () => {
      isStopped = true;
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
};
