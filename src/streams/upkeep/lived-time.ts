/**
 * How much time has really passed since the ledger's clock showed something, by this process's own monotonic clock. A database whose
 * clock is set forward would otherwise say of a copy that left a moment ago that it left an hour ago, and a provider that does not
 * know it yet would be believed. Somebody who has just begun knows of no time before.
 *
 * What it holds is a row of marks, of each the ledger's time and ours. A clock that is set back makes the marks before worthless:
 * what it shows then may have been shown before. One that is set back and forward again between two looks, a second apart, is not seen.
 */
import type { Instant } from "../../domain/ids.ts";

/** How finely it is kept: a mark for each two hundredth of the longest time that anybody asks for. */
const MARKS = 200;
/** By so much a clock may be slowed down, while it is mended, without having been set back; and by so little it may have been. */
const SLOWED = 0.001;
const SLACK_MS = 20;

interface Mark {
  readonly at: Instant;
  /** Monotonic, after the ledger had answered. */
  readonly toMs: number;
}

export class LivedTime {
  readonly #horizonMs: number;
  #marks: Mark[] = [];
  /** By how much the ledger's clock is ahead of ours, at least: the most that was seen since it was last set back. */
  #aheadMs = -Infinity;
  #seenMs = 0;

  /** @param horizonMs the longest time that anybody asks for, which more than passes: older marks are forgotten, all but two */
  constructor(horizonMs: number) {
    this.#horizonMs = horizonMs;
  }

  /** The ledger's clock showed `at`; it was asked at `fromMs` and had answered at `toMs`, by our monotonic clock. */
  mark(at: Instant, fromMs: number, toMs: number): void {
    const leastAheadMs = this.#aheadMs - (toMs - this.#seenMs) * SLOWED;
    if (at - fromMs < leastAheadMs - SLACK_MS) {
      this.#marks = [];
      this.#aheadMs = at - toMs;
    } else this.#aheadMs = Math.max(leastAheadMs, at - toMs);
    this.#seenMs = toMs;
    const newest = this.#marks.at(-1);
    if (newest !== undefined && toMs - newest.toMs < this.#horizonMs / MARKS) return;
    this.#marks.push({ at, toMs });
    // the second that is old enough stands for all time before it
    while ((this.#marks[2]?.toMs ?? Infinity) < toMs - this.#horizonMs) this.#marks.shift();
  }

  /**
   * Since we have known the ledger's clock to be at that time or beyond it; 0 if we have not. Counted from the mark after that: in
   * between it may have been set forward. What was read after the last mark may be younger than anything known here: mark after reading.
   */
  sinceMs(at: Instant, nowMs: number): number {
    const first = this.#marks.findIndex((mark) => mark.at >= at);
    const sure = first === -1 ? undefined : this.#marks[first + 1];
    return sure === undefined ? 0 : Math.max(0, nowMs - sure.toMs);
  }
}
