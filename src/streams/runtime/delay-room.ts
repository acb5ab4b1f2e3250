/**
 * Where items wait whose retry is far off and whose source cannot delay it. A waiting item holds no credit, so the room
 * has a bound of its own; when it is full the next one goes to the dead letters instead.
 *
 * Kept in order of time. Putting one in costs O(log n) to find its place and a move of those behind it.
 */
import type { Cancel, Clock } from "./system-ports.ts";
import type { Ticket } from "./ticket.ts";

interface Waiting {
  readonly ticket: Ticket;
  readonly dueMs: number;
}

export class DelayRoom {
  readonly #capacity: number;
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #waiting: Waiting[] = [];
  #timer: Cancel | null = null;
  #timerMs = Infinity;

  constructor(capacity: number, clock: Clock, onDue: () => void) {
    this.#capacity = capacity;
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Whether one more may wait; `besides` are not in the room, but count as if they were. */
  hasPlace(besides = 0): boolean {
    return this.#waiting.length + besides < this.#capacity;
  }

  /** False when the room is full. */
  park(ticket: Ticket, afterMs: number, besides = 0): boolean {
    if (!this.hasPlace(besides)) return false;
    const dueMs = this.#clock.monotonicMs() + afterMs;
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#waiting[middle]?.dueMs ?? 0) <= dueMs) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, { ticket, dueMs });
    if (low === 0) this.#arm(dueMs);
    return true;
  }

  /** The first one whose time has come and that may go. */
  takeDue(mayGo: (ticket: Ticket) => boolean = () => true): Ticket | undefined {
    const nowMs = this.#clock.monotonicMs();
    for (const [at, { ticket, dueMs }] of this.#waiting.entries()) {
      if (dueMs > nowMs) {
        this.#arm(dueMs);
        return undefined;
      }
      if (!mayGo(ticket)) continue;
      this.#waiting.splice(at, 1);
      return ticket;
    }
    return undefined;
  }

  /** Sets the timer for the first one, also where its time has come: for an owner who stopped before a vain take. */
  wakeForFirst(): void {
    const first = this.#waiting[0];
    if (first !== undefined) this.#arm(first.dueMs);
  }

  /** Those out for whom it holds. */
  takeOut(holds: (ticket: Ticket) => boolean): readonly Ticket[] {
    const all = this.#waiting;
    this.#waiting = all.filter(({ ticket }) => !holds(ticket));
    return all.filter(({ ticket }) => holds(ticket)).map(({ ticket }) => ticket);
  }

  /** Everybody out. */
  clear(): readonly Ticket[] {
    this.#timer?.();
    this.#timer = null;
    return this.takeOut(() => true);
  }

  /** Wakes the owner once; it then takes what is due, and its last, vain take sets the next timer. */
  #arm(dueMs: number): void {
    if (this.#timer !== null && this.#timerMs <= dueMs) return;
    this.#timer?.();
    this.#timerMs = dueMs;
    this.#timer = this.#clock.after(Math.max(0, dueMs - this.#clock.monotonicMs()), () => {
      this.#timer = null;
      this.#onDue();
    });
  }
}
