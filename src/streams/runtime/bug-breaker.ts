/**
 * Counts unexpected throws. One bad record is diverted; a bad deployment would divert a million, so when many throw
 * within a short time the breaker opens, the pipeline stops its intake and says why, and nothing more is diverted. It counts over
 * all lives of its pipeline: a source that makes it start again and again must not give a bad deployment another twenty each time.
 */
import { whereThrown } from "./rail.ts";
import type { Thrown } from "./ticket.ts";

/** How many unexpected throws stop a pipeline's intake. */
export interface BreakerLimits {
  /** Throws that are still taken for bad records. Default 20. */
  readonly bugs?: number;
  /** Default 60,000 ms. */
  readonly withinMs?: number;
}

export class BugBreaker {
  readonly #bugs: number;
  readonly #withinMs: number;
  #times: number[] = [];
  readonly #noted = new WeakSet<Thrown>();
  #reason: string | null = null;

  constructor({ bugs = 20, withinMs = 60_000 }: BreakerLimits) {
    if (!(bugs >= 1)) throw new RangeError(`breaker.bugs is ${bugs}: it must be at least 1`);
    this.#bugs = bugs;
    this.#withinMs = withinMs;
  }

  /** Why it is open; `null` while it is not. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Notes one throw, once however many items it struck; true when this one opened it. */
  note(stage: string, thrown: Thrown, nowMs: number): boolean {
    if (this.#reason !== null || this.#noted.has(thrown)) return false;
    this.#noted.add(thrown);
    this.#times = this.#times.filter((atMs) => nowMs - atMs < this.#withinMs);
    this.#times.push(nowMs);
    if (this.#times.length <= this.#bugs) return false;
    this.#reason = `${this.#times.length} unexpected throws within ${this.#withinMs} ms, the last in stage ${stage}: ${whereThrown(thrown.error)}`;
    return true;
  }
}
