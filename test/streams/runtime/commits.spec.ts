import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromIterable } from "../../../src/adapters/memory/iterable-source.ts";
import { type Failure, Transient } from "../../../src/failure.ts";
import { Commits } from "../../../src/streams/runtime/commits.ts";
import { Partitions } from "../../../src/streams/runtime/partitions.ts";
import type { CommitAnswer, CommitMark, OffsetSource } from "../../../src/streams/runtime/source.ts";
import { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { LoneHost } from "../../support/lone-host.ts";

type Commit = (marks: readonly CommitMark[]) => Effect.Effect<readonly CommitAnswer[], Failure>;

/** Commits to a source that takes its time, and what it was told. */
class Committing extends LoneHost {
  readonly calls: { readonly marks: readonly CommitMark[]; readonly atMs: number }[] = [];
  readonly partitions = new Partitions();
  readonly failures: string[] = [];
  readonly commits: Commits;
  underWay = 0;
  mostUnderWay = 0;

  constructor(
    everyMs = 0,
    commit: Commit = (marks) => Effect.succeed(marks.map(() => "committed" as const)),
  ) {
    super();
    const source: OffsetSource<unknown> = {
      ...fromIterable("numbers", []),
      commit: (marks) =>
        Effect.suspend(() => {
          this.calls.push({ marks, atMs: this.clock.nowMs });
          this.underWay += 1;
          this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
          return Effect.ensuring(
            commit(marks),
            Effect.sync(() => {
              this.underWay -= 1;
            }),
          );
        }),
    };
    this.partitions.assigned("0", 1, 0);
    this.commits = new Commits(source, this.partitions, this, { everyMs }, ({ message }) => {
      this.failures.push(message);
    });
  }

  get committed(): number | undefined {
    return this.partitions.get("0")?.assignment?.committed;
  }

  take(): Ticket {
    const ticket = this.ticket();
    if ("offset" in ticket.taken) this.partitions.accept(ticket, ticket.taken);
    return ticket;
  }

  finish(ticket = this.take()): void {
    if (this.partitions.finish(ticket)) this.commits.soon();
  }
}

const slow: Commit = (marks) =>
  Effect.as(
    Effect.sleep(10),
    marks.map(() => "committed" as const),
  );

describe("commits", () => {
  it("tell the source of all that moved in one turn at once, and soon", async () => {
    const committing = new Committing();
    for (let count = 0; count < 100; count += 1) committing.finish();
    await committing.clock.settle();
    expect(committing.calls).toEqual([{ marks: [{ partition: "0", epoch: 1, next: 100 }], atMs: 0 }]);
    expect(committing.committed).toBe(100);
    expect(committing.toldOf("offset:commit:done")).toMatchObject([{ partition: "0", next: 100 }]);
  });

  it("are made one at a time; what moves meanwhile goes with the next", async () => {
    const committing = new Committing(0, slow);
    committing.finish();
    await committing.clock.advance(5);
    for (let count = 0; count < 10; count += 1) committing.finish();
    await committing.clock.advance(100);
    expect(committing.calls.map(({ marks }) => marks[0]?.next)).toEqual([1, 11]);
    expect(committing.mostUnderWay).toBe(1);
  });

  it("keep their pace", async () => {
    const committing = new Committing(100);
    for (let ms = 0; ms < 350; ms += 10) {
      committing.finish();
      await committing.clock.advance(10);
    }
    expect(committing.calls.map(({ atMs }) => atMs)).toEqual([0, 100, 200, 300]);
  });

  it("do not mind their pace when all must be told now", async () => {
    const committing = new Committing(60_000, slow);
    committing.finish();
    await committing.clock.advance(1);
    committing.finish();
    let isFlushed = false;
    const flushed = committing.commits.flush().then(() => {
      isFlushed = true;
    });
    await committing.clock.advance(15);
    expect(isFlushed).toBe(false);
    await committing.clock.runUntil(flushed, 100);
    expect(committing.committed).toBe(2);
    expect(committing.calls).toHaveLength(2);
  });

  it("take a stale answer for what it is: somebody else decides now", async () => {
    const committing = new Committing(0, (marks) => Effect.succeed(marks.map(() => "stale" as const)));
    committing.finish();
    await committing.clock.settle();
    expect(committing.committed).toBe(0);
    expect(committing.failures).toEqual([]);
    expect(committing.toldOf("offset:commit:stale")).toMatchObject([{ partition: "0", next: 1 }]);
  });

  it("fail once, and are not made any more after that; who waits for them is let go", async () => {
    const committing = new Committing(0, () =>
      Effect.andThen(Effect.sleep(10), Effect.fail(new Transient({ message: "the broker is gone" }))),
    );
    committing.finish();
    const flushed = committing.commits.flush();
    await committing.clock.runUntil(flushed, 1_000);
    committing.finish();
    await committing.commits.flush();
    await committing.clock.advance(1_000);
    expect(committing.failures).toEqual(["the broker is gone"]);
    expect(committing.calls).toHaveLength(1);
  });

  it("fail by a source that answers nonsense, and no process ends of it", async () => {
    const nonsense: Commit = () => Effect.succeed(undefined as unknown as readonly CommitAnswer[]); // no adapter of ours
    const committing = new Committing(0, nonsense);
    committing.finish();
    await committing.clock.settle();
    expect(committing.failures).toHaveLength(1);
    expect(committing.committed).toBe(0);
  });

  it("leave no timer behind when they are stopped, and are not planned any more", async () => {
    const committing = new Committing(60_000);
    committing.finish();
    await committing.clock.settle();
    committing.finish();
    expect(committing.clock.timers).toBe(1);
    committing.commits.stop();
    expect(committing.clock.timers).toBe(0);
    committing.finish();
    await committing.clock.advance(1_000_000);
    expect(committing.calls).toHaveLength(1);
  });

  it("are not made any more once their life is over", async () => {
    const committing = new Committing(50);
    committing.finish();
    await committing.clock.settle();
    committing.finish();
    committing.isOver = true;
    await committing.clock.advance(1_000);
    await committing.commits.flush();
    expect(committing.calls).toHaveLength(1);
  });

  it("tell a stale mark again with the next one and with the last, and never by itself", async () => {
    let isStale = true;
    const committing = new Committing(0, (marks) =>
      Effect.succeed(marks.map(({ partition }) => (isStale && partition === "0" ? "stale" : "committed"))),
    );
    committing.partitions.assigned("1", 1, 0);
    const finishOther = (offset: number): void => {
      const record = { partition: "1", offset, key: "k", body: null };
      const ticket = new Ticket(committing, record);
      committing.partitions.accept(ticket, record);
      committing.finish(ticket);
    };
    const told = (): readonly string[] =>
      committing.calls.map(({ marks }) =>
        marks.map(({ partition, next }) => `${partition}:${next}`).join(" "),
      );
    committing.finish();
    await committing.clock.advance(60_000);
    expect(told()).toEqual(["0:1"]);
    finishOther(0);
    await committing.clock.advance(60_000);
    expect(told()).toEqual(["0:1", "1:1 0:1"]);
    await committing.commits.flush();
    expect(told()).toEqual(["0:1", "1:1 0:1", "0:1"]);
    isStale = false;
    await committing.commits.flush();
    await committing.commits.flush();
    expect(told()).toEqual(["0:1", "1:1 0:1", "0:1", "0:1"]);
    expect(committing.committed).toBe(1);
  });

  it("never tell a stale mark again once its assignment is known to be over", async () => {
    const committing = new Committing(0, (marks) => Effect.succeed(marks.map(() => "stale" as const)));
    committing.finish();
    await committing.clock.settle();
    committing.partitions.assigned("0", 2, 0);
    await committing.commits.flush();
    committing.partitions.unassign("0");
    await committing.commits.flush();
    expect(committing.calls).toHaveLength(1);
  });

  it("never tell of an unfinished record, never of less than before, and in the end of everything", async () => {
    const order = fc.oneof(
      { weight: 4, arbitrary: fc.constant("take" as const) },
      { weight: 5, arbitrary: fc.record({ finish: fc.nat({ max: 20 }) }) },
      { weight: 3, arbitrary: fc.record({ advance: fc.nat({ max: 30 }) }) },
      { weight: 1, arbitrary: fc.constant("flush" as const) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 20),
        fc.array(fc.nat({ max: 15 }), { maxLength: 10 }),
        fc.array(order, { maxLength: 40 }),
        async (everyMs, delays, orders) => {
          let nth = 0;
          const unfinished: Ticket[] = [];
          const committing = new Committing(everyMs, (marks) => {
            const oldest = Math.min(
              ...unfinished.map(({ taken }) => ("offset" in taken ? taken.offset : -1)),
            );
            for (const { next } of marks) expect(next).toBeLessThanOrEqual(oldest);
            const delayMs = delays[nth++] ?? 0;
            return Effect.as(
              Effect.sleep(delayMs),
              marks.map(() => "committed" as const),
            );
          });
          let taken = 0;
          for (const given of orders) {
            if (given === "take") {
              unfinished.push(committing.take());
              taken += 1;
            } else if (given === "flush") {
              const { position = 0 } = committing.partitions.get("0")?.assignment?.watermark ?? {};
              await committing.clock.runUntil(committing.commits.flush(), 1_000);
              expect(committing.committed).toBeGreaterThanOrEqual(position);
            } else if ("advance" in given) {
              await committing.clock.advance(given.advance);
            } else {
              const [ticket] = unfinished.splice(given.finish % Math.max(1, unfinished.length), 1);
              if (ticket !== undefined) committing.finish(ticket);
            }
          }
          for (const ticket of unfinished.splice(0)) committing.finish(ticket);
          await committing.clock.advance(1_000);
          expect(committing.failures).toEqual([]);
          expect(committing.committed).toBe(taken);
          expect(committing.mostUnderWay).toBeLessThanOrEqual(1);
          const told = committing.calls.map(({ marks }) => marks[0]?.next ?? 0);
          expect(told).toEqual([...new Set(told)].sort((one, other) => one - other));
          expect(committing.clock.timers).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
