/**
 * A line in which everybody has a place of their own and the one with the smallest goes first: a binary heap. Coming, also
 * back to an old place, and going cost O(log n).
 */
export interface Placed {
  readonly place: number;
}

export class Places<Item extends Placed> {
  readonly #heap: Item[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(item: Item): void {
    let at = this.#heap.length;
    this.#heap.push(item);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#heap[parentAt];
      if (parent === undefined || parent.place <= item.place) break;
      this.#heap[at] = parent;
      at = parentAt;
    }
    this.#heap[at] = item;
  }

  /** At most so many, in order of their places. */
  take(most: number): readonly Item[] {
    const taken: Item[] = [];
    while (taken.length < most) {
      const first = this.#shift();
      if (first === undefined) break;
      taken.push(first);
    }
    return taken;
  }

  #shift(): Item | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      const left = heap[childAt];
      if (left === undefined) break;
      const right = heap[childAt + 1];
      if (right !== undefined && right.place < left.place) childAt += 1;
      const child = right !== undefined && right.place < left.place ? right : left;
      if (child.place >= last.place) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
    return first;
  }
}
