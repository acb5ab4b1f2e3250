/**
 * What a pushing client has fetched and nobody has asked for yet: a line for each partition, all of them within one bound.
 *
 * Each partition has an equal share of the bytes. One that has filled its share is to be paused, and resumed once it is down to
 * half; so a partition that nobody takes from fills its own share and no other's. Takers go round the partitions, one record
 * from each in turn. The bound is passed by what was under way when the last partition was paused: one fetch.
 */
import type { PullLimit } from "../../streams/runtime/source.ts";

interface Line<T> {
  items: T[];
  /** The next to be taken; those before it are gone. */
  at: number;
  bytes: number;
  isFull: boolean;
}

/** Records of the same client, none of them handed over. */
export class ReadAhead<T> {
  readonly #mostBytes: number;
  readonly #weigh: (item: T) => number;
  readonly #lines = new Map<number, Line<T>>();
  #order: number[] = [];
  #turn = 0;
  #size = 0;

  constructor(mostBytes: number, weigh: (item: T) => number) {
    this.#mostBytes = mostBytes;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    let bytes = 0;
    for (const line of this.#lines.values()) bytes += line.bytes;
    return bytes;
  }

  /** From now on these, all empty; whatever was here is gone and will be fetched again. */
  reset(partitions: readonly number[]): void {
    this.#lines.clear();
    for (const partition of partitions)
      this.#lines.set(partition, { items: [], at: 0, bytes: 0, isFull: false });
    this.#order = [...partitions];
    this.#turn = 0;
    this.#size = 0;
  }

  /** Drops what one partition has. */
  clear(partition: number): void {
    const line = this.#lines.get(partition);
    if (line === undefined) return;
    this.#size -= line.items.length - line.at;
    this.#lines.set(partition, { items: [], at: 0, bytes: 0, isFull: false });
  }

  /** True while the partition has its share: it is to be paused, also where it was resumed for another reason. */
  put(partition: number, items: readonly T[]): boolean {
    const line = this.#lines.get(partition);
    if (line === undefined) return false;
    for (const item of items) {
      line.items.push(item);
      line.bytes += this.#weigh(item);
    }
    this.#size += items.length;
    if (line.bytes >= this.#share) line.isFull = true;
    return line.isFull;
  }

  /**
   * Within the limit, but always one if there is any, and the records of a partition in order.
   *
   * @param emptied is told of each partition that may be resumed
   */
  take({ records, bytes }: PullLimit, emptied: (partition: number) => void): readonly T[] {
    const taken: T[] = [];
    let left = bytes;
    let idle = 0;
    while (taken.length < records && idle < this.#order.length) {
      const partition = this.#order[this.#turn % this.#order.length] ?? 0;
      const line = this.#lines.get(partition);
      const next = line?.items[line.at];
      if (line === undefined || next === undefined) {
        this.#turn += 1;
        idle += 1;
        continue;
      }
      const weight = this.#weigh(next);
      if (weight > left && taken.length > 0) break;
      this.#turn += 1;
      idle = 0;
      left -= weight;
      taken.push(next);
      this.#leave(line, weight);
      if (line.isFull && line.bytes <= this.#share / 2) {
        line.isFull = false;
        emptied(partition);
      }
    }
    return taken;
  }

  get #share(): number {
    return this.#mostBytes / Math.max(1, this.#order.length);
  }

  #leave(line: Line<T>, weight: number): void {
    line.at += 1;
    line.bytes -= weight;
    this.#size -= 1;
    // what was taken is let go in one piece, so that a line costs no more than it holds
    if (line.at >= line.items.length || line.at >= KEPT) {
      line.items = line.items.slice(line.at);
      line.at = 0;
    }
  }
}

/** Taken items that a line may still hold on to. */
const KEPT = 1_024;
