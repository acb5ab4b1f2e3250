/**
 * Natural batching of calls: what comes while all calls are under way goes out with the next one. No timer, so an idle
 * provider adds no delay, and a busy one asks its journal once for hundreds of requests.
 */
export interface GatheredCallsOptions<Item> {
  /** Calls under way at once. */
  readonly concurrency: number;
  /** Items of one call. */
  readonly maxBatch: number;
  /** Runs once what is ready now has had its turn. */
  readonly soon: (run: () => void) => void;
  /** Must not reject; the items' answers are its own business. */
  readonly call: (batch: readonly Item[]) => Promise<void>;
}

export class GatheredCalls<Item> {
  readonly #options: GatheredCallsOptions<Item>;
  #waiting: Item[] = [];
  #out = 0;
  #isBeginning = false;

  constructor(options: GatheredCallsOptions<Item>) {
    this.#options = options;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    this.#beginSoon();
  }

  /** Those that have not gone out, and now never will. */
  takeWaiting(): readonly Item[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  #beginSoon(): void {
    const { concurrency, soon } = this.#options;
    if (this.#isBeginning || this.#out >= concurrency || this.#waiting.length === 0) return;
    this.#isBeginning = true;
    soon(() => {
      this.#isBeginning = false;
      while (this.#waiting.length > 0 && this.#out < concurrency) this.#begin();
    });
  }

  #begin(): void {
    // Moves the rest to the front: a thousand at a time, so each item is moved as often as calls go out before it.
    const batch = this.#waiting.splice(0, this.#options.maxBatch);
    this.#out += 1;
    const ended = (): void => {
      this.#out -= 1;
      this.#beginSoon();
    };
    this.#options.call(batch).then(ended, ended);
  }
}
