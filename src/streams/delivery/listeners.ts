/**
 * Who wants to hear of something. Nobody does in most processes, so telling costs nothing then.
 */
export class Listeners<Told> {
  readonly #all = new Set<(told: Told) => void>();

  /** Returns the way to stop listening. */
  add(listener: (told: Told) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  tell(told: Told): void {
    for (const listener of this.#all) listener(told);
  }
}
