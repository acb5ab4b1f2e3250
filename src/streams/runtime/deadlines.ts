/**
 * The deadlines of one stage: all of one length, so they fall due in the order in which they were set. A linked list and
 * one timer serve any number of them; setting and clearing one is O(1) and makes no timer of its own.
 */
import type { Cancel, Clock } from "./system-ports.ts";

export interface Deadline {
  readonly atMs: number;
  readonly passed: () => void;
  before: Deadline | null;
  after: Deadline | null;
  isSet: boolean;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #lengthMs: number;
  #first: Deadline | null = null;
  #last: Deadline | null = null;
  #timer: Cancel | null = null;

  constructor(clock: Clock, lengthMs: number) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
  }

  set(passed: () => void): Deadline {
    const deadline: Deadline = {
      atMs: this.#clock.monotonicMs() + this.#lengthMs,
      passed,
      before: this.#last,
      after: null,
      isSet: true,
    };
    if (this.#last === null) this.#first = deadline;
    else this.#last.after = deadline;
    this.#last = deadline;
    this.#arm();
    return deadline;
  }

  clear(deadline: Deadline): void {
    if (!deadline.isSet) return;
    deadline.isSet = false;
    if (deadline.before === null) this.#first = deadline.after;
    else deadline.before.after = deadline.after;
    if (deadline.after === null) this.#last = deadline.before;
    else deadline.after.before = deadline.before;
    if (this.#first === null) this.#disarm();
  }

  #disarm(): void {
    this.#timer?.();
    this.#timer = null;
  }

  /** A timer that is set stays: one that wakes too early looks and sleeps on, which is cheaper than moving it each time. */
  #arm(): void {
    if (this.#timer !== null || this.#first === null) return;
    const inMs = Math.max(0, this.#first.atMs - this.#clock.monotonicMs());
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
