/**
 * When the next commit goes out: a while after the one before, or as soon as enough records have been finished. What waits is
 * sent at once when the partitions are about to go.
 */
import type { Cancel, Clock } from "../../streams/runtime/system-ports.ts";

export interface CommitPaceOptions {
  readonly everyMs: number;
  readonly everyRecords: number;
}

export class CommitPace {
  readonly #options: CommitPaceOptions;
  readonly #clock: Clock;
  #lastMs = -Infinity;
  #isHurried = false;
  readonly #waiting = new Set<() => void>();

  constructor(options: CommitPaceOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Resolves when a commit of so many finished records is due; it counts as sent then. */
  async due(records: number): Promise<void> {
    const waitMs = this.#lastMs + this.#options.everyMs - this.#clock.monotonicMs();
    if (waitMs > 0 && records < this.#options.everyRecords && !this.#isHurried) await this.#wait(waitMs);
    this.#lastMs = this.#clock.monotonicMs();
  }

  /** Nothing waits from now on, until `calm`. */
  hurry(): void {
    this.#isHurried = true;
    for (const go of [...this.#waiting]) go();
  }

  calm(): void {
    this.#isHurried = false;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let cancel: Cancel = () => undefined;
      const go = (): void => {
        cancel();
        this.#waiting.delete(go);
        resolve();
      };
      this.#waiting.add(go);
      cancel = this.#clock.after(ms, go);
    });
  }
}
