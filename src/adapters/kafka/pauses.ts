/**
 * Waits that an ending cuts short, so that nothing which is told to close sleeps first.
 */
import type { Clock } from "../../streams/runtime/system-ports.ts";

export class Pauses {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (this.#isOver) {
        // not within this turn of the event loop: who tries again and again would keep everybody else from ever ending it
        setImmediate(resolve);
        return;
      }
      const go = (): void => {
        cancel();
        this.#waiting.delete(go);
        resolve();
      };
      const cancel = this.#clock.after(ms, go);
      this.#waiting.add(go);
    });

  /** From now on nothing waits for longer than a turn of the event loop. */
  end(): void {
    this.#isOver = true;
    for (const go of [...this.#waiting]) go();
  }
}
