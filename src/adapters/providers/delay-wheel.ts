/**
 * Very many waits with one timer: a ring of buckets, each for a few milliseconds. Setting and cancelling one is O(1),
 * however many there are; the timer is set for the next bucket that has anything in it.
 *
 * A wait never ends early, and at most one bucket's width late; one that is longer than the ring goes round more than once.
 */
import type { Cancel, Clock } from "../../streams/runtime/system-ports.ts";

/** 1,024 buckets of 8 ms: a turn of the ring takes 8 s. */
const BUCKETS = 1_024;
const BUCKET_MS = 8;

interface Wait {
  readonly run: () => void;
  readonly dueTick: number;
}

export class DelayWheel {
  readonly #clock: Pick<Clock, "monotonicMs" | "after">;
  readonly #buckets: readonly Set<Wait>[] = Array.from({ length: BUCKETS }, () => new Set<Wait>());
  #size = 0;
  /** The last tick whose bucket was emptied. */
  #tick: number;
  #timer: Cancel | null = null;
  #timerTick = Infinity;

  constructor(clock: Pick<Clock, "monotonicMs" | "after">) {
    this.#clock = clock;
    this.#tick = this.#now();
  }

  get size(): number {
    return this.#size;
  }

  /** Runs once, not sooner than `ms` from now. */
  after(ms: number, run: () => void): Cancel {
    if (Number.isNaN(ms)) throw new RangeError("a wait of NaN ms");
    if (ms === Infinity) return () => undefined;
    if (this.#size === 0) this.#tick = this.#now();
    const dueTick = Math.max(
      this.#tick + 1,
      Math.ceil((this.#clock.monotonicMs() + Math.max(0, ms)) / BUCKET_MS),
    );
    const wait: Wait = { run, dueTick };
    const bucket = this.#bucketOf(dueTick);
    bucket.add(wait);
    this.#size += 1;
    if (dueTick < this.#timerTick) this.#arm(dueTick);
    return () => {
      if (bucket.delete(wait)) this.#size -= 1;
      if (this.#size === 0) this.#disarm();
    };
  }

  /** None of them runs any more. */
  clear(): void {
    for (const bucket of this.#buckets) bucket.clear();
    this.#size = 0;
    this.#disarm();
  }

  #now(): number {
    return Math.floor(this.#clock.monotonicMs() / BUCKET_MS);
  }

  #bucketOf(tick: number): Set<Wait> {
    const bucket = this.#buckets[tick % BUCKETS];
    if (bucket === undefined) throw new RangeError(`no bucket for tick ${tick}`);
    return bucket;
  }

  #arm(tick: number): void {
    this.#timer?.();
    this.#timerTick = tick;
    this.#timer = this.#clock.after(Math.max(0, tick * BUCKET_MS - this.#clock.monotonicMs()), () => {
      this.#timer = null;
      this.#timerTick = Infinity;
      this.#turn();
    });
  }

  #disarm(): void {
    this.#timer?.();
    this.#timer = null;
    this.#timerTick = Infinity;
  }

  #turn(): void {
    const now = this.#now();
    // After a long stand-still one turn of the ring sees every bucket.
    const from = Math.max(this.#tick + 1, now - BUCKETS + 1);
    this.#tick = now;
    const due: Wait[] = [];
    for (let tick = from; tick <= now; tick += 1) {
      for (const wait of this.#bucketOf(tick)) if (wait.dueTick <= now) due.push(wait);
    }
    // Whoever is cancelled by one that runs before it must not run: each is taken out right before it runs.
    for (const wait of due) {
      if (!this.#bucketOf(wait.dueTick).delete(wait)) continue;
      this.#size -= 1;
      wait.run();
    }
    this.#armNext();
  }

  #armNext(): void {
    if (this.#size === 0) return;
    for (let tick = this.#tick + 1; tick <= this.#tick + BUCKETS; tick += 1) {
      if (this.#bucketOf(tick).size === 0) continue;
      if (tick < this.#timerTick) this.#arm(tick);
      return;
    }
  }
}
