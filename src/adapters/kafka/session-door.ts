/**
 * What those outside see of a session: whether it is open, what it has failed of, and when it is worth asking again.
 */
import type { Failure } from "../../failure.ts";

export class SessionDoor {
  readonly #hungry = new Set<() => void>();
  /** With `null` when the first positions are known. */
  readonly opened: Promise<Failure | null>;
  #settle: (failure: Failure | null) => void = () => undefined;
  #failure: Failure | null = null;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get failure(): Failure | null {
    return this.#failure;
  }

  /** The first time counts. */
  open(): void {
    this.#settle(null);
  }

  /** The first failure stays. */
  fail(failure: Failure): void {
    this.#failure ??= failure;
    this.#settle(this.#failure);
    this.feed();
  }

  /** Called each time there may be something to take, or a failure, until what it gives is called. */
  whenFed(again: () => void): () => void {
    this.#hungry.add(again);
    return () => this.#hungry.delete(again);
  }

  feed(): void {
    for (const again of [...this.#hungry]) again();
  }
}
