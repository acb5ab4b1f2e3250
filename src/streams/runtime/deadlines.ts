/**
 * The deadlines of one stage: all of one length, so they fall due in the order in which they were set. A linked list
 * through the things that are timed, and one timer, serve any number of them; setting and clearing one is O(1) and makes
 * neither an object nor a timer.
 */
import type { Cancel, Clock } from "./system-ports.ts";

/** Something with a deadline. All fields but `passed` belong to `Deadlines`. */
export interface Timed {
  readonly passed: () => void;
  atMs: number;
  before: Timed | null;
  after: Timed | null;
  isTimed: boolean;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #lengthMs: number;
  #first: Timed | null = null;
  #last: Timed | null = null;
  #timer: Cancel | null = null;
  #isStopped = false;

  constructor(clock: Clock, lengthMs: number) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
  }

  set(timed: Timed): void {
    if (this.#isStopped) return;
    timed.atMs = this.#clock.monotonicMs() + this.#lengthMs;
    timed.before = this.#last;
    timed.isTimed = true;
    if (this.#last === null) this.#first = timed;
    else this.#last.after = timed;
    this.#last = timed;
    this.#arm();
  }

  clear(timed: Timed): void {
    if (!timed.isTimed) return;
    timed.isTimed = false;
    const { before, after } = timed;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    timed.before = null;
    timed.after = null;
    if (this.#first === null) this.#disarm();
  }

  /** For good: nobody waits for an answer any more, however long the work goes on. */
  stop(): void {
    this.#isStopped = true;
    while (this.#first !== null) this.clear(this.#first);
  }

  #disarm(): void {
    this.#timer?.();
    this.#timer = null;
  }

  /** A timer that is set stays: one that wakes too early looks and sleeps on, which is cheaper than moving it each time. */
  #arm(): void {
    if (this.#timer === null && this.#first !== null) this.#armFor(this.#first);
  }

  #armFor(first: Timed): void {
    const inMs = Math.max(0, first.atMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.after(inMs, () => {
      this.#timer = null;
      this.#pass();
    });
  }

  #pass(): void {
    const now = this.#clock.monotonicMs();
    for (let first = this.#first; first !== null && first.atMs <= now; first = this.#first) {
      this.clear(first);
      first.passed();
    }
    this.#arm();
  }
}
