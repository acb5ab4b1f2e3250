import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryQueue } from "../../../src/adapters/memory/queue.ts";
import type { QueueDisposition, QueueRecord, QueueSource } from "../../../src/streams/runtime/source.ts";
import { queueSourceContract } from "../../contracts/source-contract.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const pulled = <Body>(reader: QueueSource<Body>, records: number): readonly QueueRecord<Body>[] => {
  const fiber = Effect.runFork(reader.pull({ records, bytes: Infinity }));
  const exit = fiber.pollUnsafe();
  if (exit?._tag === "Success") return exit.value.records;
  fiber.interruptUnsafe();
  return [];
};

const settle = <Body>(reader: QueueSource<Body>, token: string, disposition: QueueDisposition): void => {
  Effect.runSync(reader.settle([{ token, disposition }]));
};

const bodies = <Body>(records: readonly QueueRecord<Body>[]): readonly Body[] =>
  records.map(({ body }) => body);

const queueOf = (...sent: readonly string[]) => {
  const clock = new VirtualClock();
  const queue = new MemoryQueue<string>(clock);
  for (const body of sent) queue.send("k", body);
  return { clock, queue, reader: queue.reader("one") };
};

describe("the queue in memory", () => {
  it("hands each message to one reader, and forgets it when it is done", () => {
    const { queue, reader } = queueOf("a", "b", "c");
    const [first] = pulled(reader, 1);
    expect(first).toMatchObject({ body: "a", key: "k", attempt: 0 });
    expect(bodies(pulled(queue.reader("other"), 1))).toEqual(["b"]);
    settle(reader, first?.token ?? "", { kind: "done" });
    expect(queue.unsettled).toBe(2);
    expect(bodies(pulled(reader, 9))).toEqual(["c"]);
  });

  it("brings a message again no sooner than asked, and counts that as a try", async () => {
    const { clock, queue, reader } = queueOf("a");
    const [first] = pulled(reader, 1);
    settle(reader, first?.token ?? "", { kind: "retry-later", afterMs: 5_000 });
    await clock.advance(4_999);
    expect(pulled(reader, 1)).toEqual([]);
    expect(queue.unsettled).toBe(1);
    await clock.advance(1);
    expect(pulled(reader, 1)).toMatchObject([{ body: "a", attempt: 1 }]);
  });

  it("does not count a try for which it was not the time", async () => {
    const { clock, reader } = queueOf("a");
    const [first] = pulled(reader, 1);
    settle(reader, first?.token ?? "", { kind: "retry-later", afterMs: 10, isNoAttempt: true });
    await clock.advance(10);
    expect(pulled(reader, 1)).toMatchObject([{ body: "a", attempt: 0 }]);
  });

  it("gives what is handed back to the next who asks, before all else, in its order, and as no try", () => {
    const { reader } = queueOf("a", "b", "c", "d");
    const taken = pulled(reader, 3);
    Effect.runSync(
      reader.settle(taken.map(({ token }) => ({ token, disposition: { kind: "hand-back" } as const }))),
    );
    expect(pulled(reader, 9).map(({ body, attempt }) => [body, attempt])).toEqual([
      ["a", 0],
      ["b", 0],
      ["c", 0],
      ["d", 0],
    ]);
  });

  it("gives what was taken and not settled to the next who asks when its reader closes", () => {
    const { reader } = queueOf("a", "b", "c");
    pulled(reader, 2);
    Effect.runSync(reader.close);
    expect(bodies(pulled(reader, 9))).toEqual(["a", "b", "c"]);
  });

  it("keeps what another reader has when one closes", () => {
    const { queue, reader } = queueOf("a", "b");
    const other = queue.reader("other");
    pulled(reader, 1);
    const [second] = pulled(other, 1);
    Effect.runSync(reader.close);
    expect(bodies(pulled(reader, 9))).toEqual(["a"]);
    settle(other, second?.token ?? "", { kind: "done" });
    expect(queue.unsettled).toBe(1);
  });

  it("ends for its readers when nothing is left unsettled, and not before", async () => {
    const { clock, queue, reader } = queueOf("a");
    const [first] = pulled(reader, 1);
    queue.end();
    const waiting = Effect.runFork(reader.pull({ records: 1, bytes: 1 }));
    expect(waiting.pollUnsafe()).toBeUndefined();
    settle(reader, first?.token ?? "", { kind: "retry-later", afterMs: 10 });
    expect(waiting.pollUnsafe()).toBeUndefined();
    await clock.advance(10);
    expect(waiting.pollUnsafe()).toMatchObject({ value: { records: [{ body: "a" }], ended: false } });
    settle(reader, first?.token ?? "", { kind: "done" });
    expect(Effect.runFork(reader.pull({ records: 1, bytes: 1 })).pollUnsafe()).toMatchObject({
      value: { records: [], ended: true },
    });
  });

  it("never loses a message or has one twice, whatever is done with them", async () => {
    const order = fc.oneof(
      { weight: 3, arbitrary: fc.constant("send" as const) },
      { weight: 4, arbitrary: fc.record({ pull: fc.integer({ min: 1, max: 4 }) }) },
      {
        weight: 5,
        arbitrary: fc.record({
          settle: fc.nat({ max: 10 }),
          as: fc.constantFrom<QueueDisposition>(
            { kind: "done" },
            { kind: "hand-back" },
            { kind: "retry-later", afterMs: 15 },
          ),
        }),
      },
      { weight: 2, arbitrary: fc.record({ advance: fc.nat({ max: 20 }) }) },
      { weight: 1, arbitrary: fc.constant("close" as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(order, { maxLength: 60 }), async (orders) => {
        const { clock, queue, reader } = queueOf();
        let sent = 0;
        let done = 0;
        const tries = new Map<string, number>();
        let taken: QueueRecord<string>[] = [];
        for (const given of orders) {
          if (given === "send") {
            queue.send("k", `message ${sent}`);
            sent += 1;
          } else if (given === "close") {
            Effect.runSync(reader.close);
            taken = [];
          } else if ("pull" in given) {
            const records = pulled(reader, given.pull);
            expect(records.length).toBeLessThanOrEqual(given.pull);
            for (const { token, attempt } of records) {
              expect(taken.some((other) => other.token === token)).toBe(false);
              expect(attempt).toBe(tries.get(token) ?? 0);
            }
            taken.push(...records);
          } else if ("advance" in given) await clock.advance(given.advance);
          else {
            const [record] = taken.splice(given.settle % Math.max(1, taken.length), 1);
            if (record === undefined) continue;
            settle(reader, record.token, given.as);
            settle(reader, record.token, { kind: "done" }); // told twice is told once
            if (given.as.kind === "done") done += 1;
            if (given.as.kind === "retry-later") tries.set(record.token, (tries.get(record.token) ?? 0) + 1);
          }
          expect(queue.unsettled).toBe(sent - done);
        }
        await clock.advance(100);
        const rest = [...taken, ...pulled(reader, 1_000)];
        expect(rest).toHaveLength(sent - done);
        expect(new Set(rest.map(({ body }) => body)).size).toBe(sent - done);
      }),
      { numRuns: 1000 },
    );
  });
});

queueSourceContract("the queue in memory", { runs: 1000, ends: true, delays: true }, () => {
  const clock = new VirtualClock();
  const queue = new MemoryQueue<string>(clock);
  return Promise.resolve({
    send: (body) => {
      queue.send("k", body);
      return Promise.resolve();
    },
    reader: () => queue.reader("reader"),
    elapse: (ms) => clock.advance(ms),
    end: () => {
      queue.end();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});
