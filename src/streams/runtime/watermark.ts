/**
 * The watermark of one assignment of one partition: how far the contiguous finished work reaches. What is committed
 * never passes an unfinished record, however out of order the work finishes.
 *
 * Records take slots in order of arrival, which is the order of their offsets; offsets may have gaps, slots have none.
 * The slots are a ring that doubles when it is full: a completion costs O(1), amortised, at any number in flight.
 */
import { OwnWords } from "./own-words.ts";

const FIRST_CAPACITY = 64;

/** A record's slot: its place in order of arrival. */
export type Slot = number;

export class Watermark {
  #offsets: Float64Array = new Float64Array(FIRST_CAPACITY);
  #finished: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  #head: Slot = 0;
  #tail: Slot = 0;
  #position: number;
  #expected: number;

  /** `position` is the next offset to be read: everything below it is finished. */
  constructor(position: number) {
    this.#position = position;
    this.#expected = position;
  }

  /** The next offset to commit. */
  get position(): number {
    return this.#position;
  }

  /** The smallest offset that would be new. */
  get expected(): number {
    return this.#expected;
  }

  /** Slots between the watermark and the newest arrival, finished or not. */
  get span(): number {
    return this.#tail - this.#head;
  }

  append(offset: number): Slot {
    if (!(offset >= this.#expected)) {
      throw new OwnWords(
        `offset ${offset} arrived after ${this.#expected - 1}: a partition's offsets ascend`,
      );
    }
    if (this.#tail - this.#head === this.#offsets.length) this.#grow();
    const slot = this.#tail;
    const at = slot & (this.#offsets.length - 1);
    this.#offsets[at] = offset;
    this.#finished[at] = 0;
    this.#tail += 1;
    this.#expected = offset + 1;
    return slot;
  }

  /** True when the position moved. Finishing a slot twice, or one that was never taken, changes nothing. */
  finish(slot: Slot): boolean {
    if (slot < this.#head || slot >= this.#tail) return false;
    const mask = this.#offsets.length - 1;
    this.#finished[slot & mask] = 1;
    if (slot !== this.#head) return false;
    let head = this.#head;
    while (head < this.#tail && this.#finished[head & mask] === 1) head += 1;
    this.#position = (this.#offsets[(head - 1) & mask] ?? 0) + 1;
    this.#head = head;
    return true;
  }

  /** The slot of the oldest unfinished record; where there is none, that of the next to come. */
  get head(): Slot {
    return this.#head;
  }

  /** The offset of the oldest unfinished record, if any. */
  get oldest(): number | undefined {
    return this.#head === this.#tail ? undefined : this.#offsets[this.#head & (this.#offsets.length - 1)];
  }

  #grow(): void {
    const capacity = this.#offsets.length;
    const offsets = new Float64Array(capacity * 2);
    const finished = new Uint8Array(capacity * 2);
    for (let slot = this.#head; slot < this.#tail; slot += 1) {
      offsets[slot & (capacity * 2 - 1)] = this.#offsets[slot & (capacity - 1)] ?? 0;
      finished[slot & (capacity * 2 - 1)] = this.#finished[slot & (capacity - 1)] ?? 0;
    }
    this.#offsets = offsets;
    this.#finished = finished;
  }
}
