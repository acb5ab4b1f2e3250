/**
 * Natural batching: what arrives while all calls are under way gathers into the next one. No timers. The first item of
 * an idle stage waits only until what is ready at this moment has arrived too.
 *
 * Invariants: at most `concurrency` batches are out; no batch is empty or larger than its limits (a single item may be
 * larger than `maxBytes`); items leave in the order in which they came.
 */
import { Fifo } from "./fifo.ts";

export interface GatheringOptions<Item extends object> {
  readonly concurrency: number;
  readonly maxCount: number;
  readonly maxBytes: number;
  readonly bytesOf: (item: Item) => number;
  /** Runs once what is ready now has had its turn; by the clock of the item in hand. */
  readonly soon: (item: Item, run: () => void) => void;
  /** The batch is out until `ended` is called. */
  readonly begin: (batch: readonly Item[]) => void;
  /** Closed, and nothing is waiting or out any more. */
  readonly empty: () => void;
}

export class Gathering<Item extends object> {
  readonly #options: GatheringOptions<Item>;
  readonly #waiting = new Fifo<Item>();
  #out = 0;
  #isBeginning = false;
  #isClosed = false;
  #isStopped = false;

  constructor(options: GatheringOptions<Item>) {
    this.#options = options;
  }

  /** Items that have not begun. */
  get waiting(): number {
    return this.#waiting.size;
  }

  get out(): number {
    return this.#out;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    this.#beginSoon(item);
  }

  /** One batch has come back. */
  ended(): void {
    this.#out -= 1;
    const next = this.#waiting.first;
    if (next !== undefined) this.#beginSoon(next);
    else this.#tellIfEmpty();
  }

  /** No more will come. */
  close(): void {
    this.#isClosed = true;
    this.#tellIfEmpty();
  }

  /** Returns the items that were not begun and never will be. */
  stop(): readonly Item[] {
    this.#isStopped = true;
    return this.#waiting.takeAll();
  }

  #beginSoon(item: Item): void {
    if (this.#isBeginning || this.#out >= this.#options.concurrency) return;
    this.#isBeginning = true;
    this.#options.soon(item, () => {
      this.#isBeginning = false;
      while (!this.#isStopped && this.waiting > 0 && this.#out < this.#options.concurrency) {
        this.#out += 1;
        this.#options.begin(this.#take());
      }
    });
  }

  #take(): readonly Item[] {
    const { maxCount, maxBytes, bytesOf } = this.#options;
    const batch: Item[] = [];
    let bytes = 0;
    for (
      let item = this.#waiting.first;
      item !== undefined && batch.length < maxCount;
      item = this.#waiting.first
    ) {
      bytes += bytesOf(item);
      if (batch.length > 0 && bytes > maxBytes) break;
      batch.push(item);
      this.#waiting.shift();
    }
    return batch;
  }

  #tellIfEmpty(): void {
    if (this.#isClosed && !this.#isStopped && this.#out === 0 && this.waiting === 0) this.#options.empty();
  }
}
