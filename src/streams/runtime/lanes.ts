/**
 * Order by key. An item enters when the item before it in its lane is settled and nothing of it runs any more, so the
 * effects of one key happen in order of arrival, retries included. A lane lives while it has work, whatever becomes of
 * the assignment it came by.
 *
 * What waits in a lane holds its credit. So a key that gets more than it works off holds the others up once the window is full of
 * it: nothing of a partition is left in the source while the rest is taken. Health names the record that they wait for.
 *
 * A lane is an actor: addressed by key, one item at a time, its mailbox bounded by the window's credits.
 */
import { Fifo } from "./fifo.ts";

/** Whether the effects of one key happen in order of arrival. */
export type Order = "unordered" | "byKey";

export class Lanes<Item extends object> {
  /** A key is here while an item of it is in; the line holds those behind it and is made when first needed. */
  readonly #lanes = new Map<string, Fifo<Item> | null>();
  #waiting = 0;

  /** Items that wait for the one before them. */
  get waiting(): number {
    return this.#waiting;
  }

  /** True when the item may go at once; otherwise `leave` will give it back in its turn. */
  enter(key: string, item: Item): boolean {
    const line = this.#lanes.get(key);
    if (line === undefined) {
      this.#lanes.set(key, null);
      return true;
    }
    const behind = line ?? new Fifo<Item>();
    if (line === null) this.#lanes.set(key, behind);
    behind.push(item);
    this.#waiting += 1;
    return false;
  }

  /** The item in the lane will come again: those behind it that would come again with it are returned to go with it. */
  abandon(key: string, goes: (item: Item) => boolean = () => true): readonly Item[] {
    const line = this.#lanes.get(key);
    if (line == null) return [];
    const gone: Item[] = [];
    const staying: Item[] = [];
    for (let item = line.shift(); item !== undefined; item = line.shift()) {
      (goes(item) ? gone : staying).push(item);
    }
    for (const item of staying) line.push(item);
    this.#waiting -= gone.length;
    return gone;
  }

  /** Those that wait behind the item in the lane. */
  line(key: string): Iterable<Item> {
    return this.#lanes.get(key) ?? [];
  }

  /** The one whose turn it will be. */
  next(key: string): Item | undefined {
    return this.#lanes.get(key)?.first;
  }

  /** The item in the lane is done with; returns the one whose turn it is. */
  leave(key: string): Item | undefined {
    const next = this.#lanes.get(key)?.shift();
    if (next === undefined) this.#lanes.delete(key);
    else this.#waiting -= 1;
    return next;
  }
}
