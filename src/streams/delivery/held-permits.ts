/**
 * The permits of one life of a delivery, from the line until the provider's call. A life may end in between, and its work be given
 * up: then all of them go back. Those that go back wake others who stand in line in the same life and are not told to leave
 * yet; so one that comes after the end goes back at once, or the provider would be short of it for as long as the process lives.
 */
import type { Permit } from "./permit.ts";

export class HeldPermits {
  readonly #held = new Set<Permit>();
  #isOver = false;

  get count(): number {
    return this.#held.size;
  }

  add(permit: Permit): void {
    if (this.#isOver) permit.giveBack();
    else this.#held.add(permit);
  }

  /** Somebody else answers for it from now on. */
  letGo(permit: Permit): void {
    this.#held.delete(permit);
  }

  giveBack(permit: Permit): void {
    if (this.#held.delete(permit)) permit.giveBack();
  }

  /** The life is over. */
  end(): void {
    this.#isOver = true;
    for (const permit of this.#held) permit.giveBack();
    this.#held.clear();
  }
}
