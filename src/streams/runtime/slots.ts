/**
 * The width of a stage: a `mergeMap` whose inner observables are *banks* of slots, not items. A bank lives as long as the stage;
 * each of its slots works on one item at a time and takes the next one that waits. So `mergeMap` limits how many banks there are,
 * each bank how much it works on, and RxJS's cost is paid once a bank.
 *
 * With an inner observable for each item the same limit costs 2 µs an item at a hundred in flight and some 25 at ten
 * thousand: `mergeMap` looks for the one that ended in a list of all of them, and each is a kilobyte that lives for as
 * long as the item does. A kilobyte for each slot would not be copied, but is no longer in a cache when its answer comes.
 *
 * Banks are opened when first needed. Items beyond the width wait in order; the pipeline's window bounds how many.
 */
import { mergeMap, Observable, Subject, type Subscriber, type Subscription } from "rxjs";
import { Fifo } from "./fifo.ts";

/** Small enough that a narrow stage has no more than it needs, and wide enough that a wide one has few. */
const SLOTS_A_BANK = 64;

/** Whose item it is: passed along with the item and given back to `ended`, where a closure would live as long as the item. */
export interface Bank<Out> {
  readonly out: Subscriber<Out>;
  readonly width: number;
  busy: number;
}

export interface SlotsOptions<Item, Out> {
  readonly width: number;
  /** Default 64. */
  readonly slotsABank?: number;
  /** For each item `ended` must be called with its bank, once, at once or later. */
  readonly work: (item: Item, bank: Bank<Out>) => void;
}

export class Slots<Item extends object, Out> {
  readonly #width: number;
  readonly #slotsABank: number;
  readonly #work: SlotsOptions<Item, Out>["work"];
  readonly #opening = new Subject<void>();
  readonly #running: Subscription;
  readonly #banks: Bank<Out>[] = [];
  /** Those with a free slot; whoever became free last comes first. */
  readonly #withRoom: Bank<Out>[] = [];
  readonly #queue = new Fifo<Item>();
  /** Slots of all banks. */
  #opened = 0;
  #busy = 0;
  #isAdvancing = false;
  #isClosed = false;

  constructor({ width, work, slotsABank = SLOTS_A_BANK }: SlotsOptions<Item, Out>, output: Subscriber<Out>) {
    this.#width = width;
    this.#slotsABank = slotsABank;
    this.#work = work;
    const most = Math.ceil(width / slotsABank);
    this.#running = this.#opening.pipe(mergeMap(() => this.#bank(), most)).subscribe({
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

  /** An item of that bank is done with; with `null` nothing comes out. */
  ended(bank: Bank<Out>, out: Out | null): void {
    if (bank.busy === bank.width) this.#withRoom.push(bank);
    bank.busy -= 1;
    this.#busy -= 1;
    if (out !== null) bank.out.next(out);
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

  #bank(): Observable<Out> {
    return new Observable<Out>((out) => {
      const width = Math.min(this.#slotsABank, this.#width - this.#opened);
      const bank: Bank<Out> = { out, width, busy: 0 };
      this.#opened += width;
      this.#banks.push(bank);
      this.#withRoom.push(bank);
    });
  }

  /** A loop, not a recursion: work that ends at once comes back here while it runs. */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    for (let item = this.#queue.first; item !== undefined; item = this.#queue.first) {
      if (this.#withRoom.length === 0 && this.#opened < this.#width) this.#opening.next();
      const bank = this.#withRoom.at(-1);
      if (bank === undefined) break;
      this.#queue.shift();
      bank.busy += 1;
      this.#busy += 1;
      if (bank.busy === bank.width) this.#withRoom.pop();
      this.#work(item, bank);
    }
    this.#isAdvancing = false;
    const isDone = this.#isClosed && this.#queue.size === 0 && this.#busy === 0;
    if (isDone) for (const { out } of this.#banks) out.complete();
  }
}
