import { describe, expect, it } from "vitest";
import {
  completedEarly,
  dropped,
  PipelineMistake,
  settledTwice,
  unhandledDiversion,
} from "../../../src/streams/runtime/mistakes.ts";
import { Roll } from "../../../src/streams/runtime/roll.ts";
import type { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { LoneHost } from "../../support/lone-host.ts";

describe("a mistake in a pipeline's composition", () => {
  const ticket = new LoneHost().ticket({ partition: "bills", offset: 7 });
  ticket.pass("render");

  it("is named by stage and record, with what to do about it", () => {
    expect(settledTwice(ticket, "send").message).toBe(
      'record bills@7 was settled twice: the second time after stage "send"; each item may reach the end of the flow once',
    );
    expect(dropped(ticket, 0).message).toBe(
      'record bills@7 was dropped after stage "render": it was never settled; let diversions and every item through to the end of the flow',
    );
    expect(dropped(ticket, 2).message).toContain("(and 2 more)");
    expect(unhandledDiversion("send").message).toContain("add diversions.send");
  });

  it("tells of a flow that completed before its source, with the oldest record if there is one", () => {
    const tickets = new Roll<Ticket>();
    expect(completedEarly(tickets).message).toBe("the flow completed before its source did");
    tickets.add(ticket);
    expect(completedEarly(tickets).message).toBe(
      'the flow completed before its source did: 1 records are unsettled, the oldest bills@7, last in stage "render"',
    );
  });

  it("is of a kind of its own: starting the pipeline again would only repeat it", () => {
    for (const mistake of [settledTwice(ticket, "a"), dropped(ticket, 0), unhandledDiversion("a")]) {
      expect(mistake).toBeInstanceOf(PipelineMistake);
      expect(mistake.name).toBe("PipelineMistake");
    }
  });
});
