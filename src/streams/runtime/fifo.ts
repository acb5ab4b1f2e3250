/**
 * A waiting line in which coming and going are O(1): an array whose front is let go of in large moves, because
 * `shift()` on a long array copies all of it. What has gone is forgotten at once: a line that is never empty would
 * otherwise keep a thousand of its items, and whatever they hold, alive. A line that is often empty keeps its places: new
 * ones for every single item would be more than the item.
 */
const SLACK = 1024;

export class Fifo<Item extends object> {
  #items: (Item | undefined)[] = [];
  /** The first that waits, and the place of the next that comes. */
  #head = 0;
  #tail = 0;

  get size(): number {
    return this.#tail - this.#head;
  }

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items[this.#tail] = item;
    this.#tail += 1;
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#tail) this.#empty();
    else if (this.#head > SLACK && this.#head * 2 > this.#tail) {
      this.#items = this.#items.slice(this.#head, this.#tail);
      this.#tail -= this.#head;
      this.#head = 0;
    }
    return item;
  }

  /** All that wait, in order; none may come or go meanwhile. */
  *[Symbol.iterator](): Generator<Item> {
    for (let at = this.#head; at < this.#tail; at += 1) {
      const item = this.#items[at];
      if (item !== undefined) yield item;
    }
  }

  takeAll(): readonly Item[] {
    const all = this.#items.slice(this.#head, this.#tail) as Item[]; // only what has gone is undefined
    this.clear();
    return all;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#tail = 0;
  }

  /** All have gone. What the places of a long line take is given back. */
  #empty(): void {
    if (this.#items.length > SLACK) this.#items = [];
    this.#head = 0;
    this.#tail = 0;
  }
}
