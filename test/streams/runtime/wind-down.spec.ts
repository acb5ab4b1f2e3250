import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Roll } from "../../../src/streams/runtime/roll.ts";
import type { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { WindDown } from "../../../src/streams/runtime/wind-down.ts";
import { LoneHost } from "../../support/lone-host.ts";

/** A life's way to its end: what is unfinished, and what was said of it. */
class Ending extends LoneHost {
  readonly tickets = new Roll<Ticket>();
  readonly said: string[] = [];
  waiting = 0;
  pending = 0;
  isEntryOpen = true;
  /** What the flow does when it is told that nothing more comes. */
  onComplete: () => void = () => {
    this.windDown.flowCompleted();
  };
  readonly windDown: WindDown;
  running = 0;

  constructor() {
    super();
    const entry = {
      tickets: this.tickets,
      waiting: (): number => this.waiting,
      isEntryOpen: (): boolean => this.isEntryOpen,
    };
    this.windDown = new WindDown({
      clock: this.ports.clock,
      inFlight: {
        tickets: entry.tickets,
        get waiting() {
          return entry.waiting();
        },
        get isEntryOpen() {
          return entry.isEntryOpen();
        },
        complete: () => {
          this.isEntryOpen = false;
          this.said.push("nothing more comes");
          this.onComplete();
        },
      },
      unfinished: () => this.pending,
      running: () => this.running,
      lingering: () => {
        this.said.push("all is settled, and something still runs");
      },
      ended: () => {
        this.said.push("ended");
      },
      dropped: (oldest, others) => {
        this.said.push(`${oldest.record} was dropped, and ${others} more`);
      },
    });
  }

  /** Said so far; the same thing said again is no news. */
  async saidSoFar(): Promise<readonly string[]> {
    await this.clock.settle();
    return this.said.filter((what, index) => this.said[index - 1] !== what);
  }
}

describe("winding down", () => {
  it("waits for all that is unfinished, tells the flow that nothing more comes, and ends", async () => {
    const ending = new Ending();
    const { windDown } = ending;
    windDown.stageEntered();
    ending.pending = 1;
    ending.waiting = 1;
    expect(windDown.begin("drain")).toBe(true);
    expect(await ending.saidSoFar()).toEqual([]);
    windDown.stageLeft();
    expect(await ending.saidSoFar()).toEqual([]);
    ending.waiting = 0;
    windDown.look();
    expect(await ending.saidSoFar()).toEqual([]);
    ending.pending = 0;
    windDown.look();
    expect(await ending.saidSoFar()).toEqual(["nothing more comes", "ended"]);
  });

  it("says that all is settled though something still runs, which may never end, and ends when it does", async () => {
    const ending = new Ending();
    ending.running = 1;
    ending.windDown.begin("drain");
    expect(await ending.saidSoFar()).toEqual([
      "nothing more comes",
      "all is settled, and something still runs",
    ]);
    ending.running = 0;
    ending.windDown.look();
    expect(await ending.saidSoFar()).toContain("ended");
  });

  it("waits for what runs of an item that is not settled", async () => {
    const ending = new Ending();
    const ticket = ending.ticket();
    ending.tickets.add(ticket);
    ending.running = 1;
    ending.windDown.begin("drain");
    expect(await ending.saidSoFar()).toEqual([]);
    ending.running = 0;
    ending.tickets.remove(ticket);
    ending.windDown.look();
    expect(await ending.saidSoFar()).toEqual(["nothing more comes", "ended"]);
  });

  it("does nothing at all before it has begun", async () => {
    const ending = new Ending();
    ending.windDown.look();
    ending.windDown.stageEntered();
    ending.windDown.stageLeft();
    expect(await ending.saidSoFar()).toEqual([]);
    expect(ending.windDown.how).toBe("no");
  });

  it("names what was never settled once the flow has completed: it was dropped", async () => {
    const ending = new Ending();
    const [first, second] = [ending.ticket(), ending.ticket()];
    ending.tickets.add(first);
    ending.tickets.add(second);
    ending.windDown.begin("ended");
    expect(await ending.saidSoFar()).toEqual(["nothing more comes", "0@0 was dropped, and 1 more"]);
  });

  it("lets an operator that holds items until the end have its turn", async () => {
    const ending = new Ending();
    const ticket = ending.ticket();
    ending.tickets.add(ticket);
    ending.onComplete = () => {
      ending.clock.soon(() => {
        ending.tickets.remove(ticket);
        ending.windDown.flowCompleted();
      });
    };
    ending.windDown.begin("drain");
    expect(await ending.saidSoFar()).toEqual(["nothing more comes", "ended"]);
  });

  it("does not call dropped what an operator let go of at the end, and whose settlement is being written", async () => {
    const ending = new Ending();
    const ticket = ending.ticket();
    ending.tickets.add(ticket);
    ending.onComplete = () => {
      // the last operator lets its items go, they are settled, and with that the flow is over
      ticket.state = "settling";
      ending.pending = 1;
      ending.windDown.flowCompleted();
    };
    ending.windDown.begin("ended");
    expect(await ending.saidSoFar()).toEqual(["nothing more comes"]);
    ending.pending = 0;
    ending.tickets.remove(ticket);
    ending.windDown.look();
    expect(await ending.saidSoFar()).toEqual(["nothing more comes", "ended"]);
  });

  it("goes from a source that has ended over to a drain or an open breaker, and never back", () => {
    const ways = ["ended", "drain", "breaker"] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ways), { maxLength: 6 }), (begun) => {
        const { windDown } = new Ending();
        let how: string = "no";
        for (const way of begun) {
          const isForGood = how === "drain" || how === "breaker";
          expect(windDown.begin(way)).toBe(!isForGood);
          if (!isForGood) how = way;
          expect(windDown.how).toBe(how);
          expect(windDown.isShutdown).toBe(how === "drain" || how === "breaker");
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("never ends with anything unfinished, and always ends without, in whatever order it ends", async () => {
    const change = fc.constantFrom(
      "enter",
      "leave",
      "enter",
      "leave",
      "wait",
      "go",
      "write",
      "written",
      "begin",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (changes) => {
        const ending = new Ending();
        const { windDown } = ending;
        let inStages = 0;
        let isBegun = false;
        const isUnfinished = (): boolean => inStages + ending.waiting + ending.pending > 0;
        const apply = (what: (typeof changes)[number]): void => {
          if (what === "enter") {
            inStages += 1;
            windDown.stageEntered();
          } else if (what === "leave" && inStages > 0) {
            inStages -= 1;
            windDown.stageLeft();
          } else if (what === "wait") ending.waiting += 1;
          else if (what === "write") ending.pending += 1;
          else if (what === "begin") {
            isBegun = true;
            windDown.begin("ended");
          } else {
            if (what === "go") ending.waiting = Math.max(0, ending.waiting - 1);
            if (what === "written") ending.pending = Math.max(0, ending.pending - 1);
            windDown.look();
          }
        };
        for (const what of changes) {
          apply(what);
          const said = await ending.saidSoFar();
          if (said.length > 0) {
            expect(said).toEqual(["nothing more comes", "ended"]);
            expect(isUnfinished()).toBe(false);
            return;
          }
          expect(isBegun && !isUnfinished()).toBe(false);
        }
        while (inStages > 0) apply("leave");
        while (ending.waiting > 0) apply("go");
        while (ending.pending > 0) apply("written");
        apply("begin");
        expect(await ending.saidSoFar()).toEqual(["nothing more comes", "ended"]);
      }),
      { numRuns: 1000 },
    );
  });
});
