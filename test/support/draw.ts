/**
 * Chance that can be had again: the same seed draws the same moments and the same victims. What the machine makes of them is
 * its own, so a seed replays the plan of a proof and not its every step.
 */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number, both ends included. */
  within(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1));
  }

  /** In [0, 1). */
  share(): number {
    return this.#next();
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  one<A>(list: readonly [A, ...A[]]): A {
    return list[this.within(0, list.length - 1)] ?? list[0];
  }

  /** All of them, in an order by chance. */
  shuffled<A>(list: readonly A[]): readonly A[] {
    const left = [...list];
    const order: A[] = [];
    while (left.length > 0) order.push(...left.splice(this.within(0, left.length - 1), 1));
    return order;
  }

  /** Mulberry32: small, and the same on every machine. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
