import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Partitions } from "../../../src/streams/runtime/partitions.ts";
import type { CommitMark, OffsetRecord } from "../../../src/streams/runtime/source.ts";
import type { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { growth } from "../../support/growth.ts";
import { LoneHost } from "../../support/lone-host.ts";

const record = (offset: number, fields: Partial<OffsetRecord<string>> = {}): OffsetRecord<string> => ({
  partition: "0",
  offset,
  key: "k",
  body: `body ${offset}`,
  ...fields,
});

/** Lets a record in as a life does: a ticket for what is fresh, `null` for all else. */
const take = (partitions: Partitions, host: LoneHost, given: OffsetRecord<unknown>): Ticket | null => {
  if (partitions.arrive(given) !== "fresh") return null;
  const ticket = host.ticket(given);
  partitions.accept(ticket, given);
  return ticket;
};

const taken = (partitions: Partitions, host: LoneHost, given: OffsetRecord<unknown>): Ticket => {
  const ticket = take(partitions, host, given);
  if (ticket === null) throw new Error(`${given.offset} was not fresh`);
  return ticket;
};

describe("partitions", () => {
  it("may be committed up to the oldest unfinished record, in whatever order the work finishes", () => {
    const [partitions, host] = [new Partitions(), new LoneHost()];
    partitions.assigned("0", 1, 100);
    const [first, second, third] = [100, 101, 105].map((offset) => taken(partitions, host, record(offset)));
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("three were taken");
    expect(partitions.finish(third)).toBe(false);
    expect(partitions.takeMarks(false)).toEqual([]);
    expect(partitions.finish(first)).toBe(true);
    expect(partitions.takeMarks(false)).toEqual([{ partition: "0", epoch: 1, next: 101 }]);
    expect(partitions.finish(second)).toBe(true);
    expect(partitions.takeMarks(false)).toEqual([{ partition: "0", epoch: 1, next: 106 }]);
    expect(partitions.takeMarks(false)).toEqual([]);
  });

  it("knows a record that comes again while its first ticket lives, and lets that ticket finish it", () => {
    const [partitions, host] = [new Partitions(), new LoneHost()];
    partitions.assigned("0", 1, 7);
    const first = taken(partitions, host, record(7));
    partitions.unassign("0");
    partitions.assigned("0", 2, 7);
    expect(partitions.arrive(record(7))).toBe("repeat");
    expect(partitions.takeMarks(false)).toEqual([]);
    partitions.finish(first);
    expect(partitions.takeMarks(false)).toEqual([{ partition: "0", epoch: 2, next: 8 }]);
  });

  it("counts what a rebalance has made come again: what was still worked on, and what was finished and not committed", () => {
    const [partitions, host] = [new Partitions(), new LoneHost()];
    const seenAgain = (): number | undefined => partitions.get("0")?.assignment?.seenAgain;
    partitions.assigned("0", 1, 0);
    const [first, second, third] = [0, 1, 2].map((offset) => taken(partitions, host, record(offset)));
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("three were taken");
    partitions.finish(first);
    partitions.committed({ partition: "0", epoch: 1, next: 1 });
    partitions.finish(third);
    expect(seenAgain()).toBe(0);
    partitions.assigned("0", 2, 1);
    expect(partitions.arrive(record(1))).toBe("repeat");
    expect(partitions.isWorkedOnAgain(record(2))).toBe(true);
    taken(partitions, host, record(2));
    expect(partitions.isWorkedOnAgain(record(3))).toBe(false);
    taken(partitions, host, record(3));
    expect(seenAgain()).toBe(2);
    partitions.assigned("0", 3, 4);
    expect(seenAgain()).toBe(0);
    // it stands before what was committed: a log that began anew, of which nothing was ever seen
    partitions.assigned("0", 4, 0);
    taken(partitions, host, record(0));
    expect(seenAgain()).toBe(0);
  });

  it("counts as seen again exactly what had been taken in an earlier assignment, however often it is assigned anew", () => {
    const lives = fc.array(fc.record({ taken: fc.nat(12), finished: fc.nat(12), committed: fc.nat(12) }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(lives, (given) => {
        const [partitions, host] = [new Partitions(), new LoneHost()];
        const takenBefore = new Set<number>();
        let position = 0;
        for (const [epoch, life] of given.entries()) {
          partitions.assigned("0", epoch, position);
          const own = Array.from({ length: life.taken }, (_, at) => position + at);
          for (const offset of own) {
            const ticket = take(partitions, host, record(offset));
            if (ticket !== null && offset < position + life.finished) partitions.finish(ticket);
          }
          const again = own.filter((offset) => takenBefore.has(offset));
          expect(partitions.get("0")?.assignment?.seenAgain).toBe(again.length);
          for (const offset of own) takenBefore.add(offset);
          const watermark = partitions.get("0")?.assignment?.watermark.position ?? 0;
          const next = Math.min(watermark, position + life.committed);
          partitions.committed({ partition: "0", epoch, next });
          partitions.unassign("0");
          position = next;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("works again on a record that was finished before it could be committed", () => {
    const [partitions, host] = [new Partitions(), new LoneHost()];
    partitions.assigned("0", 1, 7);
    const first = taken(partitions, host, record(7));
    partitions.unassign("0");
    partitions.finish(first);
    partitions.assigned("0", 2, 7);
    expect(partitions.arrive(record(7))).toBe("fresh");
  });

  it("by key works again on what stands behind such a record, whose first ticket goes before it; unordered it does not", () => {
    for (const order of ["byKey", "unordered"] as const) {
      const [partitions, host] = [new Partitions(order), new LoneHost()];
      partitions.assigned("0", 1, 6);
      const other = taken(partitions, host, record(6, { key: "other" }));
      partitions.finish(taken(partitions, host, record(7)));
      const second = taken(partitions, host, record(8));
      partitions.assigned("0", 2, 6);
      expect(partitions.arrive(record(6, { key: "other" }))).toBe("repeat");
      const again = [taken(partitions, host, record(7))];
      const arrival = partitions.arrive(record(8));
      expect(arrival).toBe(order === "byKey" ? "fresh" : "repeat");
      if (arrival === "fresh") {
        again.push(host.ticket(record(8)));
        partitions.accept(again[1] ?? second, record(8));
      }
      // once more: they stand in the right order now
      partitions.assigned("0", 3, 6);
      for (const [offset, key] of [
        [6, "other"],
        [7, "k"],
        [8, "k"],
      ] as const) {
        expect(partitions.arrive(record(offset, { key }))).toBe("repeat");
      }
      for (const ticket of [other, second, ...again]) partitions.finish(ticket);
      expect(partitions.takeMarks(false)).toEqual([{ partition: "0", epoch: 3, next: 9 }]);
    }
  });

  it("does not take a record for another that stood at its offset before the log was made anew", () => {
    const [partitions, host] = [new Partitions(), new LoneHost()];
    partitions.assigned("0", 1, 7);
    const old = taken(partitions, host, record(7, { identity: "monday" }));
    partitions.assigned("0", 2, 7);
    const fresh = taken(partitions, host, record(7, { identity: "tuesday" }));
    expect(partitions.finish(old)).toBe(false);
    expect(partitions.takeMarks(false)).toEqual([]);
    partitions.assigned("0", 3, 7);
    expect(partitions.arrive(record(7, { identity: "tuesday" }))).toBe("repeat");
    expect(partitions.finish(fresh)).toBe(true);
    expect(partitions.takeMarks(false)).toEqual([{ partition: "0", epoch: 3, next: 8 }]);
  });

  it("takes nothing of a partition that is being revoked, but finishes what it has of it", () => {
    const [partitions, host] = [new Partitions(), new LoneHost()];
    partitions.assigned("0", 1, 0);
    const first = taken(partitions, host, record(0));
    const assignment = partitions.get("0")?.assignment;
    if (assignment == null) throw new Error("it was assigned");
    assignment.isRevoking = true;
    expect(partitions.arrive(record(1))).toBe("foreign");
    expect(partitions.arrive(record(0, { partition: "elsewhere" }))).toBe("foreign");
    partitions.finish(first);
    expect(partitions.takeMarks(false)).toEqual([{ partition: "0", epoch: 1, next: 1 }]);
  });

  it("says whose record would be left to the next owner: of a partition that is going, or gone", () => {
    const [partitions, host] = [new Partitions(), new LoneHost()];
    partitions.assigned("0", 1, 0);
    const ticket = taken(partitions, host, record(0));
    expect(partitions.isLeaving(ticket)).toBe(false);
    expect(partitions.isLeaving(host.queueTicket())).toBe(false);
    const assignment = partitions.get("0")?.assignment;
    if (assignment == null) throw new Error("it was assigned");
    assignment.isRevoking = true;
    expect(partitions.isLeaving(ticket)).toBe(true);
    partitions.unassign("0");
    expect(partitions.isLeaving(ticket)).toBe(true);
    partitions.assigned("0", 2, 0);
    expect(partitions.isLeaving(ticket)).toBe(false);
  });

  it("says once when nothing of a partition is unfinished any more", () => {
    const [partitions, host] = [new Partitions(), new LoneHost()];
    partitions.assigned("0", 1, 0);
    const [first, second] = [taken(partitions, host, record(0)), taken(partitions, host, record(1))];
    let idle = 0;
    const partition = partitions.get("0");
    if (partition === undefined) throw new Error("it was assigned");
    partition.whenIdle.push(() => {
      idle += 1;
    });
    partitions.finish(second);
    expect(idle).toBe(0);
    partitions.abandon(first);
    expect(idle).toBe(1);
    partitions.finish(taken(partitions, host, record(2)));
    expect(idle).toBe(1);
  });

  it("does not let a commit of an assignment that is over count for the one that followed", () => {
    const [partitions, host] = [new Partitions(), new LoneHost()];
    partitions.assigned("0", 1, 0);
    partitions.finish(taken(partitions, host, record(0)));
    const [mark] = partitions.takeMarks(false);
    partitions.assigned("0", 2, 0);
    if (mark !== undefined) partitions.committed(mark);
    expect(partitions.get("0")?.assignment?.committed).toBe(0);
    partitions.finish(taken(partitions, host, record(0)));
    expect(partitions.takeMarks(false)).toEqual([{ partition: "0", epoch: 2, next: 1 }]);
  });

  it("costs the same for each record at 1,000 and at 50,000 unfinished ones", () => {
    const steadyState = (inFlight: number): (() => void) => {
      const [partitions, host] = [new Partitions(), new LoneHost()];
      partitions.assigned("0", 1, 0);
      let next = 0;
      let state = 7;
      const tickets = Array.from({ length: inFlight }, () => taken(partitions, host, record(next++)));
      return () => {
        for (let count = 0; count < 1_000; count += 1) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          const at = state % inFlight;
          const ticket = tickets[at];
          if (ticket !== undefined) partitions.finish(ticket);
          tickets[at] = taken(partitions, host, record(next++));
        }
        partitions.takeMarks(false);
      };
    };
    expect(growth(steadyState(1_000), steadyState(50_000))).toBeLessThan(3);
  });
});

/** A record of the naive model: it is finished when the work on it is, whoever asks. */
interface Copy {
  readonly ticket: Ticket;
  readonly offset: number;
  readonly identity: string | undefined;
  state: "unfinished" | "finished" | "abandoned";
  /** Another record stands at its offset now; its ticket lives, but nobody finds it by its offset. */
  isDisplaced: boolean;
}

/** One partition as a broker and a naive reader see it: lists that are looked through. */
class NaivePartition {
  readonly name: string;
  /** The broker's side: what it was told, to whom it is assigned, which making of the log this is. */
  brokerCommitted = 0;
  epoch = 0;
  making = 1;
  isAssigned = false;
  isRevoking = false;
  start = 0;
  committed = 0;
  /** In order of arrival in this assignment. */
  arrivals: { readonly offset: number; readonly copy: Copy }[] = [];
  /** All copies that anybody still works on, by whatever assignment they came. */
  copies: Copy[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get expected(): number {
    return (this.arrivals.at(-1)?.offset ?? this.start - 1) + 1;
  }

  get known(): readonly Copy[] {
    return this.copies.filter(({ isDisplaced }) => !isDisplaced);
  }

  /** Nothing below it is unfinished. */
  get position(): number {
    let position = this.start;
    for (const { offset, copy } of this.arrivals) {
      if (copy.state !== "finished") return position;
      position = offset + 1;
    }
    return position;
  }
}

describe("partitions and a naive model of them", () => {
  it("agree on every arrival and every mark, and no mark ever passes an unfinished record", () => {
    const partition = fc.nat({ max: 1 });
    const order = fc.oneof(
      { weight: 2, arbitrary: fc.record({ do: fc.constant("assign" as const), partition }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("remake" as const), partition }) },
      {
        weight: 8,
        arbitrary: fc.record({
          do: fc.constant("next" as const),
          partition,
          gap: fc.nat({ max: 2 }),
          isNamed: fc.boolean(),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant("again" as const), partition, back: fc.nat({ max: 5 }) }),
      },
      { weight: 8, arbitrary: fc.record({ do: fc.constant("finish" as const), which: fc.nat({ max: 50 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant("abandon" as const), which: fc.nat({ max: 50 }) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("revoke" as const), partition }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("unassign" as const), partition }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant("send marks" as const) }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant("answer" as const), which: fc.nat({ max: 3 }) }) },
    );

    fc.assert(
      fc.property(fc.array(order, { maxLength: 90 }), (orders) => {
        const [partitions, host] = [new Partitions(), new LoneHost()];
        const naive = [new NaivePartition("0"), new NaivePartition("1")];
        /** Commits that are under way. */
        let sent: CommitMark[] = [];
        const live = (): { readonly in: NaivePartition; readonly copy: Copy }[] =>
          naive.flatMap((one) => one.copies.map((copy) => ({ in: one, copy })));

        for (const given of orders) {
          const one = "partition" in given ? naive[given.partition] : undefined;
          switch (given.do) {
            case "assign": {
              if (one === undefined) break;
              one.epoch += 1;
              Object.assign(one, { isAssigned: true, isRevoking: false, arrivals: [] });
              one.start = one.brokerCommitted;
              one.committed = one.brokerCommitted;
              partitions.assigned(one.name, one.epoch, one.brokerCommitted);
              break;
            }
            case "remake": {
              // somebody deletes the log and makes it anew: offsets begin again, under other identities
              if (one === undefined || one.isAssigned) break;
              one.making += 1;
              one.brokerCommitted = 0;
              break;
            }
            case "next": {
              if (one === undefined) break;
              const offset = one.expected + given.gap;
              const identity = given.isNamed ? `${one.making}` : undefined;
              const came: OffsetRecord<string> = {
                ...record(offset, { partition: one.name }),
                ...(identity === undefined ? {} : { identity }),
              };
              const known = one.known.find((copy) => copy.offset === offset);
              const isSame =
                known !== undefined &&
                (known.identity === undefined || identity === undefined || known.identity === identity);
              const expected = !one.isAssigned || one.isRevoking ? "foreign" : isSame ? "repeat" : "fresh";
              expect(partitions.arrive(came)).toBe(expected);
              if (expected === "fresh") {
                const ticket = host.ticket(came);
                partitions.accept(ticket, came);
                if (known !== undefined) known.isDisplaced = true;
                const copy: Copy = { ticket, offset, identity, state: "unfinished", isDisplaced: false };
                one.copies.push(copy);
                one.arrivals.push({ offset, copy });
              } else if (expected === "repeat" && known !== undefined) {
                one.arrivals.push({ offset, copy: known });
              }
              break;
            }
            case "again": {
              if (one === undefined || !one.isAssigned || one.isRevoking) break;
              const offset = one.expected - 1 - given.back;
              if (offset < one.start) break;
              expect(partitions.arrive(record(offset, { partition: one.name }))).toBe("repeat");
              break;
            }
            case "finish":
            case "abandon": {
              const all = live();
              const chosen = all[given.which % Math.max(1, all.length)];
              if (chosen === undefined) break;
              const before = chosen.in.position;
              chosen.copy.state = given.do === "finish" ? "finished" : "abandoned";
              chosen.in.copies = chosen.in.copies.filter((copy) => copy !== chosen.copy);
              if (given.do === "abandon") partitions.abandon(chosen.copy.ticket);
              else {
                const hasMoved = chosen.in.isAssigned && chosen.in.position > before;
                expect(partitions.finish(chosen.copy.ticket)).toBe(hasMoved);
              }
              break;
            }
            case "revoke": {
              const assignment = one === undefined ? null : partitions.get(one.name)?.assignment;
              if (one === undefined || assignment == null) break;
              one.isRevoking = true;
              assignment.isRevoking = true;
              break;
            }
            case "unassign": {
              if (one === undefined) break;
              expect(partitions.unassign(one.name)).toBe(one.known.length);
              one.isAssigned = false;
              break;
            }
            case "send marks": {
              const marks = partitions.takeMarks(false);
              for (const mark of marks) {
                const of = naive.find(({ name }) => name === mark.partition);
                expect(mark.epoch).toBe(of?.epoch);
                expect(mark.next).toBe(of?.position);
                for (const { offset, copy } of of?.arrivals ?? []) {
                  if (copy.state !== "finished") expect(offset).toBeGreaterThanOrEqual(mark.next);
                }
              }
              // and none is missing: what has moved beyond what was committed is either told now or under way
              for (const { name, isAssigned, epoch, position, committed } of naive) {
                if (!isAssigned || position <= committed) continue;
                const underWay = [...sent, ...marks].filter(
                  (mark) => mark.partition === name && mark.epoch === epoch,
                );
                expect(Math.max(...underWay.map(({ next }) => next))).toBe(position);
              }
              sent.push(...marks);
              break;
            }
            case "answer": {
              // the broker answers in any order; what an earlier assignment said changes nothing
              const mark = sent[given.which % Math.max(1, sent.length)];
              if (mark === undefined) break;
              sent = sent.filter((other) => other !== mark);
              const of = naive.find(({ name }) => name === mark.partition);
              partitions.committed(mark);
              if (of?.epoch !== mark.epoch) break;
              of.brokerCommitted = Math.max(of.brokerCommitted, mark.next);
              if (of.isAssigned) of.committed = Math.max(of.committed, mark.next);
              break;
            }
          }
          for (const { name, isAssigned, position, committed, known } of naive) {
            const real = partitions.get(name);
            expect(real?.assignment?.watermark.position).toBe(isAssigned ? position : undefined);
            expect(real?.assignment?.committed).toBe(isAssigned ? committed : undefined);
            expect(real?.live.size ?? 0).toBe(known.length);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
