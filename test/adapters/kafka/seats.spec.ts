import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTold, lookAgain, Seats, startAt } from "../../../src/adapters/kafka/seats.ts";

describe("a member's seats", () => {
  it("are known by number and by name, and told of only once they have an epoch", () => {
    const seats = new Seats();
    seats.place(3);
    const seat = seats.get(3);
    expect(seat).toBe(seats.named("3"));
    expect(seat?.state).toBe("placing");
    expect(seat !== undefined && isTold(seat)).toBe(false);
    if (seat !== undefined) seat.epoch = 1;
    expect(seat !== undefined && isTold(seat)).toBe(true);
    seats.leave(3);
    expect(seats.all).toEqual([]);
  });

  it("go on where the group has committed, as long as that exists", () => {
    expect(startAt({ low: 10, high: 20 }, 15)).toBe(15);
    expect(startAt({ low: 10, high: 20 }, 20)).toBe(20);
    expect(startAt({ low: 10, high: 20 }, 5)).toBe(10);
    expect(startAt({ low: 0, high: 3 }, 15)).toBe(0);
    expect(startAt({ low: 10, high: 20 }, undefined)).toBe(10);
  });
});

describe("a fetch that did not begin where it had to", () => {
  it("is late, or jumped over nothing: the place exists, and the client is sent back", () => {
    expect(lookAgain(15, 12, { low: 10, high: 20 })).toEqual({ kind: "back", jumpedTo: null });
    expect(lookAgain(15, 18, { low: 10, high: 20 })).toEqual({ kind: "back", jumpedTo: 18 });
  });

  it("came after a deletion, or of another log", () => {
    expect(lookAgain(5, 10, { low: 10, high: 20 })).toEqual({ kind: "gap", to: 10 });
    expect(lookAgain(500, 0, { low: 0, high: 3 })).toEqual({ kind: "anew", at: 0 });
  });

  it("never leads past a record that exists", () => {
    const offsets = fc.nat(50);
    fc.assert(
      fc.property(offsets, offsets, offsets, fc.nat(50), (expected, from, low, length) => {
        const bounds = { low, high: low + length };
        const look = lookAgain(expected, from, bounds);
        if (look.kind === "back") expect(expected).toBeGreaterThanOrEqual(low);
        else if (look.kind === "gap") expect([look.to, expected < low]).toEqual([low, true]);
        else expect([look.at, expected > bounds.high]).toEqual([low, true]);
      }),
      { numRuns: 1000 },
    );
  });
});
