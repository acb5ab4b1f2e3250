import { describe, expect, it } from "vitest";
import { LoneHost } from "../../support/lone-host.ts";

describe("a ticket", () => {
  it("is known by its record's coordinates, or by its queue's token", () => {
    const host = new LoneHost();
    expect(host.ticket({ partition: "bills-3", offset: 42 }).record).toBe("bills-3@42");
    expect(host.queueTicket({ token: "message-7" }).record).toBe("message-7");
  });

  it("counts its attempts from one, over what its source had counted", () => {
    const host = new LoneHost();
    expect(host.ticket().attempt).toBe(1);
    expect(host.queueTicket({ attempt: 3 }).attempt).toBe(4);
  });

  it("weighs nothing where its source does not know", () => {
    const host = new LoneHost();
    expect(host.ticket().bytes).toBe(0);
    expect(host.ticket({ bytes: 512 }).bytes).toBe(512);
  });

  it("knows where it is, since when, and what it waits for", async () => {
    const host = new LoneHost();
    const ticket = host.ticket();
    expect(ticket).toMatchObject({ stage: "source", inStage: false, sinceMs: 0, stageBudgetMs: Infinity });
    await host.clock.advance(10);
    ticket.enter("send", 1_000, () => "down");
    ticket.waiting = "retry";
    expect(ticket).toMatchObject({ stage: "send", inStage: true, sinceMs: 10, stageBudgetMs: 1_000 });
    expect(host.inStages).toBe(1);
    await host.clock.advance(10);
    ticket.leave();
    expect(ticket).toMatchObject({
      stage: "send",
      inStage: false,
      sinceMs: 20,
      waiting: null,
      stageWaiting: null,
    });
    expect(host.inStages).toBe(0);
    ticket.pass("parse");
    expect(ticket.stage).toBe("parse");
  });

  it("counts what runs of it, for itself and for its host", () => {
    const host = new LoneHost();
    const ticket = host.ticket();
    ticket.tryBegan();
    ticket.tryBegan();
    ticket.tryEnded();
    expect(ticket.runningTries).toBe(1);
    expect(host.work.running).toBe(1);
  });

  it("is unfinished until it is closed or left to its source", () => {
    const ticket = new LoneHost().ticket();
    const unfinished = (["open", "settling", "parked", "closed", "abandoned"] as const).filter((state) => {
      ticket.state = state;
      return ticket.isUnfinished;
    });
    expect(unfinished).toEqual(["open", "settling", "parked"]);
  });
});
