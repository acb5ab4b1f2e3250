/**
 * Which partitions this member of a group holds, and how far each has been read.
 *
 *   placing ──its position is known──▶ reading ──rebalance announced──▶ leaving ──▶ gone
 *      ▲                                  │
 *      └──────── joined again ────────────┴──── lost, or the log began anew ───────▶ gone
 *
 * `epoch` names one assignment of one partition, and is never used twice. `expected` is where the next fetch has to begin: what
 * begins elsewhere is of another assignment, or of another log.
 */
import type { Bounds } from "./log-offsets.ts";

export type SeatState = "placing" | "reading" | "leaving";

export interface Seat {
  readonly partition: number;
  readonly name: string;
  epoch: number;
  state: SeatState;
  expected: number;
  /** What was last committed, or found committed. */
  committed: number;
  /** The offset that the next record of the log will have, as far as it is known. */
  high: number;
  /** A fetch that began further on than expected, after the client had been sent back: there is nothing in between. */
  jumpedTo: number | null;
}

export class Seats {
  readonly #held = new Map<number, Seat>();

  get all(): readonly Seat[] {
    return [...this.#held.values()];
  }

  get(partition: number): Seat | undefined {
    return this.#held.get(partition);
  }

  named(name: string): Seat | undefined {
    return this.#held.get(Number(name));
  }

  /** A seat whose position is not known yet; no epoch stands for it. */
  place(partition: number): void {
    this.#held.set(partition, {
      partition,
      name: String(partition),
      epoch: NO_EPOCH,
      state: "placing",
      expected: 0,
      committed: 0,
      high: 0,
      jumpedTo: null,
    });
  }

  leave(partition: number): void {
    this.#held.delete(partition);
  }
}

/** Smaller than every epoch that is given out. */
const NO_EPOCH = 0;

/** Its listener has been told of it. */
export const isTold = ({ epoch }: Seat): boolean => epoch > NO_EPOCH;

/** Where a group goes on: at what it has committed, as long as that exists; else at the beginning. */
export const startAt = ({ low, high }: Bounds, committed: number | undefined): number =>
  committed !== undefined && committed >= low && committed <= high ? committed : low;

/** What to make of a fetch that did not begin where it had to. */
export type SecondLook =
  /** The place still exists: the client is sent back there. */
  | { readonly kind: "back"; readonly jumpedTo: number | null }
  /** What lay there was deleted before it was read. */
  | { readonly kind: "gap"; readonly to: number }
  /** It lies beyond the end: this is another log, or one that has lost its end. */
  | { readonly kind: "anew"; readonly at: number };

export const lookAgain = (expected: number, from: number, { low, high }: Bounds): SecondLook => {
  if (expected > high) return { kind: "anew", at: low };
  if (expected < low) return { kind: "gap", to: low };
  return { kind: "back", jumpedTo: from > expected ? from : null };
};
