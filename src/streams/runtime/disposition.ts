/**
 * What a pipeline does about an item that left its main track; the settlement maps every stage's diversions to one of
 * these. `done` and `notMine` both finish the record: nothing more will be done about it here.
 */
import type { DivertedBy, DivertedTag, Diversion } from "./rail.ts";

/** What is done about an item that was diverted; made by `done`, `notMine`, `retryLater` and `deadLetter`. */
export type Disposition =
  | { readonly kind: "done" }
  | { readonly kind: "not-mine" }
  | { readonly kind: "retry-later"; readonly afterMs: number; readonly maxAttempts: number }
  | { readonly kind: "dead-letter" };

/** Nothing more is to be done about it: its record is finished. */
export const done = (): Disposition => ({ kind: "done" });

/** Somebody else's record, or one that needs nothing. */
export const notMine = (): Disposition => ({ kind: "not-mine" });

/** It goes to the dead letters; its record is finished once that is durable. */
export const deadLetter = (): Disposition => ({ kind: "dead-letter" });

/**
 * Tried again after a wait that holds no credit: where the source can delay it, else in a bounded room, else it is
 * dead-lettered; and dead-lettered too once it was tried `maxAttempts` times. What was `Postponed` was not tried. A wait
 * that is over already is none.
 */
export const retryLater = (afterMs: number, maxAttempts: number): Disposition => ({
  kind: "retry-later",
  afterMs: Math.max(0, aNumber("afterMs", afterMs)),
  maxAttempts: aNumber("maxAttempts", maxAttempts),
});

/** With one that is none, a wait would never end, or tries never would. */
const aNumber = (name: string, value: number): number => {
  if (Number.isNaN(value)) throw new RangeError(`retryLater: ${name} is ${value}: it must be a number`);
  return value;
};

/** One answer for each kind of failure; a kind that is forgotten does not compile. */
export const byFailure =
  (answers: {
    readonly [Tag in DivertedTag]: (failure: Extract<DivertedBy, { readonly _tag: Tag }>) => Disposition;
  }) =>
  ({ failure }: Diversion): Disposition =>
    // the answer stored under a failure's own tag is the one for that failure
    (answers[failure._tag] as (failure: DivertedBy) => Disposition)(failure);
