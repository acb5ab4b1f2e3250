/**
 * A rate: so many a second over time, and never more than `burst` at once after a pause. Elapsed time alone counts, on a
 * clock that is handed in with each question.
 *
 * In any span of t seconds at most `perSecond · t + burst` are taken. What was taken and not used is not put back: put back
 * late, it would let more through in a moment than the provider was promised.
 */
/** A token that lacks less than this is there: sums of fractions are never exact. */
const NEARLY = 1e-9;

export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    if (!(perSecond > 0)) throw new RangeError(`perSecond is ${perSecond}: it must be above 0`);
    if (!(burst >= 1)) throw new RangeError(`burst is ${burst}: it must be at least 1`);
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** Until one can be taken, in whole milliseconds; 0: now. */
  inMs(nowMs: number): number {
    this.#fill(nowMs);
    const missing = 1 - this.#tokens;
    return missing <= NEARLY ? 0 : Math.ceil(missing / this.#perMs);
  }

  /** Only where `inMs` has just said 0. */
  take(nowMs: number): void {
    this.#fill(nowMs);
    this.#tokens -= 1;
  }

  #fill(nowMs: number): void {
    if (nowMs <= this.#atMs) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
  }
}
