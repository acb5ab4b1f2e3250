/**
 * Those who wait for a permit, in the order in which they came. Joining, being called and leaving before one's turn are
 * O(1): a drain makes ten thousand leave at once. It is as long as its pipelines have credits.
 */
export interface Place<Taker> {
  readonly taker: Taker;
  before: Place<Taker> | null;
  after: Place<Taker> | null;
  isIn: boolean;
}

export class LineOfTakers<Taker> {
  #first: Place<Taker> | null = null;
  #last: Place<Taker> | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  join(taker: Taker): Place<Taker> {
    const place: Place<Taker> = { taker, before: this.#last, after: null, isIn: true };
    if (this.#last === null) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    this.#length += 1;
    return place;
  }

  /** Leaves before its turn; nothing for one who was called already. */
  leave(place: Place<Taker>): void {
    if (!place.isIn) return;
    place.isIn = false;
    const { before, after } = place;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    place.before = null;
    place.after = null;
    this.#length -= 1;
  }

  /** The one who has waited longest leaves the line. */
  call(): Taker | null {
    const first = this.#first;
    if (first === null) return null;
    this.leave(first);
    return first.taker;
  }
}
