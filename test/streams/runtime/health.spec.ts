import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromIterable } from "../../../src/adapters/memory/iterable-source.ts";
import { itemHealth, overBudget, partitionsHealth } from "../../../src/streams/runtime/health.ts";
import { Partitions } from "../../../src/streams/runtime/partitions.ts";
import { Roll } from "../../../src/streams/runtime/roll.ts";
import type { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { LoneHost } from "../../support/lone-host.ts";

const inStage = (host: LoneHost, budgetMs: number, waiting: (() => string | null) | null = null): Ticket => {
  const ticket = host.ticket({ key: "member-7" });
  ticket.enter("send", budgetMs, waiting);
  return ticket;
};

describe("an item's health", () => {
  it("is working within its stage's budget, and stuck beyond it, with its stage and its age", () => {
    const host = new LoneHost();
    const ticket = inStage(host, 1_000);
    expect(itemHealth(ticket, 1_000)).toEqual({
      state: "working",
      record: "0@0",
      key: "member-7",
      stage: "send",
      ageMs: 1_000,
    });
    expect(itemHealth(ticket, 1_001)).toMatchObject({ state: "stuck", stage: "send", ageMs: 1_001 });
  });

  it("is waiting, and says for what, where that is known: of itself or of its whole stage", () => {
    const host = new LoneHost();
    const ticket = inStage(host, 1_000, () => "the provider is down");
    expect(itemHealth(ticket, 5_000)).toMatchObject({ state: "waiting", reason: "the provider is down" });
    ticket.waiting = "retry after Transient: busy";
    expect(itemHealth(ticket, 5_000)).toMatchObject({
      state: "waiting",
      reason: "retry after Transient: busy",
    });
    expect(
      itemHealth(
        inStage(host, 1_000, () => null),
        5_000,
      ),
    ).toMatchObject({ state: "stuck" });
  });

  it("counts its age from when it entered the stage, or left it", async () => {
    const host = new LoneHost();
    const ticket = host.ticket();
    await host.clock.advance(500);
    ticket.enter("send", 1_000, null);
    await host.clock.advance(200);
    expect(itemHealth(ticket, host.clock.nowMs).ageMs).toBe(200);
    ticket.leave();
    await host.clock.advance(30);
    expect(itemHealth(ticket, host.clock.nowMs)).toMatchObject({ ageMs: 30, stage: "send" });
  });

  it("is told even when the stage's own reason cannot be: asking does no harm", () => {
    const ticket = inStage(new LoneHost(), 1_000, () => {
      throw new TypeError("x is not a function");
    });
    expect(itemHealth(ticket, 5_000)).toMatchObject({ state: "stuck" });
  });
});

describe("what is over its budget", () => {
  it("is named oldest first, and no more of it than one can read", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 100 }), fc.boolean()), { maxLength: 60 }),
        fc.nat({ max: 120 }),
        (items, nowMs) => {
          const host = new LoneHost();
          const tickets = new Roll<Ticket>();
          for (const [budgetMs, isIn] of items) {
            const ticket = host.ticket();
            if (isIn) ticket.enter("send", budgetMs, null);
            tickets.add(ticket);
          }
          const over = items.flatMap(([budgetMs, isIn], index) =>
            isIn && nowMs > budgetMs ? [`0@${index}`] : [],
          );
          expect(overBudget(tickets, nowMs).map(({ record }) => record)).toEqual(over.slice(0, 20));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("a look at what is over its budget", () => {
  it("names twenty of them, and examines ten thousand items, however many there are", () => {
    const host = new LoneHost();
    const [many, late] = [new Roll<Ticket>(), new Roll<Ticket>()];
    for (let count = 0; count < 30; count += 1) many.add(inStage(host, 1_000));
    expect(overBudget(many, 5_000)).toHaveLength(20);
    for (let count = 0; count < 10_000; count += 1) late.add(inStage(host, Infinity));
    late.add(inStage(host, 1_000));
    expect(overBudget(late, 5_000)).toEqual([]);
  });
});

describe("a partition's health", () => {
  it("says how far it is, how far behind, and what holds it up", () => {
    const host = new LoneHost();
    const partitions = new Partitions();
    const source = {
      ...fromIterable("numbers", [1, 2, 3]),
      lag: (_partition: string, position: number) => 100 - position,
    };
    partitions.assigned("0", 3, 40);
    const [held, done] = [host.ticket({ offset: 41 }), host.ticket({ offset: 44 })];
    for (const ticket of [held, done]) {
      ticket.enter("send", 1_000, null);
      if ("offset" in ticket.taken) partitions.accept(ticket, ticket.taken);
    }
    partitions.finish(done);
    expect(partitionsHealth(partitions, source, 5_000)).toEqual([
      {
        partition: "0",
        epoch: 3,
        position: 40,
        committed: 40,
        lag: 60,
        unfinished: 1,
        seenAgain: 0,
        oldest: { state: "stuck", record: "0@41", key: "41", stage: "send", ageMs: 5_000 },
      },
    ]);
    partitions.finish(held);
    expect(partitionsHealth(partitions, source, 5_000)).toMatchObject([
      { position: 45, lag: 55, unfinished: 0, oldest: null },
    ]);
    partitions.unassign("0");
    expect(partitionsHealth(partitions, source, 5_000)).toEqual([
      {
        partition: "0",
        epoch: null,
        position: null,
        committed: null,
        lag: null,
        unfinished: 0,
        seenAgain: 0,
        oldest: null,
      },
    ]);
  });

  it("leaves open how far behind it is where its source throws instead of saying so", () => {
    const partitions = new Partitions();
    const source = {
      ...fromIterable("numbers", [1]),
      lag: (): number => {
        throw new Error("the broker does not answer");
      },
    };
    partitions.assigned("0", 1, 40);
    expect(partitionsHealth(partitions, source, 0)).toMatchObject([{ position: 40, lag: null }]);
  });
});
