import { Effect, type Fiber } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LogReader, MemoryLog } from "../../../src/adapters/memory/log.ts";
import { logSourceContract } from "../../contracts/source-contract.ts";
import type { AssignmentListener, OffsetRecord, Pulled } from "../../../src/streams/runtime/source.ts";

/** A reader's own view of the log's partitions, as a pipeline would be told of them. */
class Group implements AssignmentListener {
  readonly told: string[] = [];
  readonly epochs = new Map<string, number>();
  readonly assigned = (partition: string, epoch: number, position: number): void => {
    this.told.push(`assigned ${partition} at ${position}`);
    this.epochs.set(partition, epoch);
  };
  readonly revoked = (partition: string, deadlineMs: number): Effect.Effect<void> =>
    Effect.sync(() => {
      this.told.push(`revoked ${partition} within ${deadlineMs}`);
    });
  readonly lost = (partition: string): void => {
    this.told.push(`lost ${partition}`);
  };
}

const opened = <Body>(reader: LogReader<Body>): Group => {
  const group = new Group();
  Effect.runSync(reader.open(group));
  return group;
};

const pulling = <Body>(
  reader: LogReader<Body>,
  records: number,
): Fiber.Fiber<Pulled<OffsetRecord<Body>>, unknown> =>
  Effect.runFork(reader.pull({ records, bytes: Infinity }));

const pulled = <Body>(reader: LogReader<Body>, records: number): readonly Body[] => {
  const exit = pulling(reader, records).pollUnsafe();
  if (exit?._tag !== "Success") throw new Error("the pull still waits");
  return exit.value.records.map(({ body }) => body);
};

const fill = (log: MemoryLog<string>, partition: string, count: number): void => {
  for (let number = 0; number < count; number += 1) log.append(partition, "k", `${partition}${number}`);
};

describe("the log in memory", () => {
  it("keeps the records of a partition in order, and starts at what was committed", () => {
    const log = new MemoryLog<string>(1);
    fill(log, "0", 3);
    const reader = log.reader("one");
    const group = opened(reader);
    expect(group.told).toEqual(["assigned 0 at 0"]);
    expect(pulled(reader, 2)).toEqual(["00", "01"]);
    const epoch = group.epochs.get("0") ?? 0;
    expect(Effect.runSync(reader.commit([{ partition: "0", epoch, next: 1 }]))).toEqual(["committed"]);
    expect(log.committed("0")).toBe(1);
    Effect.runSync(reader.close);
    expect(opened(reader).told).toEqual(["assigned 0 at 1"]);
    expect(pulled(reader, 9)).toEqual(["01", "02"]);
  });

  it("takes fairly from each of its partitions", () => {
    const log = new MemoryLog<string>(3);
    for (const [partition, count] of [
      ["0", 9],
      ["1", 2],
      ["2", 9],
    ] as const) {
      fill(log, partition, count);
    }
    const reader = log.reader("one");
    opened(reader);
    expect(pulled(reader, 6).map(([partition]) => partition)).toEqual(["0", "1", "2", "0", "1", "2"]);
    expect(pulled(reader, 4).map(([partition]) => partition)).toEqual(["0", "2", "0", "2"]);
  });

  it("lets a reader wait until there is something, or the end", () => {
    const log = new MemoryLog<string>(1);
    const reader = log.reader("one");
    opened(reader);
    const first = pulling(reader, 5);
    expect(first.pollUnsafe()).toBeUndefined();
    log.append("0", "k", "now");
    expect(first.pollUnsafe()).toMatchObject({ value: { records: [{ body: "now" }], ended: false } });
    const second = pulling(reader, 5);
    log.end();
    expect(second.pollUnsafe()).toMatchObject({ value: { records: [], ended: true } });
  });

  it("hands nothing over to a pull that was interrupted", () => {
    const log = new MemoryLog<string>(1);
    const reader = log.reader("one");
    opened(reader);
    const fiber = pulling(reader, 5);
    fiber.interruptUnsafe();
    log.append("0", "k", "later");
    expect(pulled(reader, 5)).toEqual(["later"]);
  });

  it("tells its reader of a revocation and waits for it, and of a loss", () => {
    const log = new MemoryLog<string>(2);
    fill(log, "0", 1);
    fill(log, "1", 1);
    const reader = log.reader("one");
    const group = opened(reader);
    Effect.runSync(reader.revoke("0", 500));
    reader.lose("1");
    expect(group.told.slice(2)).toEqual(["revoked 0 within 500", "lost 1"]);
    const waiting = pulling(reader, 1);
    expect(waiting.pollUnsafe()).toBeUndefined();
    waiting.interruptUnsafe();
    reader.assign("1");
    expect(pulled(reader, 1)).toEqual(["10"]);
  });

  it("takes no commit of an assignment that is over", () => {
    const log = new MemoryLog<string>(1);
    fill(log, "0", 5);
    const [one, other] = [log.reader("one", ["0"]), log.reader("other", [])];
    const before = opened(one).epochs.get("0") ?? 0;
    opened(other);
    Effect.runSync(one.revoke("0", 0));
    other.assign("0");
    expect(Effect.runSync(one.commit([{ partition: "0", epoch: before, next: 5 }]))).toEqual(["stale"]);
    expect(log.committed("0")).toBe(0);
  });

  it("gives a reader that starts again what it has, and not what was taken from it", () => {
    const log = new MemoryLog<string>(2);
    const reader = log.reader("one");
    opened(reader);
    Effect.runSync(reader.revoke("0", 0));
    Effect.runSync(reader.close);
    expect(opened(reader).told).toEqual(["assigned 1 at 0"]);
    Effect.runSync(reader.revoke("1", 0));
    Effect.runSync(reader.close);
    expect(opened(reader).told).toEqual([]);
  });

  it("knows how far behind a position is", () => {
    const log = new MemoryLog<string>(1);
    fill(log, "0", 10);
    expect(log.reader("one").lag?.("0", 4)).toBe(6);
  });

  it("names a partition that it does not have", () => {
    expect(() => new MemoryLog(2).committed("7")).toThrow('the log has no partition "7"');
  });

  it("loses no record between readers that take over from one another, whatever they commit", () => {
    const order = fc.oneof(
      { weight: 3, arbitrary: fc.record({ append: fc.nat({ max: 2 }) }) },
      {
        weight: 4,
        arbitrary: fc.record({ reader: fc.nat({ max: 1 }), pull: fc.integer({ min: 1, max: 4 }) }),
      },
      { weight: 2, arbitrary: fc.record({ reader: fc.nat({ max: 1 }), commit: fc.nat({ max: 2 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          reader: fc.nat({ max: 1 }),
          move: fc.nat({ max: 2 }),
          how: fc.constantFrom("revoke", "lose"),
        }),
      },
    );
    fc.assert(
      fc.property(fc.array(order, { maxLength: 60 }), (orders) => {
        const log = new MemoryLog<string>(3);
        const readers = [log.reader("one"), log.reader("other", [])] as const;
        const groups = readers.map((reader) => opened(reader));
        const owner = [0, 0, 0];
        const appended = [0, 0, 0];
        /** What each reader has of each partition: from where it was assigned to where it has read. */
        const read = [0, 1].map(() => new Map<string, { next: number }>());
        for (const partition of log.partitionNames) read[0]?.set(partition, { next: 0 });
        for (const given of orders) {
          if ("append" in given) {
            log.append(String(given.append), "k", `${given.append}/${appended[given.append] ?? 0}`);
            appended[given.append] = (appended[given.append] ?? 0) + 1;
            continue;
          }
          const reader = readers[given.reader === 0 ? 0 : 1];
          const of = read[given.reader];
          if ("pull" in given) {
            const fiber = pulling(reader, given.pull);
            const exit = fiber.pollUnsafe();
            const available = [...(of ?? [])].reduce(
              (sum, [name, { next }]) => sum + (appended[Number(name)] ?? 0) - next,
              0,
            );
            if (exit === undefined) {
              expect(available).toBe(0);
              fiber.interruptUnsafe();
              continue;
            }
            if (exit._tag === "Failure") throw new Error("the memory log does not fail");
            expect(exit.value.records).toHaveLength(Math.min(given.pull, available));
            for (const { partition, offset, body } of exit.value.records) {
              const from = of?.get(partition);
              expect(from?.next).toBe(offset);
              expect(body).toBe(`${partition}/${offset}`);
              if (from !== undefined) from.next += 1;
            }
          } else if ("commit" in given) {
            const partition = String(given.commit);
            const from = of?.get(partition);
            const epoch = groups[given.reader]?.epochs.get(partition);
            if (epoch === undefined) continue;
            const before = log.committed(partition);
            const [answer] = Effect.runSync(reader.commit([{ partition, epoch, next: from?.next ?? 99 }]));
            expect(answer).toBe(from === undefined ? "stale" : "committed");
            expect(log.committed(partition)).toBe(from === undefined ? before : Math.max(before, from.next));
          } else {
            const partition = String(given.move);
            const from = owner[given.move] ?? 0;
            if (given.how === "revoke") Effect.runSync(readers[from === 0 ? 0 : 1].revoke(partition, 0));
            else readers[from === 0 ? 0 : 1].lose(partition);
            read[from]?.delete(partition);
            readers[given.reader === 0 ? 0 : 1].assign(partition);
            owner[given.move] = given.reader;
            read[given.reader]?.set(partition, { next: log.committed(partition) });
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

const FEATURES = { weighs: false, revocation: "awaited" } as const;

logSourceContract("the log in memory", { ...FEATURES, runs: 1000, ends: true, knowsLag: true }, () => {
  const log = new MemoryLog<string>(3);
  let open: LogReader<string> | null = null;
  return Promise.resolve({
    partitions: log.partitionNames,
    append: (partition, body) => {
      log.append(partition, "k", body);
      return Promise.resolve();
    },
    reader: () => (open = log.reader("reader")),
    reassign: (partition) => {
      open?.lose(partition);
      open?.assign(partition);
      return Promise.resolve();
    },
    revoke: async (partition) => {
      if (open !== null) await Effect.runPromise(open.revoke(partition, 1_000));
      open?.assign(partition);
    },
    end: () => {
      log.end();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
