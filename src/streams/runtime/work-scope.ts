/**
 * All of one life's calls into the outside: counted while they run, told to stop when the life gives up, and awaited.
 * Unsubscribing alone stops no promise, so it is not how work ends here.
 */
import type { Fiber } from "effect";
import type { Deadlines } from "./deadlines.ts";

export class WorkScope {
  readonly #controllers = new Set<AbortController>();
  #isGivenUp = false;
  /** One for each stage. */
  readonly #deadlines = new Set<Deadlines>();
  readonly #fibers = new Set<Fiber.Fiber<unknown, unknown>>();
  readonly #whenQuiet: (() => void)[] = [];
  #running = 0;

  get isGivenUp(): boolean {
    return this.#isGivenUp;
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

  /**
   * Aborts it when everything is given up; at once where that is so. A set of controllers, not listeners on one signal:
   * a signal looks through all its listeners whenever one comes or goes.
   */
  watch(controller: AbortController): void {
    if (this.#isGivenUp) controller.abort();
    else this.#controllers.add(controller);
  }

  unwatch(controller: AbortController): void {
    this.#controllers.delete(controller);
  }

  /** They pass for as long as somebody waits for the answers. */
  time(deadlines: Deadlines): void {
    if (this.#isGivenUp) deadlines.stop();
    else this.#deadlines.add(deadlines);
  }

  hold<A, E>(fiber: Fiber.Fiber<A, E>): Fiber.Fiber<A, E> {
    this.#fibers.add(fiber);
    fiber.addObserver(() => {
      this.#fibers.delete(fiber);
    });
    if (this.#isGivenUp) fiber.interruptUnsafe();
    return fiber;
  }

  /** Everybody is told to stop. Who does not listen goes on, counted, and is answered by nobody. */
  giveUp(): void {
    this.#isGivenUp = true;
    for (const controller of [...this.#controllers]) controller.abort();
    this.#controllers.clear();
    for (const deadlines of this.#deadlines) deadlines.stop();
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
