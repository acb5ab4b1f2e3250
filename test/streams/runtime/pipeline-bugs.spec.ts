import { Effect, Result } from "effect";
import fc from "fast-check";
import { map, type Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import {
  batchStage,
  type DeadRecord,
  deadLetter,
  type Diversion,
  done,
  fallBack,
  fromIterable,
  isFailure,
  MemoryLog,
  memoryDeadLetters,
  Permanent,
  pipeline,
  type PipelineEvent,
  type Rail,
  type Stage,
  stage,
  step,
  Transient,
} from "../../../src/index.ts";
import { ending, reasonOf } from "../../support/endings.ts";
import { anyLogStory, Books, filled, LAST_MS, rebalance, worldOf } from "../../support/log-story.ts";
import { ScriptedWork, type Script, type StoryClock } from "../../support/scripted-work.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LONG_MS = 36_000_000;
const RUNS = { numRuns: 1000 };

type Way = "step" | "stage" | "promise" | "effect" | "batch" | "batch promise" | "batch effect";
const WAYS: readonly Way[] = ["step", "stage", "promise", "effect", "batch", "batch promise", "batch effect"];

/** A stage in which some bodies throw what they are given to throw. */
const throwing = (
  way: Way,
  thrown: ReadonlyMap<number, { readonly value: unknown }>,
): Stage<"work", number, number> => {
  const answer = (body: number): number => {
    const found = thrown.get(body);
    if (found !== undefined) throw found.value;
    return body;
  };
  const answers = (bodies: readonly number[]) => bodies.map((body) => Result.succeed(answer(body)));
  switch (way) {
    case "step":
      return step({ name: "work", work: answer });
    case "stage":
      return stage({ name: "work", work: answer, retry: false });
    case "promise":
      return stage({ name: "work", work: async (body: number) => answer(body), retry: false });
    case "effect":
      return stage({ name: "work", work: (body: number) => Effect.sync(() => answer(body)), retry: false });
    case "batch":
      return batchStage({ name: "work", work: answers, retry: false, maxCount: 4 });
    case "batch promise":
      return batchStage({
        name: "work",
        work: async (bodies: readonly number[]) => answers(bodies),
        retry: false,
        maxCount: 4,
      });
    case "batch effect":
      return batchStage({
        name: "work",
        work: (bodies: readonly number[]) => Effect.sync(() => answers(bodies)),
        retry: false,
        maxCount: 4,
      });
  }
};

describe("an unexpected throw", () => {
  it("makes a dead letter of its item, with the stack, and leaves the others alone", async () => {
    const clock = new VirtualClock();
    const sink = memoryDeadLetters();
    const dividesBadly = (body: number): string => (body === 1 ? (null as unknown as string).trim() : "fine");
    const running = pipeline({
      name: "divides",
      source: fromIterable("numbers", [0, 1, 2]),
      flow: (items) => items.pipe(stage({ name: "divide", work: dividesBadly })),
      diversions: { divide: deadLetter },
      deadLetters: sink,
      ports: clock.ports,
    }).start();
    await clock.runUntil(running.done, 1_000);
    expect(sink.letters).toMatchObject([
      { record: "0@1", body: 1, stage: "divide", failure: "Bug", attempts: 1 },
    ]);
    expect(sink.letters[0]?.reason).toContain("Cannot read properties of null");
    expect(sink.letters[0]?.stack).toContain("dividesBadly");
  });

  it("of anything, anywhere, always diverts just that item; a failure that is thrown goes by its tag", async () => {
    const anything = fc.record({
      value: fc.anything({
        withNullPrototype: true,
        withBigInt: true,
        withDate: true,
        withObjectString: true,
      }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...WAYS),
        fc.array(fc.option(anything), { minLength: 1, maxLength: 10 }),
        async (way, script) => {
          const clock = new VirtualClock();
          const thrown = new Map(
            script.flatMap((found, body) => (found === null ? [] : ([[body, found]] as const))),
          );
          const finished: number[] = [];
          const sink = memoryDeadLetters();
          const running = pipeline({
            name: "throws",
            source: fromIterable("numbers", script.keys()),
            flow: (items) =>
              items.pipe(
                throwing(way, thrown),
                map((rail) => {
                  if (Result.isSuccess(rail)) finished.push(rail.success.body);
                  return rail;
                }),
              ),
            diversions: { work: deadLetter },
            deadLetters: sink,
            breaker: { bugs: 1_000 },
            ports: clock.ports,
          }).start();
          await clock.runUntil(running.done, 1_000);
          const bodies = (letters: readonly DeadRecord[]): readonly unknown[] =>
            letters.map(({ body }) => Number(body)).sort((one, other) => one - other);
          expect(bodies(sink.letters)).toEqual([...thrown.keys()]);
          expect([...finished].sort((one, other) => one - other)).toEqual(
            [...script.keys()].filter((body) => !thrown.has(body)),
          );
          for (const { body, failure } of sink.letters) {
            const value = thrown.get(Number(body))?.value;
            expect(failure).toBe(isFailure(value) ? value._tag : "Bug");
          }
        },
      ),
      RUNS,
    );
  });
});

describe("the breaker", () => {
  it("stops the intake when many items throw, names the stage and the reason, and dead-letters no more of them", async () => {
    const clock = new VirtualClock();
    const log = new MemoryLog<number>(1);
    for (let body = 0; body < 1_000; body += 1) log.append("0", "a", body);
    const sink = memoryDeadLetters();
    const running = pipeline({
      name: "deployed badly",
      source: log.reader("log"),
      flow: (items) =>
        items.pipe(
          stage({
            name: "render",
            work: (body: number) =>
              new Promise((_, reject) => {
                clock.after(body, () => {
                  reject(new TypeError("template is undefined"));
                });
              }),
          }),
        ),
      diversions: { render: deadLetter },
      deadLetters: sink,
      window: { credits: 50 },
      breaker: { bugs: 5 },
      ports: clock.ports,
    }).start();
    const events: PipelineEvent[] = [];
    running.on((event) => events.push(event));
    await clock.advance(6);
    const { state, reason } = running.health();
    expect(state).toBe("stopping");
    expect(reason).toMatch(/^6 unexpected throws within 60000 ms, the last in stage render: TypeError/);
    expect(events).toContainEqual(expect.objectContaining({ type: "intake:stop:done", reason }));
    const end = ending(running);
    await clock.runUntil(end, LONG_MS);
    expect(reasonOf(await end)).toBe(`intake stopped: ${reason ?? ""}`);
    expect(sink.letters.length).toBe(6);
    expect(log.committed("0")).toBe(6);
    expect(events.filter(({ type }) => type === "item:hand-back:done").length).toBeGreaterThan(40);
  });

  it("is counted on when the source has made the pipeline start again", async () => {
    const clock = new VirtualClock();
    const sink = memoryDeadLetters();
    const log = new MemoryLog<number>(1);
    for (const body of [0, 1, 2]) log.append("0", "k", body);
    const source = log.reader("numbers");
    let lives = 0;
    let pulls = 0;
    const running = pipeline({
      name: "flaps",
      source: {
        ...source,
        open: (listener) => {
          lives += 1;
          return source.open(listener);
        },
        pull: (limit) =>
          Effect.suspend(() => {
            pulls += 1;
            return pulls === 3
              ? Effect.fail(new Transient({ message: "the log is away" }))
              : source.pull({ ...limit, records: 1 });
          }),
      },
      flow: (items) =>
        items.pipe(throwing("stage", new Map([0, 1, 2].map((body) => [body, { value: "odd" }])))),
      diversions: { work: deadLetter },
      deadLetters: sink,
      breaker: { bugs: 2 },
      ports: clock.ports,
    }).start();
    const end = ending(running);
    await clock.runUntil(end, LONG_MS);
    expect(lives).toBe(2);
    expect(reasonOf(await end)).toContain("intake stopped: 3 unexpected throws");
    expect(sink.letters.map(({ body }) => body)).toEqual([0, 1, 2]);
  });

  it("opens exactly when more items threw within its time than it allows; what goes well is done all the same", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ throws: fc.boolean(), afterMs: fc.nat(100) }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        async (records, bugs, withinMs, credits) => {
          const clock = new VirtualClock();
          const work = new ScriptedWork(clock);
          const script: Script = records.map(({ throws, afterMs }) => [
            { as: "promise", afterMs, answer: throws ? "throw" : "value", heedsSignal: false },
          ]);
          const log = new MemoryLog<number>(1);
          records.forEach((_, body) => log.append("0", "a", body));
          log.end();
          const sink = memoryDeadLetters();
          const running = pipeline({
            name: "breaks",
            source: log.reader("log"),
            flow: (items) => items.pipe(stage({ name: "work", work: work.for("work", script) })),
            diversions: { work: deadLetter },
            deadLetters: sink,
            window: { credits },
            breaker: { bugs, withinMs },
            ports: clock.ports,
          }).start();
          const end = ending(running);
          await clock.runUntil(end, LONG_MS);
          const throws = work.calls
            .filter(({ body }) => records[body]?.throws === true)
            .map(({ endedMs }) => endedMs ?? Infinity)
            .sort((one, other) => one - other);
          const opensAt = throws.findIndex(
            (atMs, at) => throws.slice(0, at + 1).filter((before) => atMs - before < withinMs).length > bugs,
          );
          if (opensAt === -1) {
            expect(await end).toMatchObject({ how: "completed" });
            expect(sink.letters.length).toBe(throws.length);
          } else {
            expect(reasonOf(await end)).toContain(
              `unexpected throws within ${withinMs} ms, the last in stage work`,
            );
            expect(sink.letters.length).toBe(opensAt + 1);
            const openedMs = throws[opensAt] ?? 0;
            for (const { beganMs } of work.calls) expect(beganMs).toBeLessThanOrEqual(openedMs);
            const dead = new Set(sink.letters.map(({ body }) => body));
            let next = 0;
            const called = new Set(work.calls.map(({ body }) => body));
            while (called.has(next) && (dead.has(next) || records[next]?.throws === false)) next += 1;
            expect(log.committed("0")).toBe(next);
          }
        },
      ),
      RUNS,
    );
  });
});

describe("an operator, or an answer, that throws", () => {
  it("starts the pipeline again from its watermark, and nothing is lost", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 16 }),
        fc.array(fc.nat(40), { maxLength: 3 }),
        fc.array(fc.nat(10), { maxLength: 2 }),
        fc.array(fc.nat(15), { maxLength: 6 }),
        fc.integer({ min: 1, max: 5 }),
        async (count, operatorThrowsAt, answerThrowsAt, diverted, credits) => {
          const clock = new VirtualClock();
          const log = new MemoryLog<number>(1);
          for (let body = 0; body < count; body += 1) log.append("0", "a", body);
          log.end();
          const finished = new Set<number>();
          let passed = 0;
          let answered = 0;
          const running = pipeline({
            name: "throws",
            source: log.reader("log"),
            flow: (items) =>
              items.pipe(
                stage({
                  name: "work",
                  work: (body: number) => {
                    if (diverted.includes(body)) throw new Permanent({ message: "never" });
                    return new Promise<number>((resolve) => {
                      clock.after(body % 4, () => {
                        resolve(body);
                      });
                    });
                  },
                }),
                map((rail) => {
                  passed += 1;
                  if (operatorThrowsAt.includes(passed)) throw new Error("an operator's own trouble");
                  if (Result.isSuccess(rail)) finished.add(rail.success.body);
                  return rail;
                }),
              ),
            diversions: {
              work: ({ envelope }) => {
                answered += 1;
                if (answerThrowsAt.includes(answered)) throw new Error("an answer's own trouble");
                finished.add(envelope.body);
                return done();
              },
            },
            deadLetters: memoryDeadLetters(),
            window: { credits },
            restarts: { most: 10, firstMs: 1 },
            ports: clock.ports,
          }).start();
          await clock.runUntil(running.done, LONG_MS);
          expect([...finished].sort((one, other) => one - other)).toEqual([...Array(count).keys()]);
          expect(log.committed("0")).toBe(count);
        },
      ),
      RUNS,
    );
  });
});

describe("an operator that lets through what is no item", () => {
  const notItems: readonly unknown[] = [
    undefined,
    null,
    7,
    {},
    Result.succeed(undefined),
    Result.succeed({ body: 1 }),
    Result.fail(undefined),
    Result.fail({ stage: "work" }),
  ];
  const letsThrough = (value: unknown) =>
    map((): Rail<number, Diversion<"work", number>> => value as Rail<number>); // as a caller without types could
  const work = (body: number): number => body;
  const PLACES = {
    "before a stage": (value: unknown) => (items: Observable<Rail<number>>) =>
      items.pipe(letsThrough(value), stage({ name: "work", work })),
    "before a batch stage": (value: unknown) => (items: Observable<Rail<number>>) =>
      items.pipe(
        letsThrough(value),
        batchStage({
          name: "work",
          work: (bodies: readonly number[]) => bodies.map((it) => Result.succeed(it)),
        }),
      ),
    "before a step": (value: unknown) => (items: Observable<Rail<number>>) =>
      items.pipe(letsThrough(value), step({ name: "work", work })),
    "before a fall-back": (value: unknown) => (items: Observable<Rail<number>>) =>
      items.pipe(
        letsThrough(value),
        fallBack({ from: "work", when: () => true, to: stage({ name: "second", work }) }),
      ),
    "at the end": (value: unknown) => (items: Observable<Rail<number>>) => items.pipe(letsThrough(value)),
  };

  it("has made a mistake that is its pipeline's, never the process's", async () => {
    for (const value of notItems) {
      for (const [place, flow] of Object.entries(PLACES)) {
        const clock = new VirtualClock();
        const log = new MemoryLog<number>(1);
        log.append("0", "a", 1);
        const running = pipeline({
          name: "careless",
          source: log.reader("log"),
          flow: flow(value),
          diversions: { work: deadLetter, second: deadLetter },
          deadLetters: memoryDeadLetters(),
          restarts: { most: 0 },
          ports: clock.ports,
        }).start();
        const end = ending(running);
        await clock.runUntil(end, 1_000);
        expect(reasonOf(await end), `${String(value)} ${place}`).toMatch(/^Cannot read properties of/);
        expect(log.committed("0")).toBe(0);
      }
    }
  });
});

/**
 * The same time for somebody whose timers never fall due at the same instant as ours: which of two timers of one instant
 * comes first is nobody's promise.
 */
const beside = (clock: VirtualClock): StoryClock => {
  const after: VirtualClock["after"] = (ms, run) => clock.after(ms + 0.123_456_7, run);
  const { random } = new VirtualClock({ seed: 7 }).ports;
  return {
    get nowMs() {
      return clock.nowMs;
    },
    wallMs: clock.wallMs,
    after,
    ports: { ...clock.ports, random, clock: { ...clock, after } },
  };
};

describe("a neighbour", () => {
  it("is not disturbed by a pipeline in the same process that fails wildly, not even in its timing", async () => {
    await fc.assert(
      fc.asyncProperty(anyLogStory, anyLogStory, async (calm, wild) => {
        const tell = async (withNeighbour: boolean): Promise<readonly unknown[]> => {
          const clock = new VirtualClock();
          const books = new Books(calm);
          const log = filled(calm);
          log.end();
          const { start } = worldOf({ ...calm, faults: {}, rebalances: [] }, log, clock, books);
          if (withNeighbour) {
            const otherLog = filled(wild);
            const time = beside(clock);
            const other = worldOf(wild, otherLog, time, new Books(wild));
            rebalance(wild, other.reader, time);
            time.after(LAST_MS, () => {
              otherLog.end();
            });
            other.start({ restarts: { most: 2, firstMs: 1 } }).done.catch(() => undefined);
          }
          await clock.runUntil(start().done, LONG_MS);
          return books.events;
        };
        expect(await tell(true)).toEqual(await tell(false));
      }),
      RUNS,
    );
  });
});
