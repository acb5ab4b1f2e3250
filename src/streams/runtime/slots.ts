/**
 * The width of a stage: a `mergeMap` whose inner observables are *slots*, not items. A slot lives as long as the stage,
 * works on one item at a time and takes the next one that waits, so `mergeMap` limits how much is worked on at once and
 * its cost is paid once a slot.
 *
 * With an inner observable for each item the same limit costs 2 µs an item at a hundred in flight and some 25 at ten
 * thousand: `mergeMap` looks for the one that ended in a list of all of them, and each is a kilobyte that lives for as
 * long as the item does.
 *
 * Slots are opened when first needed. Items beyond the width wait in order; the pipeline's window bounds how many.
 */
import { mergeMap, Observable, Subject, type Subscriber, type Subscription } from "rxjs";
import { Fifo } from "./fifo.ts";

/** Whose item it is: passed along with the item and given back to `ended`, where a closure would live as long as the item. */
export type Slot<Out> = Subscriber<Out>;

export interface SlotsOptions<Item, Out> {
  readonly width: number;
  /** For each item `ended` must be called with its slot, once, at once or later. */
  readonly work: (item: Item, slot: Slot<Out>) => void;
}

export class Slots<Item extends object, Out> {
  readonly #width: number;
  readonly #work: SlotsOptions<Item, Out>["work"];
  readonly #opening = new Subject<void>();
  readonly #running: Subscription;
  readonly #slots: Slot<Out>[] = [];
  readonly #idle: Slot<Out>[] = [];
  readonly #queue = new Fifo<Item>();
  #isAdvancing = false;
  #isClosed = false;

  constructor({ width, work }: SlotsOptions<Item, Out>, output: Subscriber<Out>) {
    this.#width = width;
    this.#work = work;
    this.#running = this.#opening.pipe(mergeMap(() => this.#slot(), width)).subscribe({
      next: (out) => {
        output.next(out);
      },
      error: (error: unknown) => {
        output.error(error);
      },
      complete: () => {
        output.complete();
      },
    });
  }

  push(item: Item): void {
    this.#queue.push(item);
    this.#advance();
  }

  /** The item in that slot is done with; with `null` nothing comes out. */
  ended(slot: Slot<Out>, out: Out | null): void {
    this.#idle.push(slot);
    if (out !== null) slot.next(out);
    this.#advance();
  }

  /** No more will be pushed: the output completes when the last work has ended. */
  close(): void {
    this.#isClosed = true;
    this.#opening.complete();
    this.#advance();
  }

  /** Returns the items that were not begun and never will be. */
  stop(): readonly Item[] {
    this.#running.unsubscribe();
    return this.#queue.takeAll();
  }

  #slot(): Observable<Out> {
    return new Observable<Out>((slot) => {
      this.#slots.push(slot);
      this.#idle.push(slot);
    });
  }

  /** A loop, not a recursion: work that ends at once comes back here while it runs. */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    for (let item = this.#queue.first; item !== undefined; item = this.#queue.first) {
      if (this.#idle.length === 0 && this.#slots.length < this.#width) this.#opening.next();
      const slot = this.#idle.pop();
      if (slot === undefined) break;
      this.#queue.shift();
      this.#work(item, slot);
    }
    this.#isAdvancing = false;
    const isDone = this.#isClosed && this.#queue.size === 0 && this.#idle.length === this.#slots.length;
    if (isDone) for (const slot of this.#slots) slot.complete();
  }
}
