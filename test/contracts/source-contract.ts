/**
 * What every source of records promises, as one suite: run unchanged over the log and the queue in memory, and over every
 * transport that stands behind the same port.
 *
 * An adapter's spec gives a world around its source and says in a record of features what that source is; nothing is
 * asked of it that it did not say, and what it said is asked of it.
 */
import { Effect, Exit, type Fiber } from "effect";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type {
  CommitAnswer,
  OffsetRecord,
  OffsetSource,
  Pulled,
  QueueDisposition,
  QueueRecord,
  QueueSource,
} from "../../src/streams/runtime/source.ts";

export interface SourceFeatures {
  /** How many times each property is tried: 1,000 in memory, fewer where each takes its time. */
  readonly runs: number;
  /** The log or queue can be closed for good, and its readers see the end. */
  readonly ends: boolean;
}

export interface LogFeatures extends SourceFeatures {
  /** It can tell how many records are behind a position. */
  readonly knowsLag: boolean;
  /** It says what its records weigh, and keeps to a limit in bytes. */
  readonly weighs: boolean;
  /**
   * What its reader hears when a partition is taken away in order: `awaited`, it is left until `revoked` has ended; `announced`,
   * it is told, and not waited for.
   */
  readonly revocation: "awaited" | "announced";
}

export interface QueueFeatures extends SourceFeatures {
  /** It brings a record again later, when asked to. */
  readonly delays: boolean;
}

interface World {
  /** Readable when it resolves. */
  readonly end: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface LogWorld extends World {
  /** At least two. */
  readonly partitions: readonly string[];
  readonly append: (partition: string, body: string) => Promise<void>;
  /** Of one group: each goes on where the group has committed. Only one is open at a time. */
  readonly reader: () => OffsetSource<string>;
  /** Takes the partition from the open reader, without warning, and gives it back to it: a new assignment. */
  readonly reassign: (partition: string) => Promise<void>;
  /** The same in order: the reader hears of it first, and is given back what it had. */
  readonly revoke: (partition: string) => Promise<void>;
}

export interface QueueWorld extends World {
  readonly send: (body: string) => Promise<void>;
  /** Several may be open; they compete. */
  readonly reader: () => QueueSource<string>;
  /** Time passes, as far as the queue's delays are concerned. */
  readonly elapse: (ms: number) => Promise<void>;
}

type AnyRecord = OffsetRecord<string> | QueueRecord<string>;
type Asked = Fiber.Fiber<Pulled<AnyRecord>, unknown>;
interface Pullable {
  readonly pull: (limit: {
    readonly records: number;
    readonly bytes: number;
  }) => Effect.Effect<Pulled<AnyRecord>, unknown>;
}

const run = Effect.runPromise;
const ask = (source: Pullable, records: number): Asked =>
  Effect.runFork(Effect.suspend(() => source.pull({ records, bytes: Infinity })));
const cut = (asked: Asked): Promise<Exit.Exit<Pulled<AnyRecord>, unknown>> => {
  asked.interruptUnsafe();
  return new Promise((resolve) => {
    asked.addObserver(resolve);
  });
};
const pull = (source: Pullable, records: number): Promise<Pulled<AnyRecord>> =>
  run(source.pull({ records, bytes: Infinity }));

/** Pulls until it has had so many. */
const pullUp = async (source: Pullable, count: number): Promise<AnyRecord[]> => {
  const had: AnyRecord[] = [];
  while (had.length < count) had.push(...(await pull(source, count - had.length)).records);
  return had;
};

const offsetOf = (record: AnyRecord | undefined): number => {
  if (record === undefined || !("offset" in record)) throw new Error("a log's records have offsets");
  return record.offset;
};
const bodiesOf = (records: readonly AnyRecord[]): readonly string[] => records.map(({ body }) => body);
const sorted = (bodies: readonly string[]): readonly string[] => [...bodies].sort();
const upTo = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `body ${n}`);

/** A moment within a turn, or a few turns later. */
interface Moment {
  readonly turns: number;
  readonly microtasks: number;
}
const moments = fc.record({ turns: fc.nat(2), microtasks: fc.nat(12) });
const pass = async ({ turns, microtasks }: Moment): Promise<void> => {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  for (let task = 0; task < microtasks; task += 1) await Promise.resolve();
};

/** How often each world is used: closed after each test, whatever became of it. */
const using = <W extends World>(make: () => Promise<W>): (() => Promise<W>) => {
  const made: W[] = [];
  afterEach(async () => {
    for (const world of made.splice(0)) await world.close();
  });
  return async () => {
    const world = await make();
    made.push(world);
    return world;
  };
};

/** What both kinds promise. `put` adds one record, `open` gives a source that is open. */
const anySource = <W extends World>(
  { runs, ends }: SourceFeatures,
  world: () => Promise<W>,
  put: (world: W, body: string, at: number) => Promise<void>,
  open: (world: W) => Promise<Pullable>,
): void => {
  it("waits for a record, and hands it over when it comes", async () => {
    const w = await world();
    const source = await open(w);
    const asked = ask(source, 5);
    await pass({ turns: 2, microtasks: 0 });
    expect(asked.pollUnsafe()).toBeUndefined();
    await put(w, "body", 0);
    const { records, ended } = await new Promise<Pulled<AnyRecord>>((resolve, reject) => {
      asked.addObserver((exit) => {
        if (Exit.isSuccess(exit)) resolve(exit.value);
        else reject(new Error("the pull failed"));
      });
    });
    expect(bodiesOf(records)).toEqual(["body"]);
    expect(ended).toBe(false);
  });

  it("never hands over more than was asked for, and each record once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ put: fc.nat(5), ask: fc.integer({ min: 1, max: 6 }) }), { maxLength: 12 }),
        async (steps) => {
          const w = await world();
          const source = await open(w);
          const had: AnyRecord[] = [];
          let sent = 0;
          for (const step of steps) {
            for (let n = 0; n < step.put; n += 1) await put(w, `body ${sent}`, sent++);
            if (sent === had.length) continue;
            const { records } = await pull(source, step.ask);
            expect(records.length).toBeGreaterThan(0);
            expect(records.length).toBeLessThanOrEqual(step.ask);
            had.push(...records);
          }
          had.push(...(await pullUp(source, sent - had.length)));
          expect(sorted(bodiesOf(had))).toEqual(sorted(upTo(sent)));
        },
      ),
      { numRuns: runs },
    );
  });

  it("has handed over nothing by a pull that was interrupted, at whatever moment", async () => {
    const tries = fc.array(
      fc.record({
        ask: fc.integer({ min: 1, max: 4 }),
        before: fc.nat(3),
        wait: moments,
        between: fc.nat(3),
        cutAfter: moments,
      }),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(tries, async (given) => {
        const w = await world();
        const source = await open(w);
        const had: AnyRecord[] = [];
        let sent = 0;
        const putSome = async (count: number): Promise<void> => {
          for (let n = 0; n < count; n += 1) await put(w, `body ${sent}`, sent++);
        };
        for (const one of given) {
          await putSome(one.before);
          const asked = ask(source, one.ask);
          await pass(one.wait);
          const putting = putSome(one.between);
          await pass(one.cutAfter);
          const exit = await cut(asked);
          await putting;
          if (Exit.isSuccess(exit)) had.push(...exit.value.records);
        }
        had.push(...(await pullUp(source, sent - had.length)));
        expect(sorted(bodiesOf(had))).toEqual(sorted(upTo(sent)));
      }),
      { numRuns: runs },
    );
  });

  if (ends) {
    it("tells of its end once everything has been handed over, to a pull that waits as well", async () => {
      const w = await world();
      const source = await open(w);
      for (const [at, body] of upTo(3).entries()) await put(w, body, at);
      const had = await pullUp(source, 3);
      expect(had).toHaveLength(3);
      await finishAll(source, had);
      const asked = ask(source, 1);
      await w.end();
      const seen = await new Promise<Exit.Exit<Pulled<AnyRecord>, unknown>>((resolve) => {
        asked.addObserver(resolve);
      });
      expect(Exit.isSuccess(seen) && seen.value).toEqual({ records: [], ended: true });
      expect(await pull(source, 1)).toEqual({ records: [], ended: true });
    });
  }
};

/** A queue ends when nothing is unsettled; a log when everything was read. */
const finishAll = async (source: Pullable, records: readonly AnyRecord[]): Promise<void> => {
  if (!("settle" in source)) return;
  const queue = source as Pullable & QueueSource<string>; // only a queue settles
  await run(
    queue.settle(
      records.flatMap((record) =>
        "token" in record ? [{ token: record.token, disposition: { kind: "done" as const } }] : [],
      ),
    ),
  );
};

/** What a reader was told of its partitions, the last word on each. */
interface Told {
  readonly epoch: number;
  readonly position: number;
}

export const logSourceContract = (
  name: string,
  features: LogFeatures,
  make: () => Promise<LogWorld>,
): void => {
  describe(`${name} as an offset source`, () => {
    const world = using(make);
    const opened = async (w: LogWorld) => {
      const source = w.reader();
      const told = new Map<string, Told>();
      await run(
        source.open({
          assigned: (partition, epoch, position) => told.set(partition, { epoch, position }),
          revoked: () => Effect.void,
          lost: (partition) => told.delete(partition),
        }),
      );
      return { source, told };
    };
    const toldOf = (told: ReadonlyMap<string, Told>, partition: string): Told => {
      const found = told.get(partition);
      if (found === undefined) throw new Error(`partition ${partition} was not assigned`);
      return found;
    };
    const put = (w: LogWorld, body: string, at: number): Promise<void> =>
      w.append(w.partitions[at % w.partitions.length] ?? "", body);
    const commit = (source: OffsetSource<string>, partition: string, epoch: number, next: number) =>
      run(source.commit([{ partition, epoch, next }]));

    anySource(features, world, put, async (w) => (await opened(w)).source);

    it("says that it counts offsets", async () => {
      const { source } = await opened(await world());
      expect(source.kind).toBe("offsets");
      expect(source.can.individualAck).toBe(false);
    });

    it("hands over each partition's records in ascending offsets, in the order in which they came", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(3), { maxLength: 30 }),
          fc.integer({ min: 1, max: 7 }),
          async (partitions, asked) => {
            const w = await world();
            const { source, told } = await opened(w);
            for (const [at, partition] of partitions.entries()) {
              await w.append(w.partitions[partition % w.partitions.length] ?? "", `body ${at}`);
            }
            const had: OffsetRecord<string>[] = [];
            while (had.length < partitions.length)
              had.push(...(await run(source.pull({ records: asked, bytes: Infinity }))).records);
            for (const partition of w.partitions) {
              const own = had.filter((record) => record.partition === partition);
              let next = toldOf(told, partition).position;
              let last = -1;
              for (const { offset, body } of own) {
                expect(offset).toBeGreaterThanOrEqual(next);
                next = offset + 1;
                expect(Number(body.slice("body ".length))).toBeGreaterThan(last);
                last = Number(body.slice("body ".length));
              }
            }
          },
        ),
        { numRuns: features.runs },
      );
    });

    it("goes on from the committed offset when it is opened again, and brings again what was not committed", async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(6), fc.nat(6), async (count, finished) => {
          const w = await world();
          const partition = w.partitions[0] ?? "";
          for (const body of upTo(count)) await w.append(partition, body);
          const first = await opened(w);
          const had = await pullUp(first.source, count);
          const { epoch, position } = toldOf(first.told, partition);
          const done = had.slice(0, Math.min(finished, count)).at(-1);
          const next = done !== undefined && "offset" in done ? done.offset + 1 : position;
          expect(await commit(first.source, partition, epoch, next)).toEqual(["committed"]);
          await run(first.source.close);
          const second = await opened(w);
          expect(toldOf(second.told, partition).position).toBe(next);
          expect(toldOf(second.told, partition).epoch).toBeGreaterThan(epoch);
          const left = upTo(count).slice(Math.min(finished, count));
          expect(bodiesOf(await pullUp(second.source, left.length))).toEqual(left);
        }),
        { numRuns: features.runs },
      );
    });

    it("answers a commit of an assignment that is over with stale, and it changes nothing", async () => {
      const w = await world();
      const [one = "", other = ""] = w.partitions;
      for (const body of upTo(4)) await w.append(one, body);
      for (const body of upTo(2)) await w.append(other, body);
      const { source, told } = await opened(w);
      const had = await pullUp(source, 6);
      const offsets = (partition: string): readonly number[] =>
        had.flatMap((record) =>
          "offset" in record && record.partition === partition ? [record.offset] : [],
        );
      const before = toldOf(told, one);
      await commit(source, one, before.epoch, (offsets(one)[0] ?? 0) + 1);
      await w.reassign(one);
      expect(toldOf(told, one).epoch).toBeGreaterThan(before.epoch);
      expect(toldOf(told, one).position).toBe((offsets(one)[0] ?? 0) + 1);
      const answers: readonly CommitAnswer[] = await run(
        source.commit([
          { partition: one, epoch: before.epoch, next: (offsets(one)[3] ?? 0) + 1 },
          { partition: other, epoch: toldOf(told, other).epoch, next: (offsets(other)[1] ?? 0) + 1 },
        ]),
      );
      expect(answers).toEqual(["stale", "committed"]);
      await run(source.close);
      const again = await opened(w);
      expect(toldOf(again.told, one).position).toBe((offsets(one)[0] ?? 0) + 1);
      expect(toldOf(again.told, other).position).toBe((offsets(other)[1] ?? 0) + 1);
      expect(bodiesOf(await pullUp(again.source, 3))).toEqual(upTo(4).slice(1));
    });

    it("brings what a new assignment has not committed again, at the same offsets", async () => {
      const w = await world();
      const partition = w.partitions[0] ?? "";
      for (const body of upTo(3)) await w.append(partition, body);
      const { source } = await opened(w);
      const first = await pullUp(source, 3);
      await w.reassign(partition);
      expect(await pullUp(source, 3)).toEqual(first);
    });

    it("says whether a revocation waits for its end", async () => {
      const { source } = await opened(await world());
      expect(source.can.awaitedRevocation).toBe(features.revocation === "awaited");
    });

    it("tells of a partition that is taken in order before it is assigned anew, and loses nothing of it", async () => {
      const w = await world();
      const partition = w.partitions[0] ?? "";
      for (const body of upTo(3)) await w.append(partition, body);
      const source = w.reader();
      const heard: string[] = [];
      let [epoch, next] = [0, 0];
      await run(
        source.open({
          assigned: (name, ofAssignment, position) => {
            if (name !== partition) return;
            epoch = ofAssignment;
            heard.push(`assigned at ${position}`);
          },
          revoked: (name) =>
            Effect.suspend(() => {
              if (name !== partition) return Effect.void;
              heard.push("revoked");
              return Effect.asVoid(source.commit([{ partition, epoch, next }]));
            }).pipe(Effect.orDie),
          lost: (name) => {
            if (name === partition) heard.push("lost");
          },
        }),
      );
      next = offsetOf((await pullUp(source, 3))[1]) + 1;
      const [before, start] = [epoch, heard.length];
      await w.revoke(partition);
      expect(epoch).toBeGreaterThan(before);
      const [told, ...after] = heard.slice(start);
      expect(told).toBe("revoked");
      // a real group may hand it round before it comes back: however often, it is given in order, and never lost
      if (features.revocation === "awaited") {
        expect(after.at(-1)).toBe(`assigned at ${next}`);
        expect(new Set(heard.slice(start))).toEqual(new Set(["revoked", `assigned at ${next}`]));
      }
      const again: string[] = [];
      while (again.at(-1) !== "body 2") again.push(...bodiesOf((await pull(source, 1)).records));
      if (features.revocation === "awaited") expect(again).toEqual(["body 2"]);
    });

    if (features.weighs) {
      it("hands over no more bytes than were asked for, but always one record", async () => {
        const steps = fc.array(
          fc.record({ length: fc.nat(400), bytes: fc.integer({ min: 1, max: 1_500 }) }),
          {
            minLength: 1,
            maxLength: 12,
          },
        );
        await fc.assert(
          fc.asyncProperty(steps, async (given) => {
            const w = await world();
            const { source } = await opened(w);
            for (const [at, { length }] of given.entries()) await put(w, `${at}:${"x".repeat(length)}`, at);
            let left = given.length;
            for (let turn = 0; left > 0; turn += 1) {
              const { bytes = 1 } = given[turn % given.length] ?? {};
              const { records } = await run(source.pull({ records: 100, bytes }));
              const weights = records.map((record) => record.bytes ?? 0);
              for (const [at, weight] of weights.entries()) {
                expect(weight).toBeGreaterThanOrEqual(records[at]?.body.length ?? 0);
              }
              expect(records.length).toBeGreaterThan(0);
              if (records.length > 1)
                expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeLessThanOrEqual(bytes);
              left -= records.length;
            }
            expect(left).toBe(0);
          }),
          { numRuns: features.runs },
        );
      });
    }

    it("tells how many records are behind a position only if it knows", async () => {
      const w = await world();
      const partition = w.partitions[0] ?? "";
      for (const body of upTo(3)) await w.append(partition, body);
      const { source, told } = await opened(w);
      await pullUp(source, 3);
      const { position } = toldOf(told, partition);
      expect(source.lag?.(partition, position) ?? null).toBe(features.knowsLag ? 3 : null);
    });
  });
};

export const queueSourceContract = (
  name: string,
  features: QueueFeatures,
  make: () => Promise<QueueWorld>,
): void => {
  describe(`${name} as a queue source`, () => {
    const world = using(make);
    const opened = async (w: QueueWorld): Promise<QueueSource<string>> => {
      const source = w.reader();
      await run(source.open());
      return source;
    };
    const pullOne = async (source: QueueSource<string>): Promise<QueueRecord<string>> => {
      const [record] = (await run(source.pull({ records: 1, bytes: Infinity }))).records;
      if (record === undefined) throw new Error("nothing was handed over");
      return record;
    };
    const settle = (source: QueueSource<string>, token: string, disposition: QueueDisposition) =>
      run(source.settle([{ token, disposition }]));
    const seesNothing = async (source: QueueSource<string>): Promise<void> => {
      const asked = ask(source, 1);
      await pass({ turns: 3, microtasks: 0 });
      expect(Exit.isSuccess(await cut(asked))).toBe(false);
    };

    anySource(features, world, (w, body) => w.send(body), opened);

    it("says that it is told of every record singly", async () => {
      const source = await opened(await world());
      expect(source.kind).toBe("queue");
      expect(source.can.individualAck).toBe(true);
    });

    it("never brings again what is done, also after it is opened again", async () => {
      const w = await world();
      const source = await opened(w);
      for (const body of upTo(2)) await w.send(body);
      const [first, second] = [await pullOne(source), await pullOne(source)];
      await settle(source, first.token, { kind: "done" });
      await run(source.close);
      const again = await opened(w);
      expect(bodiesOf(await pullUp(again, 1))).toEqual([second.body]);
      await seesNothing(again);
    });

    it("brings what is handed back again at once, and does not count that as a try", async () => {
      const w = await world();
      const source = await opened(w);
      await w.send("body");
      const first = await pullOne(source);
      await settle(source, first.token, { kind: "hand-back" });
      const again = await pullOne(await opened(w));
      expect(again.body).toBe("body");
      expect(again.attempt ?? 0).toBe(first.attempt ?? 0);
    });

    it("brings what closing left unsettled to another reader", async () => {
      const w = await world();
      const source = await opened(w);
      for (const body of upTo(3)) await w.send(body);
      await pullUp(source, 3);
      await run(source.close);
      expect(sorted(bodiesOf(await pullUp(await opened(w), 3)))).toEqual(upTo(3));
    });

    it("takes a settlement of what it does not know for nothing", async () => {
      const w = await world();
      const source = await opened(w);
      for (const body of upTo(2)) await w.send(body);
      const first = await pullOne(source);
      await settle(source, first.token, { kind: "done" });
      await settle(source, first.token, { kind: "hand-back" });
      await settle(source, first.token, { kind: "retry-later", afterMs: 1 });
      await w.elapse(10);
      expect((await pullOne(source)).body).not.toBe(first.body);
      await seesNothing(source);
    });

    it("gives each record to one of those who compete", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ who: fc.nat(2), ask: fc.integer({ min: 1, max: 4 }) }), { maxLength: 12 }),
          async (pulls) => {
            const w = await world();
            const readers = [await opened(w), await opened(w), await opened(w)];
            for (const body of upTo(10)) await w.send(body);
            const had: AnyRecord[] = [];
            for (const { who, ask: most } of pulls) {
              const reader = readers[who];
              if (reader === undefined || had.length === 10) continue;
              had.push(...(await pull(reader, most)).records);
            }
            const [first] = readers;
            if (first !== undefined) had.push(...(await pullUp(first, 10 - had.length)));
            expect(sorted(bodiesOf(had))).toEqual(sorted(upTo(10)));
          },
        ),
        { numRuns: features.runs },
      );
    });

    it("says whether it can delay", async () => {
      expect((await opened(await world())).can.delayedRetry).toBe(features.delays);
    });

    if (!features.delays) return;

    it("brings what is to be retried later no sooner than asked, and counts the try where it was one", async () => {
      const w = await world();
      const source = await opened(w);
      for (const [isNoAttempt, more] of [
        [false, 1],
        [true, 0],
      ] as const) {
        await w.send("body");
        const first = await pullOne(source);
        await settle(source, first.token, {
          kind: "retry-later",
          afterMs: 1_000,
          ...(isNoAttempt ? { isNoAttempt } : {}),
        });
        await w.elapse(999);
        await seesNothing(source);
        await w.elapse(1);
        const again = await pullOne(source);
        expect(again.body).toBe("body");
        expect(again.attempt ?? 0).toBe((first.attempt ?? 0) + more);
        await settle(source, again.token, { kind: "done" });
      }
    });
  });
};
