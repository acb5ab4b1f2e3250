/**
 * A clock that stands still until it is told to go on: virtual time for whatever takes its time from the runtime's
 * ports. An hour passes in as long as its work takes, and a seed replays a run.
 *
 * Time moves from timer to timer. Before each move everything that is ready has its turn: promises, `soon`, and what
 * Effect puts off to the event loop. So it serves work that waits for this clock or for nothing; for work that waits for
 * a socket or a file it would not wait.
 */
import type { Cancel, Clock, SystemPorts } from "../../src/streams/runtime/system-ports.ts";
import { hasImmediates, nextRound, promisesRest } from "./event-loop.ts";

export interface VirtualClockOptions {
  /** For `ports.random`. Default 1. */
  readonly seed?: number;
  /** The wall clock's first reading. Default 2026-01-01T00:00:00Z. */
  readonly wallMs?: number;
}

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
  /** It ran, or was cancelled. */
  isOver: boolean;
}

/** Work that is still not at rest after so many rounds goes round in circles. */
const MOST_ROUNDS = 1_000_000;

/** Mulberry32: small, and good enough for jitter and tie-breaks. */
const seededRandom = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export class VirtualClock implements Clock {
  readonly ports: SystemPorts;
  #nowMs = 0;
  /** The wall clock's reading at 0; kept apart so that it does not depend on the steps in which time moves. */
  #wallMs: number;
  /** In order of time; those of one instant in the order in which they were set. */
  readonly #timers: Timer[] = [];
  #cancelled = 0;
  #ids = 0;

  constructor({ seed = 1, wallMs = Date.UTC(2026, 0, 1) }: VirtualClockOptions = {}) {
    this.#wallMs = wallMs;
    this.ports = {
      clock: this,
      random: seededRandom(seed),
      newId: () => {
        this.#ids += 1;
        return `id-${this.#ids}`;
      },
    };
  }

  /** Milliseconds since it was made. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.length - this.#cancelled;
  }

  readonly monotonicMs = (): number => this.#nowMs;

  readonly wallMs = (): number => this.#wallMs + this.#nowMs;

  readonly after = (ms: number, run: () => void): Cancel => {
    const timer: Timer = { atMs: this.#nowMs + Math.max(0, ms), run, isOver: false };
    if (Number.isNaN(timer.atMs)) throw new RangeError(`a timer was set for ${ms} ms`);
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timers[middle]?.atMs ?? 0) <= timer.atMs) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    return () => {
      if (timer.isOver) return;
      timer.isOver = true;
      this.#cancelled += 1;
      this.#forgetCancelled();
    };
  };

  readonly soon = (run: () => void): void => void setImmediate(run);

  /** The wall clock alone jumps, forward or back, as when somebody sets it. */
  stepWall(ms: number): void {
    this.#wallMs += ms;
  }

  /** Everything that is ready has its turn; no time passes. */
  async settle(): Promise<void> {
    await promisesRest();
    for (let rounds = 0; hasImmediates(); rounds += 1) {
      if (rounds === MOST_ROUNDS) throw new Error(`work did not come to rest at ${this.#nowMs} ms`);
      await nextRound();
      await promisesRest();
    }
  }

  /** Lets `ms` pass, with all that falls due in it, and what follows from that. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await this.settle();
    while (this.#nextMs() <= untilMs) await this.#toNextTimer();
    this.#moveTo(untilMs);
  }

  /**
   * Lets time pass until the promise is settled or the predicate holds, and no longer. Fails when that is not so within
   * `limitMs`, or when nothing is left that could bring it about. Rejects as the promise does.
   */
  async runUntil(goal: PromiseLike<unknown> | (() => boolean), limitMs: number): Promise<void> {
    const untilMs = this.#nowMs + limitMs;
    let isReached = false;
    let failure: { readonly reason: unknown } | null = null;
    if (typeof goal !== "function") {
      goal.then(
        () => {
          isReached = true;
        },
        (reason: unknown) => {
          isReached = true;
          failure = { reason };
        },
      );
    }
    const reached = (): boolean => (typeof goal === "function" ? goal() : isReached);
    await this.settle();
    while (!reached()) {
      const nextMs = this.#nextMs();
      if (nextMs === Infinity) throw new Error(`at ${this.#nowMs} ms nothing is left to happen`);
      if (nextMs > untilMs)
        throw new Error(`not reached within ${limitMs} ms; ${this.timers} timers are set`);
      await this.#toNextTimer();
    }
    // assigned in a callback, which the compiler's flow analysis does not see
    const seen = failure as { readonly reason: unknown } | null;
    if (seen !== null) throw seen.reason;
  }

  #nextMs(): number {
    this.#dropCancelled();
    return this.#timers[0]?.atMs ?? Infinity;
  }

  /** All timers of the next instant, each with a turn for its promises; then whatever they made ready. */
  async #toNextTimer(): Promise<void> {
    const instantMs = this.#nextMs();
    this.#moveTo(instantMs);
    while (this.#nextMs() === instantMs) {
      const timer = this.#timers.shift();
      if (timer === undefined) break;
      timer.isOver = true;
      timer.run();
      if (this.#nextMs() === instantMs) await promisesRest(); // after the last one everything comes to rest anyway
    }
    await this.settle();
  }

  #moveTo(ms: number): void {
    this.#nowMs = ms;
  }

  #dropCancelled(): void {
    while (this.#timers[0]?.isOver === true) {
      this.#timers.shift();
      this.#cancelled -= 1;
    }
  }

  /** Cancelled timers far ahead must not pile up. */
  #forgetCancelled(): void {
    if (this.#cancelled < 64 || this.#cancelled * 2 < this.#timers.length) return;
    const live = this.#timers.filter(({ isOver }) => !isOver);
    this.#timers.splice(0, this.#timers.length, ...live);
    this.#cancelled = 0;
  }
}
