import { Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DelayRoom } from "../../../src/streams/runtime/delay-room.ts";
import { InFlight } from "../../../src/streams/runtime/in-flight.ts";
import type { Order } from "../../../src/streams/runtime/lanes.ts";
import { Partitions } from "../../../src/streams/runtime/partitions.ts";
import type { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { Window } from "../../../src/streams/runtime/window.ts";
import { LoneHost } from "../../support/lone-host.ts";

/** A life reduced to what is in flight: a host that frees what has become quiet, and a flow that keeps what comes in. */
class Flow extends LoneHost {
  readonly window: Window;
  readonly partitions = new Partitions();
  readonly room: DelayRoom;
  readonly entered: Ticket[] = [];
  readonly inFlight: InFlight<string>;
  readonly handingBack: Ticket[] = [];
  onEntry: (ticket: Ticket) => void = () => undefined;
  #offset = 0;

  constructor(order: Order, credits = 1_000_000, capacity = 1_000) {
    super();
    this.room = new DelayRoom(capacity, this.ports.clock, () => undefined);
    this.window = new Window({ credits, bytes: 10 * credits + 1 }, () => undefined);
    const { window, partitions, room } = this;
    this.inFlight = new InFlight<string>({
      host: this,
      window,
      order,
      partitions,
      room,
      handingBack: (ticket) => this.handingBack.push(ticket),
    });
    this.partitions.assigned("0", 1, 0);
    this.inFlight.items.subscribe((rail) => {
      if (Result.isFailure(rail)) throw new Error("nothing is diverted before it has entered");
      this.entered.push(rail.success.ticket);
      this.onEntry(rail.success.ticket);
    });
  }

  override tryEnded(ticket?: Ticket): void {
    super.tryEnded();
    if (ticket !== undefined) this.inFlight.freeIfQuiet(ticket);
  }

  admit(key: string): void {
    const offset = this.#offset;
    this.#offset += 1;
    this.inFlight.admit({ partition: "0", offset, key, body: `${key}${offset}`, bytes: 10 });
  }

  /** As the settlement desk does when a record is done. */
  settle(ticket: Ticket): void {
    ticket.state = "settling";
    this.partitions.finish(ticket);
    ticket.state = "closed";
    this.inFlight.close(ticket);
  }

  park(ticket: Ticket): void {
    ticket.state = "settling";
    this.inFlight.park(ticket, 1_000);
  }

  admitParked(ticket: Ticket): void {
    for (const taken of this.room.takeOut((one) => one === ticket)) this.inFlight.admitAgain(taken);
  }
}

const records = (tickets: Iterable<Ticket>): readonly string[] => [...tickets].map(({ record }) => record);
const isDone = ({ state }: Ticket): boolean => state === "closed" || state === "abandoned";

describe("what is in flight", () => {
  it("lets the next record of a key in when the one before it is settled, and not before", () => {
    const flow = new Flow("byKey");
    for (const key of ["a", "a", "b"]) flow.admit(key);
    expect(records(flow.entered)).toEqual(["0@0", "0@2"]);
    expect(flow.inFlight.waiting).toBe(1);
    const [first] = flow.entered;
    if (first !== undefined) flow.settle(first);
    expect(records(flow.entered)).toEqual(["0@0", "0@2", "0@1"]);
    expect(flow.inFlight.waiting).toBe(0);
  });

  it("keeps the lane and the credit of a settled record for as long as a try of it still runs", () => {
    const flow = new Flow("byKey");
    flow.admit("a");
    flow.admit("a");
    const [first] = flow.entered;
    if (first === undefined) throw new Error("it did not enter");
    first.tryBegan();
    flow.settle(first);
    expect(records(flow.entered)).toEqual(["0@0"]);
    expect(flow.window.inFlight).toBe(2);
    first.tryEnded();
    expect(records(flow.entered)).toEqual(["0@0", "0@1"]);
    expect(flow.window.inFlight).toBe(1);
  });

  it("names what is settled or given up and still runs, and tells the source only when it does not", () => {
    const flow = new Flow("unordered");
    flow.admit("a");
    flow.admit("b");
    const [settled, givenUp] = flow.entered;
    if (settled === undefined || givenUp === undefined) throw new Error("they did not enter");
    settled.tryBegan();
    givenUp.tryBegan();
    flow.settle(settled);
    flow.inFlight.abandon(givenUp, "given up");
    expect([...flow.inFlight.lingering]).toEqual([settled, givenUp]);
    expect(flow.handingBack).toEqual([]);
    givenUp.tryEnded();
    expect(flow.handingBack).toEqual([givenUp]);
    settled.tryEnded();
    expect([...flow.inFlight.lingering]).toEqual([]);
    expect(flow.window.inFlight).toBe(0);
  });

  it("hands the later records of a key back together with the one before them", () => {
    const flow = new Flow("byKey");
    for (const key of ["a", "a", "b", "a", "b"]) flow.admit(key);
    const [first] = flow.entered;
    if (first !== undefined) flow.inFlight.abandon(first, "given up");
    expect(records(flow.entered)).toEqual(["0@0", "0@2"]);
    expect(records(flow.inFlight.tickets)).toEqual(["0@2", "0@4"]);
    expect(flow.inFlight.handedBack).toBe(3);
    expect(flow.window.inFlight).toBe(2);
  });

  it("leaves a record to its source once, however often it is told to", () => {
    const flow = new Flow("byKey");
    flow.admit("a");
    const [first] = flow.entered;
    if (first === undefined) throw new Error("it did not enter");
    for (let time = 0; time < 3; time += 1) flow.inFlight.abandon(first, "given up");
    expect(flow.inFlight.handedBack).toBe(1);
    expect(flow.handingBack).toEqual([first]);
    expect(flow.inFlight.tickets.count).toBe(0);
  });

  it("counts a record that has lent its credit as one that waits: the room is no larger for it", () => {
    const flow = new Flow("byKey", 2, 1);
    flow.admit("a");
    flow.admit("b");
    const [first, other] = flow.entered;
    if (first === undefined || other === undefined) throw new Error("they did not enter");
    flow.park(first);
    flow.admit("a");
    expect(flow.window.freeRecords).toBe(0);
    flow.admitParked(first);
    expect(flow.window.inFlight).toBe(2);
    expect(flow.inFlight.park(other, 1_000)).toBe(false);
    flow.settle(first);
    expect(flow.inFlight.park(other, 1_000)).toBe(true);
  });

  it("gives everything up, however its records hang together, and every credit comes back", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Order>("byKey", "unordered"),
        fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 }),
        (order, keys) => {
          const flow = new Flow(order);
          for (const key of keys) flow.admit(key);
          for (const ticket of flow.inFlight.tickets) flow.inFlight.abandon(ticket, "given up");
          expect(flow.inFlight.tickets.count).toBe(0);
          expect(records(flow.inFlight.tickets)).toEqual([]);
          expect(flow.inFlight.handedBack).toBe(keys.length);
          expect([...records(flow.handingBack)].sort()).toEqual(keys.map((_, at) => `0@${at}`).sort());
          expect(flow.window.inFlight).toBe(0);
          expect(flow.window.bytesInFlight).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("never lets two records of a key in at once, nor in another order, nor holds a credit too many or too few", () => {
    const order = fc.oneof(
      { weight: 4, arbitrary: fc.record({ admit: fc.constantFrom("a", "b", "c") }) },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constantFrom("begin", "end", "settle", "settle", "park", "again", "abandon"),
          which: fc.nat({ max: 30 }),
        }),
      },
    );
    fc.assert(
      fc.property(
        fc.constantFrom<Order>("byKey", "unordered"),
        fc.integer({ min: 1, max: 6 }),
        fc.array(order, { maxLength: 60 }),
        (lanes, credits, orders) => {
          const flow = new Flow(lanes, credits);
          const all: Ticket[] = [];
          const { tickets } = flow.inFlight;
          const isIn = (ticket: Ticket): boolean => ticket.state === "open" && flow.entered.includes(ticket);
          const may: Record<string, (ticket: Ticket) => boolean> = {
            begin: isIn,
            end: ({ runningTries }) => runningTries > 0,
            settle: isIn,
            park: isIn,
            again: (ticket) => ticket.state === "parked" && flow.inFlight.mayEnterAgain(ticket),
            // alone only what is in the flow or parked; what waits in its lane goes with the one before it
            abandon: (ticket) => isIn(ticket) || ticket.state === "parked",
          };
          for (const given of orders) {
            if ("admit" in given) {
              if (flow.window.freeRecords <= 0) continue;
              flow.admit(given.admit);
              all.push(...[...tickets].slice(-1));
            } else {
              const able = all.filter((ticket) => may[given.do]?.(ticket));
              const ticket = able[given.which % Math.max(1, able.length)];
              if (ticket === undefined) continue;
              if (given.do === "begin") ticket.tryBegan();
              else if (given.do === "end") ticket.tryEnded();
              else if (given.do === "settle") flow.settle(ticket);
              else if (given.do === "park") flow.park(ticket);
              else if (given.do === "again") flow.admitParked(ticket);
              else flow.inFlight.abandon(ticket, "given up");
            }
            const unfinished = all.filter((ticket) => !isDone(ticket));
            expect(records(tickets)).toEqual(records(unfinished));
            expect(tickets.count).toBe(unfinished.length);
            expect(tickets.oldest).toBe(unfinished[0] ?? null);

            expect(flow.window.inFlight).toBeLessThanOrEqual(credits);
            expect(flow.window.inFlight).toBe(all.filter(({ holdsCredit }) => holdsCredit).length);
            for (const ticket of all) {
              const isWorkedOn = isIn(ticket) || ticket.runningTries > 0;
              const isWaiting = ticket.state === "open" && !flow.entered.includes(ticket);
              if (isWorkedOn) expect(ticket.holdsCredit).toBe(true);
              else if (!isWaiting) expect(ticket.holdsCredit).toBe(false);
            }

            const inTheirLane = all.filter(
              (ticket) => flow.entered.includes(ticket) && (!isDone(ticket) || ticket.runningTries > 0),
            );
            if (lanes === "unordered") {
              expect(unfinished.every((ticket) => flow.entered.includes(ticket))).toBe(true);
              continue;
            }
            for (const key of ["a", "b", "c"]) {
              expect(inTheirLane.filter((ticket) => ticket.key === key).length).toBeLessThanOrEqual(1);
              const entries = [...new Set(flow.entered.filter((ticket) => ticket.key === key))];
              expect(entries).toEqual([...entries].sort((one, other) => one.slot - other.slot));
            }
          }
          // Nobody waits for nothing: what stands first in its lane is in the flow or parked, and when nothing is in
          // the flow any more, all that is parked may enter again.
          for (const key of ["a", "b", "c"]) {
            const first = all.find(
              (ticket) => ticket.key === key && (!isDone(ticket) || ticket.runningTries > 0),
            );
            if (first !== undefined) expect(flow.entered).toContain(first);
          }
          while (all.some((ticket) => !isDone(ticket) || ticket.runningTries > 0)) {
            const able = all.find((ticket) => may["end"]?.(ticket) === true);
            const settled = all.find(isIn);
            if (able !== undefined) able.tryEnded();
            else if (settled !== undefined) flow.settle(settled);
            else {
              const parked = all.find((ticket) => may["again"]?.(ticket));
              if (parked === undefined) throw new Error("what is parked can never enter again");
              flow.admitParked(parked);
            }
          }
          expect(flow.window.inFlight).toBe(0);
          expect(flow.window.bytesInFlight).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("does not recurse: a hundred thousand records of one key that are each settled at once", () => {
    const flow = new Flow("byKey");
    let settled = 0;
    flow.onEntry = (ticket) => {
      if (ticket.slot === 0) return;
      settled += 1;
      flow.settle(ticket);
    };
    for (let count = 0; count <= 100_000; count += 1) flow.admit("a");
    const [first] = flow.entered;
    if (first !== undefined) flow.settle(first);
    expect(settled).toBe(100_000);
    expect(flow.window.inFlight).toBe(0);
  });

  it("does not recurse when the first of a hundred thousand is handed back", () => {
    const flow = new Flow("byKey");
    for (let count = 0; count < 100_000; count += 1) flow.admit("a");
    const [first] = flow.entered;
    if (first !== undefined) flow.inFlight.abandon(first, "given up");
    expect(flow.inFlight.handedBack).toBe(100_000);
    expect(flow.window.inFlight).toBe(0);
  });

  it("lets the same record in again for a later try, with a credit of its own", () => {
    const flow = new Flow("byKey");
    flow.admit("a");
    const [first] = flow.entered;
    if (first === undefined) throw new Error("it did not enter");
    flow.park(first);
    expect(flow.window.inFlight).toBe(0);
    flow.admit("a");
    expect(records(flow.entered)).toEqual(["0@0"]);
    flow.admitParked(first);
    expect(flow.entered).toEqual([first, first]);
    expect(flow.window.inFlight).toBe(1);
    flow.settle(first);
    expect(flow.entered.length).toBe(3);
    expect(flow.window.inFlight).toBe(1);
  });

  it("does not enter a record that it has already", () => {
    const flow = new Flow("unordered");
    flow.admit("a");
    flow.inFlight.admit({ partition: "0", offset: 0, key: "a", body: "again" });
    expect(flow.entered).toHaveLength(1);
    expect(flow.window.inFlight).toBe(1);
    expect(flow.toldOf("record:repeat:seen")).toMatchObject([{ record: "0@0" }]);
  });

  it("is never a record without a weight that can be given back", () => {
    for (const bytes of [Number.NaN, -1, Infinity]) {
      for (const order of ["byKey", "unordered"] as const) {
        const flow = new Flow(order);
        const record = { key: "a", body: "a", bytes };
        const words = `weigh ${bytes} bytes`;
        expect(() => flow.inFlight.admit({ ...record, partition: "0", offset: 0 })).toThrow(words);
        expect(() => flow.inFlight.admit({ ...record, token: "message-1" })).toThrow(words);
        expect([flow.window.inFlight, flow.window.bytesInFlight, flow.entered]).toEqual([0, 0, []]);
      }
    }
  });
});
