import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DelayRoom } from "../../../src/streams/runtime/delay-room.ts";
import type { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { LoneHost } from "../../support/lone-host.ts";

/** A room whose owner takes what is due when it is woken, for as long as it has credits. */
class Waiting extends LoneHost {
  readonly took: string[] = [];
  readonly room: DelayRoom;
  credits = Infinity;
  mayGo: (ticket: Ticket) => boolean = () => true;

  constructor(capacity: number) {
    super();
    this.room = new DelayRoom(capacity, this.ports.clock, () => {
      this.takeAll();
    });
  }

  takeAll(): void {
    while (this.credits > 0) {
      const ticket = this.room.takeDue((one) => this.mayGo(one));
      if (ticket === undefined) return;
      this.credits -= 1;
      this.took.push(`${ticket.record} at ${this.clock.nowMs}`);
    }
  }
}

const numbered = ({ taken }: Ticket): number => ("offset" in taken ? taken.offset : -1);

describe("the delay room", () => {
  it("wakes its owner when the first wait is over, and keeps the order of time", async () => {
    const waiting = new Waiting(10);
    waiting.room.park(waiting.ticket(), 500);
    waiting.room.park(waiting.ticket(), 100);
    waiting.room.park(waiting.ticket(), 300);
    await waiting.clock.advance(1_000);
    expect(waiting.took).toEqual(["0@1 at 100", "0@2 at 300", "0@0 at 500"]);
    expect(waiting.clock.timers).toBe(0);
  });

  it("keeps what is due until there is a credit for it", async () => {
    const waiting = new Waiting(10);
    waiting.credits = 1;
    waiting.room.park(waiting.ticket(), 10);
    waiting.room.park(waiting.ticket(), 20);
    await waiting.clock.advance(100);
    expect(waiting.took).toEqual(["0@0 at 10"]);
    expect(waiting.room.size).toBe(1);
    waiting.credits = 1;
    waiting.takeAll();
    expect(waiting.took).toEqual(["0@0 at 10", "0@1 at 100"]);
  });

  it("lets those go that may, past those that may not yet", async () => {
    const waiting = new Waiting(10);
    waiting.mayGo = ({ record }) => record !== "0@0";
    for (const ms of [10, 20, 30]) waiting.room.park(waiting.ticket(), ms);
    await waiting.clock.advance(20);
    expect(waiting.took).toEqual(["0@1 at 20"]);
    await waiting.clock.advance(10);
    waiting.mayGo = () => true;
    waiting.takeAll();
    expect(waiting.took).toEqual(["0@1 at 20", "0@2 at 30", "0@0 at 30"]);
  });

  it("turns away what it has no room for", () => {
    const waiting = new Waiting(2);
    expect(waiting.room.park(waiting.ticket(), 1)).toBe(true);
    expect(waiting.room.park(waiting.ticket(), 1)).toBe(true);
    expect(waiting.room.park(waiting.ticket(), 1)).toBe(false);
    expect(waiting.room.size).toBe(2);
  });

  it("never holds more than its capacity, never lets one out early, and always each in its time", async () => {
    const order = fc.oneof(
      { weight: 5, arbitrary: fc.record({ park: fc.nat({ max: 40 }) }) },
      { weight: 3, arbitrary: fc.record({ advance: fc.nat({ max: 30 }) }) },
      { weight: 1, arbitrary: fc.record({ takeOutEvery: fc.integer({ min: 1, max: 3 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 8 }), fc.array(order, { maxLength: 40 }), async (capacity, orders) => {
        const waiting = new Waiting(capacity);
        const { clock, room } = waiting;
        let model: { readonly number: number; readonly dueMs: number }[] = [];
        const expected: string[] = [];
        const leave = (): void => {
          const due = model.filter(({ dueMs }) => dueMs <= clock.nowMs);
          due.sort((one, other) => one.dueMs - other.dueMs || one.number - other.number);
          expected.push(...due.map(({ number, dueMs }) => `0@${number} at ${dueMs}`));
          model = model.filter(({ dueMs }) => dueMs > clock.nowMs);
        };
        for (const given of orders) {
          if ("park" in given) {
            const ticket = waiting.ticket();
            const isIn = room.park(ticket, given.park);
            expect(isIn).toBe(model.length < capacity);
            if (isIn) model.push({ number: numbered(ticket), dueMs: clock.nowMs + given.park });
          } else if ("advance" in given) {
            await clock.advance(given.advance);
            leave();
          } else {
            const out = room.takeOut((ticket) => numbered(ticket) % given.takeOutEvery === 0);
            const gone = model.filter(({ number }) => number % given.takeOutEvery === 0);
            expect(out.map(numbered).sort((a, b) => a - b)).toEqual(
              gone.map(({ number }) => number).sort((a, b) => a - b),
            );
            model = model.filter((one) => !gone.includes(one));
          }
          expect(waiting.took).toEqual(expected);
          expect(room.size).toBe(model.length);
        }
        expect(clock.timers).toBeLessThanOrEqual(1);
        await clock.advance(1_000);
        leave();
        expect(waiting.took).toEqual(expected);
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("lets everybody out at once, and sets no timer for anybody any more", async () => {
    const waiting = new Waiting(10);
    for (const ms of [30, 10, 20]) waiting.room.park(waiting.ticket(), ms);
    expect(waiting.room.clear().map(({ record }) => record)).toEqual(["0@1", "0@2", "0@0"]);
    expect(waiting.room.size).toBe(0);
    expect(waiting.clock.timers).toBe(0);
    waiting.room.park(waiting.ticket(), 40);
    await waiting.clock.advance(40);
    expect(waiting.took).toEqual(["0@3 at 40"]);
  });
});
