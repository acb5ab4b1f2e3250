/**
 * All of one life's calls into the outside: counted while they run, told to stop when the life gives up, and awaited.
 * Unsubscribing alone stops no promise, so it is not how work ends here.
 */
import type { Fiber } from "effect";

export class WorkScope {
  readonly #giveUp = new AbortController();
  readonly #fibers = new Set<Fiber.Fiber<unknown, unknown>>();
  readonly #whenQuiet: (() => void)[] = [];
  #running = 0;

  get signal(): AbortSignal {
    return this.#giveUp.signal;
  }

  /** Calls that have begun and not ended. */
  get running(): number {
    return this.#running;
  }

  began(): void {
    this.#running += 1;
  }

  ended(): void {
    this.#running -= 1;
    if (this.#running === 0) for (const tell of this.#whenQuiet.splice(0)) tell();
  }

  hold<A, E>(fiber: Fiber.Fiber<A, E>): Fiber.Fiber<A, E> {
    this.#fibers.add(fiber);
    fiber.addObserver(() => {
      this.#fibers.delete(fiber);
    });
    if (this.signal.aborted) fiber.interruptUnsafe();
    return fiber;
  }

  /** Everybody is told to stop. Who does not listen goes on, counted, and is answered by nobody. */
  giveUp(): void {
    this.#giveUp.abort();
    for (const fiber of [...this.#fibers]) fiber.interruptUnsafe();
  }

  /** Resolves when nothing runs. */
  quiet(): Promise<void> {
    return this.#running === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#whenQuiet.push(resolve);
        });
  }
}
