import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Permanent, Postponed, Transient, Unconfirmed } from "../../../src/failure.ts";
import { BatchedWrites } from "../../../src/streams/runtime/batched-writes.ts";
import {
  deadLetter,
  type Disposition,
  done,
  notMine,
  retryLater,
} from "../../../src/streams/runtime/disposition.ts";
import type { DeadRecord } from "../../../src/streams/runtime/publisher.ts";
import { Bug, type Diversion, type DivertedBy } from "../../../src/streams/runtime/rail.ts";
import { Desk } from "../../../src/streams/runtime/settle.ts";
import type { QueueSettlement } from "../../../src/streams/runtime/source.ts";
import type { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { LoneHost } from "../../support/lone-host.ts";

interface Circumstances {
  readonly sourceCanDelay?: boolean;
  readonly roomFor?: number;
  readonly writesFail?: boolean;
}

/** A desk, and all that it has said to anybody, in order. */
class Office extends LoneHost {
  readonly said: string[] = [];
  readonly letters: DeadRecord[] = [];
  readonly mistakes: string[] = [];
  readonly failures: string[] = [];
  readonly desk: Desk;
  parked = 0;

  constructor(
    kind: "offsets" | "queue",
    { sourceCanDelay = false, roomFor = 0, writesFail = false }: Circumstances = {},
  ) {
    super();
    const failed = (failure: DivertedBy): void => {
      this.failures.push(failure.message);
    };
    const refuse = Effect.fail(new Transient({ message: "the disk is full" }));
    this.desk = new Desk({
      machinery: this,
      pipeline: "spec",
      deadLetters: new BatchedWrites<DeadRecord>(
        "dead letters",
        this,
        (letters) =>
          writesFail
            ? refuse
            : Effect.andThen(
                Effect.sleep(10),
                Effect.sync(() => {
                  this.letters.push(...letters);
                  for (const { record } of letters) this.said.push(`letter ${record}`);
                }),
              ),
        failed,
      ),
      acknowledgements:
        kind === "offsets"
          ? null
          : new BatchedWrites<QueueSettlement>(
              "settle",
              this,
              (settlements) =>
                Effect.sync(() => {
                  for (const { token, disposition } of settlements) {
                    this.said.push(`${disposition.kind} ${token}`);
                  }
                }),
              failed,
            ),
      sourceCanDelay,
      finish: ({ record }) => {
        this.said.push(`finish ${record}`);
      },
      park: (ticket) => {
        if (this.parked >= roomFor) return "full";
        this.parked += 1;
        ticket.state = "parked";
        return "parked";
      },
      closed: ({ record }) => {
        this.said.push(`closed ${record}`);
      },
      broken: ({ message }) => {
        this.mistakes.push(message);
      },
    });
  }
}

const diversionOf = (
  ticket: Ticket,
  failure: DivertedBy = new Permanent({ message: "no such address" }),
): Diversion => ({
  stage: "send",
  failure,
  envelope: { body: "rendered", key: ticket.key, attempt: ticket.attempt, trace: null, ticket },
});

describe("the settlement desk", () => {
  it("finishes a record for its source, and closes its ticket", () => {
    const office = new Office("offsets");
    office.desk.settle(office.ticket(), done(), null);
    office.desk.settle(office.ticket(), notMine(), null);
    expect(office.said).toEqual(["finish 0@0", "closed 0@0", "finish 0@1", "closed 0@1"]);
  });

  it("finishes a record only when its dead letter is durable", async () => {
    const office = new Office("offsets");
    const ticket = office.ticket({ body: "as it came", attempt: 2 });
    office.desk.settle(ticket, deadLetter(), diversionOf(ticket));
    await office.clock.advance(9);
    expect(office.said).toEqual([]);
    expect(office.desk.pending).toBe(1);
    await office.clock.advance(1);
    expect(office.said).toEqual(["letter 0@0", "finish 0@0", "closed 0@0"]);
    expect(office.desk.pending).toBe(0);
    expect(office.letters).toEqual([
      {
        pipeline: "spec",
        record: "0@0",
        key: "0",
        body: "as it came",
        attempts: 3,
        stage: "send",
        failure: "Permanent",
        reason: "no such address",
        stack: null,
        atMs: office.clock.wallMs() - 10,
      },
    ]);
  });

  it("keeps a bug's stack in its dead letter", async () => {
    const office = new Office("offsets");
    const ticket = office.ticket();
    office.desk.settle(
      ticket,
      deadLetter(),
      diversionOf(ticket, new Bug(new TypeError("x is not a function"), false)),
    );
    await office.clock.advance(10);
    expect(office.letters[0]).toMatchObject({ failure: "Bug", reason: "x is not a function" });
    expect(office.letters[0]?.stack).toContain("settle.spec.ts");
  });

  it("finishes nothing whose dead letter could not be written", async () => {
    const office = new Office("offsets", { writesFail: true });
    const ticket = office.ticket();
    office.desk.settle(ticket, deadLetter(), diversionOf(ticket));
    await office.clock.advance(1_000);
    expect(office.said).toEqual([]);
    expect(office.failures).toEqual(["the disk is full"]);
    expect(ticket.state).toBe("settling");
  });

  it("gives what is to be tried later to the source if it can delay, else to the room, else to the dead letters", async () => {
    const later = retryLater(60_000, 3);
    const delaying = new Office("queue", { sourceCanDelay: true, roomFor: 1 });
    delaying.desk.settle(delaying.queueTicket(), later, null);
    await delaying.clock.advance(10);
    expect(delaying.said).toEqual(["retry-later message-1", "closed message-1"]);

    const roomy = new Office("queue", { roomFor: 1 });
    const [first, second] = [roomy.queueTicket(), roomy.queueTicket()];
    roomy.desk.settle(first, later, null);
    roomy.desk.settle(second, later, null);
    await roomy.clock.advance(10);
    expect(first.state).toBe("parked");
    expect(roomy.said).toEqual(["letter message-2", "done message-2", "closed message-2"]);
  });

  it("dead-letters what has been tried as often as it may", async () => {
    const office = new Office("queue", { sourceCanDelay: true });
    office.desk.settle(office.queueTicket({ attempt: 1 }), retryLater(60_000, 3), null);
    office.desk.settle(office.queueTicket({ attempt: 2 }), retryLater(60_000, 3), null);
    await office.clock.advance(10);
    expect(office.said).toEqual([
      "retry-later message-1",
      "closed message-1",
      "letter message-2",
      "done message-2",
      "closed message-2",
    ]);
  });

  it("never tries again what may have happened, whatever it was answered with", async () => {
    const mayHave = [new Unconfirmed({ message: "the line broke" }), new Bug(new Error("no"), true)];
    const didNot = [new Transient({ message: "busy" }), new Bug(new Error("no"), false)];
    const office = new Office("queue", { sourceCanDelay: true });
    for (const failure of [...mayHave, ...didNot]) {
      const ticket = office.queueTicket();
      office.desk.settle(ticket, retryLater(1_000, 9), diversionOf(ticket, failure));
    }
    await office.clock.advance(100);
    expect(office.letters.map(({ record }) => record)).toEqual(["message-1", "message-2"]);
    expect(office.said).toContain("retry-later message-3");
    expect(office.said).toContain("retry-later message-4");
  });

  it("counts no attempt for what was only postponed, however often", async () => {
    const postponed = new Postponed({ message: "quiet hours", untilMs: 1 });
    const office = new Office("queue", { sourceCanDelay: true });
    const [last, tried] = [office.queueTicket({ attempt: 8 }), office.queueTicket({ attempt: 8 })];
    office.desk.settle(last, retryLater(1_000, 9), diversionOf(last, postponed));
    office.desk.settle(tried, retryLater(1_000, 9), diversionOf(tried, new Transient({ message: "busy" })));
    await office.clock.advance(100);
    expect(office.letters.map(({ record }) => record)).toEqual(["message-2"]);
    expect(office.said).toContain("retry-later message-1");
  });

  it("names the stage and the record of what is settled twice, in whatever state it is", async () => {
    const office = new Office("offsets", { roomFor: 1 });
    for (const disposition of [done(), deadLetter(), retryLater(5, 9)]) {
      const ticket = office.ticket();
      ticket.pass("send");
      office.desk.settle(ticket, disposition, null);
      office.desk.settle(ticket, done(), null);
    }
    await office.clock.advance(10);
    expect(office.mistakes).toEqual(
      ["0@0", "0@1", "0@2"].map(
        (record) =>
          expect.stringMatching(new RegExp(`^record ${record} was settled twice.*"send"`)) as unknown,
      ),
    );
    expect(office.said.filter((what) => what.startsWith("finish"))).toHaveLength(2);
  });

  it("settles nothing that was given up, and nothing at all once its life is over", async () => {
    const office = new Office("queue");
    const [givenUp, late, lateLetter] = [office.queueTicket(), office.queueTicket(), office.queueTicket()];
    office.handBack(givenUp, "drained");
    office.desk.settle(givenUp, done(), null);
    office.desk.settle(lateLetter, deadLetter(), diversionOf(lateLetter));
    office.isOver = true;
    office.desk.settle(late, done(), null);
    await office.clock.advance(10);
    expect(office.said).toEqual([]);
    expect(office.mistakes).toEqual([]);
  });

  it("tells a queue of each record exactly once, whatever becomes of it in whatever order", async () => {
    const disposition = fc.constantFrom<Disposition>(
      done(),
      notMine(),
      deadLetter(),
      retryLater(5, 2),
      retryLater(5, 1),
    );
    const fate = fc.record({
      disposition,
      settledAtMs: fc.nat({ max: 20 }),
      handedBackAtMs: fc.nat({ max: 20 }),
      handBackGoesFirst: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 12 }), fc.boolean(), async (fates, sourceCanDelay) => {
        const office = new Office("queue", { sourceCanDelay, roomFor: 3 });
        const tickets: Ticket[] = [];
        const abandoned: Ticket[] = [];
        for (const { disposition: given, settledAtMs, handedBackAtMs, handBackGoesFirst } of fates) {
          const ticket = office.queueTicket();
          tickets.push(ticket);
          const { clock, desk } = office;
          const settle = (): void => {
            desk.settle(ticket, given, null);
          };
          const handBack = (): void => {
            if (!ticket.isUnfinished) return;
            desk.handBack(ticket);
            ticket.state = "abandoned";
            abandoned.push(ticket);
          };
          clock.after(settledAtMs, handBackGoesFirst ? handBack : settle);
          clock.after(
            handBackGoesFirst ? settledAtMs : handedBackAtMs,
            handBackGoesFirst ? settle : handBack,
          );
        }
        await office.clock.advance(100);
        const told = office.said.filter((what) => /^(done|retry-later|hand-back) /.test(what));
        expect(told.map((what) => what.split(" ")[1]).sort()).toEqual(
          fates.map((_, index) => `message-${index + 1}`).sort(),
        );
        // what was left to its source is not closed besides
        expect(office.said.filter((what) => what.startsWith("closed ")).sort()).toEqual(
          tickets.flatMap(({ state, record }) => (state === "closed" ? [`closed ${record}`] : [])).sort(),
        );
        for (const ticket of abandoned) expect(ticket.state).toBe("abandoned");
        expect(office.mistakes).toEqual([]);
        expect(office.desk.pending).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("says of every settlement what it was, and for which record", () => {
    const office = new Office("offsets");
    const ticket = office.ticket();
    office.desk.settle(ticket, notMine(), diversionOf(ticket));
    expect(office.toldOf("item:settle:done")).toMatchObject([
      { record: "0@0", stage: "send", disposition: "not-mine" },
    ]);
  });
});
