/**
 * Who need not be looked at before when: bounded, and forgetful without harm. What it forgets is looked at too early, once.
 */
export class LaterBook<At extends number> {
  readonly #mostCount: number;
  readonly #notBefore = new Map<string, At>();

  constructor(mostCount: number) {
    this.#mostCount = mostCount;
  }

  get count(): number {
    return this.#notBefore.size;
  }

  put(id: string, notBefore: At): void {
    this.#notBefore.delete(id);
    this.#notBefore.set(id, notBefore);
    if (this.#notBefore.size <= this.#mostCount) return;
    const [oldest] = this.#notBefore.keys();
    if (oldest !== undefined) this.#notBefore.delete(oldest);
  }

  forget(id: string): void {
    this.#notBefore.delete(id);
  }

  /** Not known counts as now. */
  isTime(id: string, now: At): boolean {
    const notBefore = this.#notBefore.get(id);
    return notBefore === undefined || notBefore <= now;
  }
}
