/**
 * What of a life's records is unfinished: their tickets, credits and lanes, and the way into the flow.
 *
 * Invariants: a ticket is in `tickets` from admission until it is closed or abandoned; it holds a credit from admission
 * until it is parked, closed or abandoned *and* nothing of it runs; its lane opens for the next one when it is closed or
 * abandoned and nothing of it runs.
 */
import { type Observable, Subject } from "rxjs";
import type { DelayRoom } from "./delay-room.ts";
import { Fifo } from "./fifo.ts";
import { Lanes, type Order } from "./lanes.ts";
import type { Partitions } from "./partitions.ts";
import { onRail, type Rail } from "./rail.ts";
import type { OffsetRecord, QueueRecord } from "./source.ts";
import { type Host, Ticket, Tickets } from "./ticket.ts";
import type { Window } from "./window.ts";

export interface InFlightPorts {
  readonly host: Host;
  readonly window: Window;
  readonly order: Order;
  readonly partitions: Partitions;
  readonly room: DelayRoom;
  /** A record is about to be left to its source. */
  readonly handingBack: (ticket: Ticket) => void;
}

export class InFlight<In> {
  readonly tickets = new Tickets();
  readonly #ports: InFlightPorts;
  readonly #lanes: Lanes<Ticket> | null;
  readonly #entry = new Subject<Rail<In>>();
  readonly #ready = new Fifo<Ticket>();
  #isEntering = false;
  #isEntryOpen = true;
  #handedBack = 0;

  constructor(ports: InFlightPorts) {
    this.#ports = ports;
    this.#lanes = ports.order === "byKey" ? new Lanes() : null;
  }

  /** What the flow is made of. */
  get items(): Observable<Rail<In>> {
    return this.#entry;
  }

  /** False once the flow was told that nothing more comes. */
  get isEntryOpen(): boolean {
    return this.#isEntryOpen;
  }

  /** Admitted, and not yet in the flow. */
  get waiting(): number {
    return (this.#lanes?.waiting ?? 0) + this.#ready.size;
  }

  get handedBack(): number {
    return this.#handedBack;
  }

  admit(record: OffsetRecord<In> | QueueRecord<In>): void {
    const { partitions, host } = this.#ports;
    if ("token" in record) {
      this.#enter(new Ticket(host, record));
    } else if (partitions.arrive(record) === "fresh") {
      const ticket = new Ticket(host, record);
      partitions.accept(ticket, record);
      this.#enter(ticket);
    } else if (host.events.heard) {
      host.events.emit({ type: "record:repeat:seen", record: `${record.partition}@${record.offset}` });
    }
  }

  /** One whose wait in the delay room is over. */
  admitAgain(ticket: Ticket): void {
    ticket.state = "open";
    ticket.attempt += 1;
    ticket.waiting = null;
    if (!ticket.holdsCredit) {
      ticket.holdsCredit = true;
      this.#ports.window.take(ticket.bytes);
    }
    this.#ready.push(ticket);
    this.#letIn();
  }

  /** False where there is no room to wait in. Its lane stays shut: the next of its key must not overtake it. */
  park(ticket: Ticket, afterMs: number): boolean {
    if (!this.#isEntryOpen || !this.#ports.room.park(ticket, afterMs)) return false;
    ticket.state = "parked";
    ticket.waiting = "a later try";
    this.#ports.host.events.emit({
      type: "item:park:done",
      record: ticket.record,
      stage: ticket.stage,
      forMs: afterMs,
    });
    this.freeIfQuiet(ticket);
    return true;
  }

  /** Its source has been told. */
  close(ticket: Ticket): void {
    this.tickets.remove(ticket);
    this.freeIfQuiet(ticket);
  }

  /** Its source will bring it again. */
  abandon(ticket: Ticket, reason: string): void {
    if (!ticket.isUnfinished) return;
    this.#ports.handingBack(ticket);
    ticket.state = "abandoned";
    this.#handedBack += 1;
    this.tickets.remove(ticket);
    this.#ports.partitions.abandon(ticket);
    this.#ports.host.events.emit({
      type: "item:hand-back:done",
      record: ticket.record,
      stage: ticket.stage,
      reason,
    });
    if (this.#lanes !== null && ticket.isInLane) {
      // Of its key nothing may happen here before it has come again; a later record would take effect before it.
      for (const behind of this.#lanes.abandon(ticket.key)) {
        behind.isInLane = false;
        this.abandon(behind, `behind ${ticket.record}, which was handed back`);
      }
    }
    this.freeIfQuiet(ticket);
  }

  /** Nothing more will come in. */
  complete(): void {
    this.#isEntryOpen = false;
    this.#entry.complete();
  }

  freeIfQuiet(ticket: Ticket): void {
    if (ticket.runningTries > 0 || ticket.state === "open" || ticket.state === "settling") return;
    if (ticket.holdsCredit) {
      ticket.holdsCredit = false;
      this.#ports.window.give(ticket.bytes);
    }
    if (ticket.state === "parked" || !ticket.isInLane || this.#lanes === null) return;
    ticket.isInLane = false;
    const next = this.#lanes.leave(ticket.key);
    if (next === undefined) return;
    next.waiting = null;
    this.#ready.push(next);
    this.#letIn();
  }

  #enter(ticket: Ticket): void {
    const { window, host } = this.#ports;
    window.take(ticket.bytes);
    this.tickets.add(ticket);
    if (this.#lanes !== null && !this.#lanes.enter(ticket.key, ticket)) {
      ticket.waiting = "an earlier record of its key";
      return;
    }
    if (host.events.heard) {
      host.events.emit({ type: "item:admit:done", record: ticket.record, attempt: ticket.attempt });
    }
    this.#ready.push(ticket);
    this.#letIn();
  }

  /** A line, not a recursion: work that ends at once lets the next of its lane in from here. */
  #letIn(): void {
    if (this.#isEntering) return;
    this.#isEntering = true;
    for (let ticket = this.#ready.shift(); ticket !== undefined; ticket = this.#ready.shift()) {
      if (ticket.state !== "open" || !this.#isEntryOpen) continue;
      const { attempt, taken } = ticket;
      // tickets of this life were all made of this source's records
      const body = taken.body as In;
      this.#entry.next(onRail({ body, key: taken.key, attempt, trace: taken.trace ?? null, ticket }));
    }
    this.#isEntering = false;
  }
}
