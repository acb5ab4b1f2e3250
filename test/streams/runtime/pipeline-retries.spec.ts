import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  batchStage,
  deadLetter,
  type Diversion,
  done,
  fromIterable,
  memoryDeadLetters,
  MemoryLog,
  MemoryQueue,
  Permanent,
  pipeline,
  Postponed,
  type Running,
  retryLater,
  type Stage,
  stage,
  Transient,
  type Unconfirmed,
} from "../../../src/index.ts";
import {
  anyBehaviour,
  type Behaviour,
  FAILURE_TAGS,
  HANG_MS,
  ScriptedWork,
} from "../../support/scripted-work.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LONG_MS = 36_000_000;
const RUNS = { numRuns: 1000 };

/** What one record's tries come to by the contract: how many there are, and what diverts it in the end, if anything. */
const expected = (
  behaviours: readonly Behaviour[],
  {
    times,
    timeoutMs,
    isIdempotent,
  }: { readonly times: number; readonly timeoutMs: number; readonly isIdempotent: boolean },
): { readonly calls: number; readonly outcome: string } => {
  for (let calls = 1; ; calls += 1) {
    const behaviour = behaviours[calls - 1];
    if (behaviour === undefined) return { calls, outcome: "value" };
    const isLate = behaviour.as !== "sync" && behaviour.afterMs > timeoutMs;
    const answer = isLate ? (isIdempotent ? "Transient" : "Unconfirmed") : behaviour.answer;
    if (answer !== "Transient" || calls > times)
      return { calls, outcome: answer === "throw" ? "Bug" : answer };
  }
};

describe("retries in place", () => {
  it("happen for Transient alone, as often as allowed, never sooner than the schedule says; what is late counts as Transient, or as Unconfirmed where it must not happen twice", async () => {
    const behaviours = fc.array(
      anyBehaviour({
        hangs: true,
        answers: ["value", "Transient", "Transient", "Transient", ...FAILURE_TAGS, "throw"],
      }),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(behaviours, { minLength: 1, maxLength: 8 }),
        fc.nat(4),
        fc.boolean(),
        async (script, times, isIdempotent) => {
          const clock = new VirtualClock();
          const work = new ScriptedWork(clock);
          const outcomes = new Map<number, string>();
          const timeoutMs = 30;
          const running = pipeline({
            name: "retries",
            source: fromIterable("numbers", script.keys()),
            flow: (items) =>
              items.pipe(
                stage({
                  name: "work",
                  work: work.for("work", script),
                  idempotent: isIdempotent,
                  timeoutMs,
                  retry: { times, firstMs: 10, capMs: 40 },
                }),
              ),
            diversions: {
              work: ({ envelope, failure }) => {
                outcomes.set(envelope.body, failure._tag);
                return done();
              },
            },
            deadLetters: memoryDeadLetters(),
            breaker: { bugs: 1_000 },
            ports: clock.ports,
          }).start();
          await clock.runUntil(running.done, LONG_MS);
          for (const [body, behaviours] of script.entries()) {
            const { calls, outcome } = expected(behaviours, { times, timeoutMs, isIdempotent });
            const made = work.callsOf("work", body);
            expect({ calls: made.length, outcome: outcomes.get(body) ?? "value" }).toEqual({
              calls,
              outcome,
            });
            made.forEach(({ beganMs, endedMs }, at) => {
              // what is late is told to stop; only a promise may not listen
              const { as, heedsSignal } = behaviours[at] ?? { as: "sync", heedsSignal: true };
              if (as !== "promise" || heedsSignal)
                expect((endedMs ?? Infinity) - beganMs).toBeLessThanOrEqual(timeoutMs + 1e-6);
            });
            for (let at = 1; at < made.length; at += 1) {
              const before = made[at - 1];
              const behaviour = behaviours[at - 1];
              const tookMs =
                behaviour === undefined || behaviour.as === "sync"
                  ? 0
                  : Math.min(behaviour.afterMs, timeoutMs);
              const waitedMs = (made[at]?.beganMs ?? 0) - (before?.beganMs ?? 0) - tookMs;
              const nominalMs = Math.min(40, 10 * 2 ** (at - 1));
              expect(waitedMs).toBeGreaterThanOrEqual(Math.min(40, nominalMs * 0.8) - 0.001);
              expect(waitedMs).toBeLessThanOrEqual(Math.min(40, nominalMs * 1.2) + 0.001);
            }
          }
        },
      ),
      RUNS,
    );
  });

  it("of what must not happen twice, alone or in a batch, never follow a timeout: it was called once and is Unconfirmed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.boolean(), async (count, batched) => {
        const clock = new VirtualClock();
        const calls = new Map<number, number>();
        const failures: string[] = [];
        const hang = (bodies: readonly number[]): Promise<never> => {
          for (const body of bodies) calls.set(body, (calls.get(body) ?? 0) + 1);
          return new Promise((_, reject) => {
            clock.after(HANG_MS, () => {
              reject(new Error("too late"));
            });
          });
        };
        const pay: Stage<"pay", number, never> = batched
          ? batchStage({ name: "pay", work: hang, idempotent: false, maxCount: 3, timeoutMs: 50 })
          : stage({ name: "pay", work: (body) => hang([body]), idempotent: false, timeoutMs: 50 });
        const running = pipeline({
          name: "pays",
          source: fromIterable("numbers", Array(count).keys()),
          flow: (items) => items.pipe(pay),
          diversions: {
            pay: ({ failure }) => {
              failures.push(failure._tag);
              return deadLetter();
            },
          },
          deadLetters: memoryDeadLetters(),
          ports: clock.ports,
        }).start();
        await clock.runUntil(running.done, LONG_MS);
        expect(failures).toEqual(Array(count).fill("Unconfirmed"));
        expect([...calls.values()]).toEqual(Array(count).fill(1));
      }),
      { numRuns: 200 },
    );
  });
});

/** Fails as told, `fails` times each; notes when it was tried. */
const failing = (
  clock: VirtualClock,
  fails: number,
  failure: (untilMs: number) => Transient | Permanent | Postponed | Unconfirmed,
) => {
  const tries: { readonly body: number; readonly attempt: number; readonly atMs: number }[] = [];
  const count = new Map<number, number>();
  const work = stage({
    name: "work",
    retry: false,
    work: (body: number, { attempt }) => {
      tries.push({ body, attempt, atMs: clock.nowMs });
      const before = count.get(body) ?? 0;
      count.set(body, before + 1);
      if (before < fails) throw failure(clock.wallMs() + 1_000);
      return body;
    },
  });
  return { tries, work };
};

interface LaterOptions {
  readonly kind: "log" | "queue";
  readonly records: number;
  readonly fails: number;
  readonly afterMs: number;
  readonly maxAttempts: number;
  readonly delayRoom: number;
  readonly credits: number;
  readonly order?: "byKey" | "unordered";
  readonly failure?: Parameters<typeof failing>[2];
}

const later = (options: LaterOptions) => {
  const clock = new VirtualClock();
  const { tries, work } = failing(
    clock,
    options.fails,
    options.failure ?? (() => new Permanent({ message: "not now" })),
  );
  const log = new MemoryLog<number>(1);
  const queue = new MemoryQueue<number>(clock);
  for (let body = 0; body < options.records; body += 1) {
    log.append("0", String(body), body);
    queue.send(String(body), body);
  }
  log.end();
  queue.end();
  const sink = memoryDeadLetters();
  const running: Running = pipeline({
    name: "later",
    source: options.kind === "log" ? log.reader("log") : queue.reader("queue"),
    flow: (items) => items.pipe(work),
    diversions: { work: (_diversion: Diversion) => retryLater(options.afterMs, options.maxAttempts) },
    deadLetters: sink,
    window: { credits: options.credits },
    delayRoom: options.delayRoom,
    order: options.order ?? "unordered",
    ports: clock.ports,
  }).start();
  return { clock, tries, letters: sink.letters, running, log, queue };
};

const anyLater = fc.record({
  kind: fc.constantFrom("log", "queue"),
  records: fc.integer({ min: 1, max: 8 }),
  fails: fc.nat(5),
  afterMs: fc.integer({ min: 1, max: 500 }),
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  delayRoom: fc.nat(8),
  credits: fc.integer({ min: 1, max: 8 }),
  order: fc.constantFrom("byKey", "unordered"),
});

describe("a later try", () => {
  it("comes when it is due and counts, up to the most attempts; where there is no room to wait it is a dead letter", async () => {
    await fc.assert(
      fc.asyncProperty(anyLater, async (options) => {
        const { clock, tries, letters, running, log, queue } = later(options);
        await clock.runUntil(running.done, LONG_MS);
        const waitsAtSource = options.kind === "queue" && options.order === "unordered";
        for (let body = 0; body < options.records; body += 1) {
          const own = tries.filter((each) => each.body === body);
          const letter = letters.find((each) => each.body === body);
          own.forEach(({ attempt, atMs }, at) => {
            expect(attempt).toBe(at + 1);
            const before = own[at - 1];
            if (before !== undefined) expect(atMs - before.atMs).toBeGreaterThanOrEqual(options.afterMs);
          });
          if (letter === undefined) expect(own.length).toBe(options.fails + 1);
          else {
            expect(letter.attempts).toBe(own.length);
            expect(own.length).toBeLessThanOrEqual(options.maxAttempts);
            if (waitsAtSource || options.delayRoom >= options.records)
              expect(own.length).toBe(options.maxAttempts);
          }
        }
        expect(options.kind === "log" ? log.committed("0") : queue.unsettled).toBe(
          options.kind === "log" ? options.records : 0,
        );
      }),
      RUNS,
    );
  });

  it("holds no credit while it waits: with a single credit the others are done meanwhile", async () => {
    for (const kind of ["log", "queue"] as const) {
      for (const order of ["byKey", "unordered"] as const) {
        const { clock, tries, running } = later({
          kind,
          order,
          records: 5,
          fails: 1,
          afterMs: 10_000,
          maxAttempts: 2,
          delayRoom: 5,
          credits: 1,
        });
        await clock.advance(9_999);
        expect(tries.map(({ body }) => body)).toEqual([0, 1, 2, 3, 4]);
        expect(running.health()).toMatchObject({ inFlight: 0 });
        await clock.runUntil(running.done, LONG_MS);
        expect(tries.map(({ body }) => body)).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
        expect(clock.nowMs).toBe(10_000);
      }
    }
  });

  it("leaves others their turn where it may come at once and fails at once, however often", async () => {
    const clock = new VirtualClock();
    const finished: string[] = [];
    let tries = 0;
    const running = pipeline({
      name: "eager",
      source: fromIterable("words", ["fails", "fine"]),
      flow: (items) =>
        items.pipe(
          stage({
            name: "work",
            work: (word: string) => {
              if (word === "fails") {
                tries += 1;
                if (tries < 50) throw new Permanent({ message: "not yet" });
              }
              finished.push(word);
            },
          }),
        ),
      diversions: { work: () => retryLater(-5, Infinity) },
      deadLetters: memoryDeadLetters(),
      window: { credits: 1 },
      ports: clock.ports,
    }).start();
    await clock.runUntil(running.done, 1_000);
    expect(finished).toEqual(["fine", "fails"]);
    expect(tries).toBe(50);
  });

  it("leaves the credits to others: those of its key that wait behind it hold none either", async () => {
    const clock = new VirtualClock();
    const log = new MemoryLog<string>(1);
    for (let count = 0; count < 12; count += 1) log.append("0", "hot", `hot ${count}`);
    for (let count = 0; count < 4; count += 1) log.append("0", `cold ${count}`, `cold ${count}`);
    log.end();
    const tried: string[] = [];
    const running = pipeline({
      name: "hot key",
      source: log.reader("log"),
      flow: (items) =>
        items.pipe(
          stage({
            name: "work",
            retry: false,
            work: (body: string) => {
              tried.push(body);
              if (tried.length === 1) throw new Transient({ message: "not now" });
              return body;
            },
          }),
        ),
      diversions: { work: () => retryLater(600_000, 5) },
      deadLetters: memoryDeadLetters(),
      window: { credits: 3 },
      delayRoom: 20,
      order: "byKey",
      ports: clock.ports,
    }).start();
    await clock.advance(1_000);
    expect(tried).toEqual(["hot 0", "cold 0", "cold 1", "cold 2", "cold 3"]);
    expect(running.health()).toMatchObject({ inFlight: 0, parked: 1 });
    await clock.runUntil(running.done, LONG_MS);
    expect(tried.slice(5)).toEqual(Array.from({ length: 12 }, (_, count) => `hot ${count}`));
    expect(log.committed("0")).toBe(16);
  });

  it("is handed back by a drain, which does not wait for it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom("log", "queue"),
        async (records, kind) => {
          const { clock, tries, running, log, queue } = later({
            kind,
            order: "byKey",
            records,
            fails: 1,
            afterMs: 60_000,
            maxAttempts: 3,
            delayRoom: 10,
            credits: 10,
          });
          await clock.advance(10);
          expect(running.health().parked).toBe(records);
          const drained = running.drain(5_000);
          await clock.runUntil(drained, 0);
          expect(await drained).toEqual({ how: "drained", lives: 1, handedBack: records });
          expect(tries.length).toBe(records);
          if (kind === "log") expect(log.committed("0")).toBe(0);
          else expect(queue.unsettled).toBe(records);
        },
      ),
    );
  });

  it("costs no attempt where it was only postponed", async () => {
    for (const kind of ["log", "queue"] as const) {
      const { clock, tries, letters, running } = later({
        kind,
        records: 2,
        fails: 5,
        afterMs: 1_000,
        maxAttempts: 2,
        delayRoom: 5,
        credits: 2,
        failure: (untilMs) => new Postponed({ message: "quiet hours", untilMs }),
      });
      await clock.runUntil(running.done, LONG_MS);
      expect(letters).toEqual([]);
      expect(tries.map(({ attempt }) => attempt)).toEqual(Array(12).fill(1));
    }
  });
});
