import { equal } from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LiveTickets } from "../../../src/streams/runtime/live-tickets.ts";
import { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { Watermark } from "../../../src/streams/runtime/watermark.ts";
import { LoneHost } from "../../support/lone-host.ts";

const host = new LoneHost();
const ticketOf = (offset: number): Ticket =>
  new Ticket(host, { partition: "0", offset, key: String(offset), body: null });

describe("a partition's unfinished tickets", () => {
  it("are found by slot in their own assignment, and by offset in a later one", () => {
    const live = new LiveTickets();
    const ticket = ticketOf(7);
    ticket.slot = 0;
    live.add(ticket, 7, 1);
    expect(live.at(0)).toBe(ticket);
    expect(live.earlier(7)).toBeUndefined();
    live.reassigned();
    expect(live.at(0)).toBeUndefined();
    expect(live.earlier(7)).toBe(ticket);
    expect(live.size).toBe(1);
    live.remove(ticket, 7);
    expect(live.size).toBe(0);
  });

  it("are always those that came and have not gone, over assignments and however many there are", () => {
    const order = fc.oneof(
      { weight: 3, arbitrary: fc.record({ come: fc.integer({ min: 1, max: 90 }) }) },
      { weight: 5, arbitrary: fc.record({ go: fc.array(fc.nat(), { maxLength: 60 }) }) },
      // reading begins so far back: those come again that are unfinished there
      { weight: 1, arbitrary: fc.record({ back: fc.nat({ max: 120 }) }) },
    );
    fc.assert(
      fc.property(fc.array(order, { maxLength: 15 }), (orders) => {
        const live = new LiveTickets();
        let watermark = new Watermark(0);
        let unfinished: { readonly ticket: Ticket; readonly offset: number; isEarlier: boolean }[] = [];
        let offset = 0;
        for (const given of orders) {
          if ("back" in given) {
            live.reassigned();
            offset = Math.max(0, offset - given.back);
            watermark = new Watermark(offset);
            for (const one of unfinished) one.isEarlier = true;
          } else if ("come" in given) {
            for (let time = 0; time < given.come; time += 1) {
              const ticket = ticketOf(offset);
              ticket.slot = watermark.append(offset);
              live.add(ticket, offset, watermark.span);
              const forgotten = unfinished.find((one) => one.offset === offset);
              if (forgotten !== undefined) {
                unfinished = unfinished.filter((one) => one !== forgotten);
                live.remove(forgotten.ticket, offset);
              }
              unfinished.push({ ticket, offset, isEarlier: false });
              offset += 1;
            }
          } else {
            for (const at of given.go) {
              const one = unfinished[at % Math.max(1, unfinished.length)];
              if (one === undefined) continue;
              unfinished = unfinished.filter((other) => other !== one);
              live.remove(one.ticket, one.offset);
              live.remove(one.ticket, one.offset);
              if (!one.isEarlier) watermark.finish(one.ticket.slot);
            }
          }
          // plainly: a quarter of a million tickets are looked at
          equal(live.size, unfinished.length);
          for (const { ticket, offset: at, isEarlier } of unfinished) {
            equal(isEarlier ? live.earlier(at) : live.at(ticket.slot), ticket);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
