import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryDeadLetters } from "../../../src/adapters/memory/dead-letters.ts";
import { fromIterable } from "../../../src/adapters/memory/iterable-source.ts";
import { MemoryLog } from "../../../src/adapters/memory/log.ts";
import { Transient } from "../../../src/failure.ts";
import { Commits } from "../../../src/streams/runtime/commits.ts";
import { DelayRoom } from "../../../src/streams/runtime/delay-room.ts";
import { retryLater } from "../../../src/streams/runtime/disposition.ts";
import { Partitions } from "../../../src/streams/runtime/partitions.ts";
import { pipeline } from "../../../src/streams/runtime/pipeline.ts";
import { assignmentListener } from "../../../src/streams/runtime/rebalance.ts";
import type { AssignmentListener, CommitMark } from "../../../src/streams/runtime/source.ts";
import { stage } from "../../../src/streams/runtime/stage.ts";
import type { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { LoneHost } from "../../support/lone-host.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

/** A life reduced to its partitions, under a source whose commits take their time. */
class Member extends LoneHost {
  readonly partitions = new Partitions();
  readonly room = new DelayRoom(100, this.ports.clock, () => undefined);
  readonly commits: Commits;
  readonly listener: AssignmentListener;
  readonly committed: CommitMark[] = [];
  commitMs = 10;

  constructor() {
    super();
    this.commits = new Commits(
      {
        ...fromIterable("numbers", []),
        commit: (marks) =>
          Effect.sync(() => {
            this.committed.push(...marks);
            return marks.map(() => "committed" as const);
          }).pipe(Effect.delay(this.commitMs)),
      },
      this.partitions,
      this,
      { everyMs: 60_000 },
      () => undefined,
    );
    this.listener = assignmentListener(this);
    this.listener.assigned("0", 1, 0);
  }

  override handBack(ticket: Ticket, reason: string): void {
    super.handBack(ticket, reason);
    this.partitions.abandon(ticket);
  }

  take(offset: number): Ticket {
    const ticket = this.ticket({ offset });
    if ("offset" in ticket.taken) this.partitions.accept(ticket, ticket.taken);
    return ticket;
  }

  finish(ticket: Ticket): void {
    if (this.partitions.finish(ticket)) this.commits.soon();
  }

  revoke(deadlineMs: number): { readonly endedAtMs: () => number | null } {
    let endedAtMs: number | null = null;
    this.run(this.listener.revoked("0", deadlineMs)).addObserver(() => {
      endedAtMs = this.clock.nowMs;
    });
    return { endedAtMs: () => endedAtMs };
  }

  get isAssigned(): boolean {
    return this.partitions.get("0")?.assignment != null;
  }
}

describe("a partition that is taken away", () => {
  it("is let go when its work is finished and committed, long before the deadline", async () => {
    const member = new Member();
    const ticket = member.take(0);
    const revocation = member.revoke(30_000);
    await member.clock.advance(100);
    expect(revocation.endedAtMs()).toBeNull();
    expect(member.isAssigned).toBe(true);
    member.finish(ticket);
    await member.clock.advance(1_000);
    expect(revocation.endedAtMs()).toBe(110);
    expect(member.committed).toEqual([{ partition: "0", epoch: 1, next: 1 }]);
    expect(member.isAssigned).toBe(false);
    expect(member.toldOf("partition:revoke:done")).toMatchObject([{ partition: "0", unfinished: 0 }]);
  });

  it("is let go by the deadline with what is unfinished, and the rest is told of though its pace is slow", async () => {
    const member = new Member();
    member.finish(member.take(0));
    await member.clock.advance(20);
    member.finish(member.take(1));
    const held = member.take(2);
    const revocation = member.revoke(500);
    await member.clock.advance(499);
    expect(revocation.endedAtMs()).toBeNull();
    expect(member.committed.map(({ next }) => next)).toEqual([1]);
    await member.clock.advance(1);
    expect(revocation.endedAtMs()).toBe(520);
    expect(member.toldOf("partition:revoke:done")).toMatchObject([{ unfinished: 1 }]);
    await member.clock.advance(20);
    expect(member.committed.map(({ next }) => next)).toEqual([1, 2]);
    member.finish(held);
    await member.clock.advance(60_000);
    expect(member.committed).toHaveLength(2);
  });

  it("never keeps its source waiting for longer than the deadline, though a commit hangs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 300 }),
        fc.constantFrom(0, 10, 200, 1_000_000),
        fc.array(fc.nat({ max: 400 }), { maxLength: 6 }),
        async (deadlineMs, commitMs, finishedAt) => {
          const member = new Member();
          member.commitMs = commitMs;
          finishedAt.forEach((ms, offset) => {
            const ticket = member.take(offset);
            member.clock.after(ms, () => {
              member.finish(ticket);
            });
          });
          const revocation = member.revoke(deadlineMs);
          await member.clock.advance(deadlineMs);
          expect(revocation.endedAtMs()).not.toBeNull();
          expect(member.isAssigned).toBe(false);
          // what it said was finished was finished in time
          for (const { next } of member.committed) {
            expect(finishedAt.slice(0, next).every((ms) => ms <= deadlineMs)).toBe(true);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("waits for nothing that only waits for a later try: that is the next owner's", async () => {
    const member = new Member();
    const parked = member.take(0);
    parked.state = "parked";
    member.room.park(parked, 60_000);
    const elsewhere = member.ticket({ partition: "1", offset: 0 });
    member.room.park(elsewhere, 60_000);
    const revocation = member.revoke(30_000);
    await member.clock.advance(1);
    expect(revocation.endedAtMs()).not.toBeNull();
    expect(member.handedBack).toMatchObject([{ record: "0@0" }]);
    expect(member.room.size).toBe(1);
  });

  it("stays ours when it is assigned anew before its revocation has ended", async () => {
    const member = new Member();
    member.commitMs = 100;
    member.finish(member.take(0));
    const revocation = member.revoke(1_000);
    await member.clock.advance(50);
    member.listener.assigned("0", 2, 0);
    await member.clock.advance(5_000);
    expect(revocation.endedAtMs()).not.toBeNull();
    expect(member.partitions.get("0")?.assignment?.epoch).toBe(2);
    expect(member.partitions.arrive({ partition: "0", offset: 0, key: "k", body: null })).toBe("fresh");
  });

  it("keeps nobody waiting to the deadline who revokes it a second time meanwhile, or did the first time", async () => {
    const member = new Member();
    const ticket = member.take(0);
    const first = member.revoke(10_000);
    await member.clock.advance(5);
    const second = member.revoke(10_000);
    await member.clock.advance(15);
    member.finish(ticket);
    await member.clock.advance(20);
    expect([first.endedAtMs(), second.endedAtMs()]).toEqual([30, 30]);
  });

  it("commits nothing when it is lost: it is somebody else's already", async () => {
    const member = new Member();
    const ticket = member.take(0);
    member.listener.lost("0");
    member.finish(ticket);
    await member.clock.advance(100_000);
    await member.commits.flush();
    expect(member.committed).toEqual([]);
    expect(member.toldOf("partition:lose:done")).toMatchObject([{ partition: "0", unfinished: 1 }]);
  });

  it("ends its revocation when it is lost meanwhile", async () => {
    const member = new Member();
    const ticket = member.take(0);
    const revocation = member.revoke(30_000);
    await member.clock.advance(100);
    member.listener.lost("0");
    await member.clock.advance(100);
    expect(revocation.endedAtMs()).toBe(100);
    member.finish(ticket);
    await member.clock.advance(100);
    expect(member.committed).toEqual([]);
  });

  it("is nothing to a life that is over, or that never had it", async () => {
    const member = new Member();
    member.run(member.listener.revoked("7", 1_000));
    member.listener.lost("7");
    member.isOver = true;
    member.listener.assigned("0", 9, 0);
    const revocation = member.revoke(1_000);
    await member.clock.settle();
    expect(revocation.endedAtMs()).toBe(0);
    expect(member.partitions.get("0")?.assignment?.epoch).toBe(1);
  });
});

describe("a pipeline whose partition is taken away", () => {
  it("leaves later tries to the next owner, whenever they come about, and does not keep it waiting for them", async () => {
    for (const how of ["revoke", "lose"] as const) {
      const clock = new VirtualClock();
      const log = new MemoryLog<number>(1);
      const reader = log.reader("member");
      log.append("0", "k", 7);
      const running = pipeline({
        name: "rebalanced",
        source: reader,
        flow: (items) =>
          items.pipe(
            stage({
              name: "work",
              retry: false,
              work: (): Effect.Effect<never, Transient> =>
                Effect.delay(Effect.fail(new Transient({ message: "busy" })), 100),
            }),
          ),
        diversions: { work: () => retryLater(60_000, 5) },
        deadLetters: memoryDeadLetters(),
        ports: clock.ports,
      }).start();
      await clock.advance(50);
      let endedAtMs: number | null = null;
      if (how === "lose") reader.lose("0");
      else {
        Effect.runFork(reader.revoke("0", 30_000)).addObserver(() => {
          endedAtMs = clock.nowMs;
        });
      }
      await clock.advance(200);
      if (how === "revoke") expect(endedAtMs).toBe(100);
      expect(running.health()).toMatchObject({ parked: 0, inFlight: 0 });
      await clock.runUntil(running.abort(), 60_000);
    }
  });
});
