/**
 * A partition's unfinished tickets. Those of the present assignment lie in a ring by their slots, so that coming and going
 * cost neither a hash nor an entry; those of earlier assignments, of which there are few and only after a rebalance, are
 * found by their offsets.
 *
 * A slot in use is never further from the newest than the watermark's span, so the ring has room for all of them when it
 * is no shorter than that.
 */
import type { Ticket } from "./ticket.ts";
import type { Slot } from "./watermark.ts";

const FIRST_CAPACITY = 64;

export class LiveTickets {
  #ring: (Ticket | null)[] = new Array<Ticket | null>(FIRST_CAPACITY).fill(null);
  readonly #earlier = new Map<number, Ticket>();
  #inRing = 0;

  get size(): number {
    return this.#inRing + this.#earlier.size;
  }

  /** The present assignment's unfinished ticket in that slot. */
  at(slot: Slot): Ticket | undefined {
    const ticket = this.#ring[slot & (this.#ring.length - 1)];
    return ticket?.slot === slot ? ticket : undefined;
  }

  /** Some of an assignment that is over are unfinished. */
  get hasEarlier(): boolean {
    return this.#earlier.size > 0;
  }

  /** Of an assignment that is over. */
  earlier(offset: number): Ticket | undefined {
    return this.#earlier.size === 0 ? undefined : this.#earlier.get(offset);
  }

  /** Enters one that has just been given its slot; whoever had its offset in an earlier assignment is forgotten. */
  add(ticket: Ticket, offset: number, span: number): void {
    if (this.#earlier.size > 0) this.#earlier.delete(offset);
    while (span > this.#ring.length) this.#grow();
    this.#ring[ticket.slot & (this.#ring.length - 1)] = ticket;
    this.#inRing += 1;
  }

  remove(ticket: Ticket, offset: number): void {
    const at = ticket.slot & (this.#ring.length - 1);
    if (this.#ring[at] === ticket) {
      this.#ring[at] = null;
      this.#inRing -= 1;
    } else if (this.#earlier.get(offset) === ticket) this.#earlier.delete(offset);
  }

  /** The slots begin anew: what is unfinished now is known by its offset from here on. */
  reassigned(): void {
    for (const [at, ticket] of this.#ring.entries()) {
      if (ticket === null) continue;
      if ("offset" in ticket.taken) this.#earlier.set(ticket.taken.offset, ticket);
      this.#ring[at] = null;
    }
    this.#inRing = 0;
  }

  #grow(): void {
    const ring = new Array<Ticket | null>(this.#ring.length * 2).fill(null);
    for (const ticket of this.#ring) if (ticket !== null) ring[ticket.slot & (ring.length - 1)] = ticket;
    this.#ring = ring;
  }
}
