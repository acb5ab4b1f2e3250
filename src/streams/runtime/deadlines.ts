/**
 * The deadlines of one stage: all of one length, so they fall due in the order in which they were set. A roll of the
 * things that are timed, and one timer, serve any number of them; setting and clearing one is O(1) and makes neither an
 * object nor a timer.
 */
import { type Enrolled, Roll } from "./roll.ts";
import type { Cancel, Clock } from "./system-ports.ts";

/** Something with a deadline. All but `passed` belongs to `Deadlines`. */
export interface Timed extends Enrolled {
  readonly passed: () => void;
  atMs: number;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #lengthMs: number;
  readonly #timed = new Roll<Timed>();
  #timer: Cancel | null = null;
  #isStopped = false;

  constructor(clock: Clock, lengthMs: number) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
  }

  set(timed: Timed): void {
    if (this.#isStopped) return;
    timed.atMs = this.#clock.monotonicMs() + this.#lengthMs;
    this.#timed.add(timed);
    this.#arm();
  }

  /** Nothing happens to one that has no deadline. */
  clear(timed: Timed): void {
    this.#timed.remove(timed);
    if (this.#timed.count === 0) this.#disarm();
  }

  /** For good: nobody waits for an answer any more, however long the work goes on. */
  stop(): void {
    this.#isStopped = true;
    for (const timed of this.#timed) this.clear(timed);
  }

  #disarm(): void {
    this.#timer?.();
    this.#timer = null;
  }

  /** A timer that is set stays: one that wakes too early looks and sleeps on, which is cheaper than moving it each time. */
  #arm(): void {
    if (this.#timer !== null) return;
    const first = this.#timed.oldest;
    if (first === null) return;
    const inMs = Math.max(0, first.atMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.after(inMs, () => {
      this.#timer = null;
      this.#pass();
    });
  }

  #pass(): void {
    const now = this.#clock.monotonicMs();
    for (let first = this.#timed.oldest; first !== null && first.atMs <= now; first = this.#timed.oldest) {
      this.clear(first);
      first.passed();
    }
    this.#arm();
  }
}
