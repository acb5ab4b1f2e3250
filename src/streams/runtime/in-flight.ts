/**
 * What of a life's records is unfinished: their tickets, credits and lanes, and the way into the flow.
 *
 * Invariants: a ticket is in `tickets` from admission until it is closed or abandoned; it holds a credit from admission
 * until it is parked, closed or abandoned *and* nothing of it runs; its lane opens for the next one when it is closed or
 * abandoned and nothing of it runs.
 *
 * By key, one that is parked keeps those behind it waiting, for minutes perhaps. So they wait without credits too, as far
 * as the delay room has places: a window full of them would let nothing else in, not even the one they wait for. One
 * that has its credit still, because there was no place, lends it to the parked one when that one's later try is due and
 * none is free. A lane needs but one credit to go on: each hands it to the next.
 */
import type { Observable } from "rxjs";
import type { DelayRoom } from "./delay-room.ts";
import { Entry } from "./entry.ts";
import { Fifo } from "./fifo.ts";
import { Lanes, type Order } from "./lanes.ts";
import { OwnWords } from "./own-words.ts";
import type { Partitions } from "./partitions.ts";
import { onRail, type Rail } from "./rail.ts";
import { Roll } from "./roll.ts";
import type { OffsetRecord, QueueRecord } from "./source.ts";
import { type Host, type TakenRecord, Ticket, type Tickets } from "./ticket.ts";
import type { Window } from "./window.ts";

export interface InFlightPorts {
  readonly host: Host;
  readonly window: Window;
  readonly order: Order;
  readonly partitions: Partitions;
  readonly room: DelayRoom;
  /** A record is left to its source, and nothing of it runs any more. */
  readonly handingBack: (ticket: Ticket) => void;
}

/** A source that brings one of them again brings the other one again, too. */
const comesWith = ({ taken: one }: Ticket, { taken: other }: Ticket): boolean =>
  "token" in one || "token" in other || one.partition === other.partition;

/** With one that is no weight the window would never again know what it holds. */
const demandWeight = (record: TakenRecord): void => {
  const { bytes = 0 } = record;
  if (bytes >= 0 && bytes < Infinity) return;
  const name = "token" in record ? record.token : `${record.partition}@${record.offset}`;
  throw new OwnWords(`record ${name} was said to weigh ${bytes} bytes`);
};

export class InFlight<In> {
  readonly tickets: Tickets = new Roll();
  /** Settled or given up, with a call that has not ended: they still hold their credits. */
  readonly lingering = new Set<Ticket>();
  readonly #ports: InFlightPorts;
  readonly #lanes: Lanes<Ticket> | null;
  readonly #entry = new Entry<Rail<In>>();
  readonly #ready = new Fifo<Ticket>();
  #isEntering = false;
  #isEntryOpen = true;
  #handedBack = 0;
  /** Records that wait in lanes without a credit; each takes a place of the delay room. */
  #creditless = 0;
  /** Keys whose first record is parked. */
  readonly #asleep = new Set<string>();

  constructor(ports: InFlightPorts) {
    this.#ports = ports;
    this.#lanes = ports.order === "byKey" ? new Lanes() : null;
  }

  /** What the flow is made of. */
  get items(): Observable<Rail<In>> {
    return this.#entry.items;
  }

  /** False once nothing more comes into the flow. */
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
    demandWeight(record);
    if ("token" in record) {
      this.#enter(new Ticket(host, record));
      return;
    }
    const isFresh = partitions.arrive(record) === "fresh";
    if (host.events.heard && (!isFresh || partitions.isWorkedOnAgain(record))) {
      host.events.emit({ type: "record:repeat:seen", record: `${record.partition}@${record.offset}` });
    }
    if (!isFresh) return;
    const ticket = new Ticket(host, record);
    partitions.accept(ticket, record);
    this.#enter(ticket);
  }

  /** There is a free credit for it, or one to borrow, or it has its own still because an earlier try runs on. */
  mayEnterAgain(ticket: Ticket): boolean {
    const { window } = this.#ports;
    return window.freeRecords > 0 || ticket.holdsCredit || this.#inLine(ticket, true) !== undefined;
  }

  /** One whose wait in the delay room is over. */
  admitAgain(ticket: Ticket): void {
    this.#asleep.delete(ticket.key);
    ticket.state = "open";
    ticket.enterFlow();
    if (!ticket.holdsCredit) {
      const lender = this.#ports.window.freeRecords > 0 ? undefined : this.#inLine(ticket, true);
      if (lender !== undefined) {
        this.#giveCredit(lender);
        this.#creditless += 1;
      }
      this.#takeCredit(ticket);
    }
    this.#ready.push(ticket);
    this.#letIn();
  }

  /** False where there is no room to wait in. Its lane stays shut: the next of its key must not overtake it. */
  park(ticket: Ticket, afterMs: number): boolean {
    const { room } = this.#ports;
    // where its own would be one too many, one of those behind it is handed the credit that it leaves
    const besides = this.#creditless - (this.#inLine(ticket, false) === undefined ? 0 : 1);
    if (!this.#isEntryOpen || !room.park(ticket, afterMs, besides)) return false;
    ticket.state = "parked";
    ticket.waiting = "a later try";
    this.#ports.host.events.emit({
      type: "item:park:done",
      record: ticket.record,
      stage: ticket.stage,
      forMs: afterMs,
    });
    this.freeIfQuiet(ticket);
    if (this.#lanes === null) return true;
    this.#asleep.add(ticket.key);
    for (const behind of this.#lanes.line(ticket.key)) {
      if (!room.hasPlace(this.#creditless)) break;
      if (!behind.holdsCredit) continue;
      this.#giveCredit(behind);
      this.#creditless += 1;
    }
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
    ticket.owesHandBack = ticket.state !== "settling";
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
      this.#asleep.delete(ticket.key);
      // Of its key nothing may happen here before it has come again; a later record would take effect before it. But
      // one of another partition would not come again: that partition is still ours.
      for (const behind of this.#lanes.abandon(ticket.key, (other) => comesWith(other, ticket))) {
        if (!behind.holdsCredit) this.#creditless -= 1;
        behind.isInLane = false;
        this.abandon(behind, `behind ${ticket.record}, which was handed back`);
      }
    }
    this.freeIfQuiet(ticket);
  }

  /** Nothing more is let in, whatever becomes of those before it. */
  shut(): void {
    this.#isEntryOpen = false;
  }

  /** Nothing more will come in, and the flow is told so. */
  complete(): void {
    this.shut();
    this.#entry.complete();
  }

  freeIfQuiet(ticket: Ticket): void {
    if (ticket.state === "open" || ticket.state === "settling") return;
    if (ticket.runningTries > 0) {
      if (ticket.state !== "parked") this.lingering.add(ticket);
      return;
    }
    if (this.lingering.size > 0) this.lingering.delete(ticket);
    if (ticket.owesHandBack) {
      ticket.owesHandBack = false;
      this.#ports.handingBack(ticket);
    }
    if (ticket.holdsCredit) this.#passCredit(ticket);
    if (ticket.state === "parked" || !ticket.isInLane || this.#lanes === null) return;
    ticket.isInLane = false;
    const next = this.#lanes.leave(ticket.key);
    if (next === undefined) return;
    if (!next.holdsCredit) this.#fund(next);
    if (next.state !== "open") return;
    next.enterFlow();
    this.#ready.push(next);
    this.#letIn();
  }

  /** Gives its credit back: to the next of its key that needs it now, or to one behind it that has no place to wait in. */
  #passCredit(ticket: Ticket): void {
    const isParked = ticket.state === "parked";
    const next = isParked ? this.#inLine(ticket, false) : this.#behind(ticket);
    this.#giveCredit(ticket);
    if (next === undefined || next.holdsCredit) return;
    if (isParked && this.#ports.room.hasPlace(this.#creditless - 1)) return;
    this.#creditless -= 1;
    this.#takeCredit(next);
  }

  /** Its turn has come and nobody left it a credit: it takes a free one, or waits for one as those do whose try is due. */
  #fund(next: Ticket): void {
    const { window, room } = this.#ports;
    this.#creditless -= 1;
    if (window.freeRecords <= 0 && room.park(next, 0, this.#creditless)) {
      this.#asleep.add(next.key);
      next.state = "parked";
      next.waiting = "a credit";
    } else this.#takeCredit(next);
  }

  #takeCredit(ticket: Ticket): void {
    ticket.holdsCredit = true;
    this.#ports.window.take(ticket.bytes);
  }

  #giveCredit(ticket: Ticket): void {
    ticket.holdsCredit = false;
    this.#ports.window.give(ticket.bytes);
  }

  /** The next of its key, for one that is at the head of its lane. */
  #behind(ticket: Ticket): Ticket | undefined {
    return ticket.isInLane ? this.#lanes?.next(ticket.key) : undefined;
  }

  /** The first of those behind it that holds a credit, or that holds none. */
  #inLine(ticket: Ticket, holdsCredit: boolean): Ticket | undefined {
    if (this.#lanes === null || !ticket.isInLane) return undefined;
    for (const behind of this.#lanes.line(ticket.key)) if (behind.holdsCredit === holdsCredit) return behind;
    return undefined;
  }

  #enter(ticket: Ticket): void {
    this.tickets.add(ticket);
    if (this.#lanes !== null && !this.#lanes.enter(ticket.key, ticket)) {
      ticket.waiting = "an earlier record of its key";
      if (this.#asleep.has(ticket.key) && this.#ports.room.hasPlace(this.#creditless)) this.#creditless += 1;
      else this.#takeCredit(ticket);
      return;
    }
    this.#takeCredit(ticket);
    this.#ready.push(ticket);
    this.#letIn();
  }

  /** A line, not a recursion: work that ends at once lets the next of its lane in from here. */
  #letIn(): void {
    if (this.#isEntering) return;
    this.#isEntering = true;
    const { events } = this.#ports.host;
    for (let ticket = this.#ready.shift(); ticket !== undefined; ticket = this.#ready.shift()) {
      if (ticket.state !== "open" || !this.#isEntryOpen) continue;
      const { attempt, taken } = ticket;
      if (events.heard) events.emit({ type: "item:admit:done", record: ticket.record, attempt });
      // tickets of this life were all made of this source's records
      const body = taken.body as In;
      this.#entry.next(onRail({ body, key: taken.key, attempt, trace: taken.trace ?? null, ticket }));
    }
    this.#isEntering = false;
  }
}
