import { Effect, Result } from "effect";
import fc from "fast-check";
import { type Observable, take, tap } from "rxjs";
import { describe, expect, it } from "vitest";
import {
  batchStage,
  deadLetter,
  type Diversion,
  fromIterable,
  MemoryLog,
  memoryDeadLetters,
  MemoryQueue,
  type OffsetRecord,
  type OffsetSource,
  type Order,
  pipeline,
  type PullLimit,
  type PullSource,
  type Rail,
  type Running,
  stage,
} from "../../../src/index.ts";
import { anyFaults, faultyLog, faultyQueue, type Faults } from "../../support/faulty-ports.ts";
import { ending } from "../../support/endings.ts";
import { doubling, dropping, reorder } from "../../support/rail-operators.ts";
import { answersBy, anyReplies } from "../../support/scripted-replies.ts";
import { anyScript, ScriptedWork } from "../../support/scripted-work.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LONG_MS = 36_000_000;
const RUNS = { numRuns: 1000 };

/** What is unsettled or still runs, counted at the source, at the flow's two ends, and at the work. */
class Count {
  readonly handedOver = new Set<number>();
  readonly inFlow = new Set<number>();
  readonly violations: string[] = [];
  readonly #work: ScriptedWork;
  credits: number;
  #peak: number;

  constructor(work: ScriptedWork, credits: number) {
    this.#work = work;
    this.credits = credits;
    this.#peak = credits;
  }

  resized(credits: number): void {
    this.credits = credits;
    this.#peak = Math.max(this.#peak, credits);
  }

  /** A new life: what the one before it had in hand is its source's again, but for what still runs. */
  opened(): void {
    this.handedOver.clear();
    this.inFlow.clear();
  }

  asked({ records }: PullLimit): void {
    const taken = new Set([...this.handedOver, ...this.#work.running.map(({ body }) => body)]);
    const free = this.credits - taken.size;
    if (records < 1 || records > free) this.violations.push(`asked for ${records} with ${free} free`);
  }

  pulled(records: readonly { readonly body: number }[]): void {
    for (const { body } of records) this.handedOver.add(body);
    if (this.handedOver.size > this.credits && records.length > 0) {
      this.violations.push(`${this.handedOver.size} unsettled with ${this.credits} credits`);
    }
  }

  /** What is in hand when the window shrinks stays, and a record borrows the credit of another: so only the peak bounds it. */
  entered(body: number): void {
    this.inFlow.add(body);
    if (this.inFlow.size > this.#peak)
      this.violations.push(`${this.inFlow.size} in the flow of ${this.#peak}`);
  }

  left(body: number): void {
    this.handedOver.delete(body);
    this.inFlow.delete(body);
  }
}

const bodyOf = (rail: Rail<number, Diversion>): number =>
  // the records are numbers
  Result.isSuccess(rail) ? rail.success.body : (rail.failure.envelope.body as number);

type SourceKind = "iterable" | "log" | "queue";

const sourceOf = (
  kind: SourceKind,
  count: number,
  clock: VirtualClock,
  faults: Faults,
  watch: Count,
): PullSource<number> => {
  const watcher = {
    opened: () => {
      watch.opened();
    },
    asked: (limit: PullLimit) => {
      watch.asked(limit);
    },
    pulled: (records: readonly { readonly body: number }[]) => {
      watch.pulled(records);
    },
  };
  if (kind === "iterable") {
    return faultyLog(
      fromIterable(
        "numbers",
        Array.from({ length: count }, (_, body) => body),
        { key: (body) => String(body % 3) },
      ),
      faults,
      watcher,
    );
  }
  if (kind === "log") {
    const log = new MemoryLog<number>(2);
    for (let body = 0; body < count; body += 1) log.append(String(body % 2), String(body % 3), body);
    log.end();
    return faultyLog(log.reader("log"), faults, watcher);
  }
  const queue = new MemoryQueue<number>(clock);
  for (let body = 0; body < count; body += 1) queue.send(String(body % 3), body);
  queue.end();
  return faultyQueue(queue.reader("queue"), faults, watcher);
};

describe("a pipeline's window", () => {
  it("never lets more be unsettled, nor asks for more than is free, whatever stages, operators and resizes do", async () => {
    const anyFlow = fc.constantFrom("plain", "reorders", "drops", "doubles", "completes early");
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          kind: fc.constantFrom<SourceKind>("iterable", "log", "queue"),
          count: fc.integer({ min: 1, max: 24 }),
          credits: fc.integer({ min: 1, max: 8 }),
          resizes: fc.array(fc.record({ atMs: fc.nat(80), credits: fc.integer({ min: 1, max: 8 }) }), {
            maxLength: 4,
          }),
          flow: anyFlow,
          first: anyScript(24, 2, { hangs: true }),
          second: anyScript(24, 2, { hangs: true }),
          batched: fc.boolean(),
          replies: anyReplies,
          order: fc.constantFrom<Order>("unordered", "byKey"),
          delayRoom: fc.nat(3),
          faults: anyFaults(["open", "pull", "commit", "settle", "write"]),
        }),
        async (story) => {
          const clock = new VirtualClock();
          const work = new ScriptedWork(clock);
          const count = new Count(work, story.credits);
          if (story.order === "byKey") {
            // a record that waits in its lane and has lent its credit counts as parked; from outside it cannot be told
            count.asked = () => undefined;
            count.pulled = () => undefined;
          }
          const limits = { timeoutMs: 40, retry: { times: 1, firstMs: 3 } };
          const secondWork = work.for("second", story.second);
          const first = stage({ name: "first", work: work.for("first", story.first), ...limits });
          const second = story.batched
            ? batchStage({
                name: "second",
                maxCount: 3,
                work: async (bodies: readonly number[]) => bodies.map((body) => Result.succeed(body)),
              })
            : stage({ name: "second", work: secondWork, ...limits });
          const own = (rails: Observable<Rail<number, Diversion>>): Observable<Rail<number, Diversion>> => {
            switch (story.flow) {
              case "plain":
                return rails;
              case "reorders":
                return rails.pipe(reorder(clock, (body) => (body * 7) % 11));
              case "drops":
                return rails.pipe(dropping((body) => body % 5 === 3));
              case "doubles":
                return rails.pipe(doubling((body) => body % 5 === 3));
              case "completes early":
                return rails.pipe(take(5));
            }
          };
          const answer = answersBy(story.replies, () => undefined);
          const running: Running = pipeline({
            name: "window",
            source: sourceOf(story.kind, story.count, clock, story.faults, count),
            flow: (items) =>
              items.pipe(
                tap((rail) => {
                  count.entered(bodyOf(rail));
                }),
                first,
                own,
                second,
                tap((rail) => {
                  count.left(bodyOf(rail));
                }),
              ),
            diversions: { first: answer, second: answer },
            deadLetters: memoryDeadLetters(),
            window: { credits: story.credits },
            order: story.order,
            delayRoom: story.delayRoom,
            breaker: { bugs: 100_000 },
            restarts: { most: 100_000, withinMs: 1, firstMs: 1 },
            closeWithinMs: 100,
            ports: clock.ports,
          }).start();
          running.on(() => {
            const { parked } = running.health();
            if (parked > story.delayRoom)
              count.violations.push(`${parked} parked, room for ${story.delayRoom}`);
          });
          for (const { atMs, credits } of story.resizes) {
            clock.after(atMs, () => {
              count.resized(credits);
              running.resize({ credits });
            });
          }
          const end = ending(running);
          await clock.runUntil(end, LONG_MS);
          expect(count.violations).toEqual([]);
        },
      ),
      RUNS,
    );
  });

  it("asks anew while a pull waits: for less at once when it shrank, for more with the next when it grew", async () => {
    const clock = new VirtualClock();
    const log = new MemoryLog<number>(1);
    const asked: number[] = [];
    let handedOver = 0;
    const running = pipeline({
      name: "waiting",
      source: faultyLog(
        log.reader("log"),
        {},
        {
          asked: ({ records }) => asked.push(records),
          pulled: (records) => {
            handedOver += records.length;
          },
        },
      ),
      flow: (items) =>
        items.pipe(
          stage({ name: "wait", work: () => new Promise((resolve) => clock.after(100, () => resolve(1))) }),
        ),
      diversions: { wait: deadLetter },
      deadLetters: memoryDeadLetters(),
      window: { credits: 10 },
      ports: clock.ports,
    }).start();
    await clock.settle();
    running.resize({ credits: 3 });
    await clock.settle();
    expect(asked).toEqual([10, 3]);
    for (let body = 0; body < 20; body += 1) log.append("0", "a", body);
    await clock.settle();
    expect(handedOver).toBe(3);
    running.resize({ credits: 5 });
    await clock.settle();
    expect(handedOver).toBe(5);
    running.resize({ credits: 1 });
    await clock.advance(99);
    expect(running.health()).toMatchObject({ inFlight: 5, window: { credits: 1 } });
    await clock.advance(1);
    expect(handedOver).toBe(6);
    await clock.runUntil(running.abort(), 1_000);
  });

  it("bounds bytes too: one record may pass the bound when there was room for it, and no other follows", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 8 }),
        async (sizes, bytes, credits) => {
          const clock = new VirtualClock();
          const unsettled = new Set<number>();
          const weight = (): number => [...unsettled].reduce((sum, body) => sum + (sizes[body] ?? 0), 0);
          const violations: string[] = [];
          const elements = fromIterable("sizes", sizes.keys());
          let next = 0;
          const source: OffsetSource<number> = {
            ...elements,
            pull: (limit) =>
              Effect.sync(() => {
                if (limit.bytes !== bytes - weight()) violations.push(`asked for ${limit.bytes} bytes`);
                if (weight() >= bytes) violations.push(`asked for more with ${weight()} bytes unsettled`);
                const records: OffsetRecord<number>[] = [];
                let sum = 0;
                while (next < sizes.length && records.length < limit.records) {
                  const size = sizes[next] ?? 0;
                  if (records.length > 0 && sum + size > limit.bytes) break;
                  sum += size;
                  unsettled.add(next);
                  records.push({ partition: "0", offset: next, key: "a", body: next, bytes: size });
                  next += 1;
                }
                return { records, ended: next === sizes.length };
              }),
          };
          const running = pipeline({
            name: "bytes",
            source,
            flow: (items) =>
              items.pipe(
                stage({
                  name: "wait",
                  work: (body: number) =>
                    new Promise<number>((resolve) => clock.after(body % 5, () => resolve(body))),
                }),
                tap((rail) => unsettled.delete(bodyOf(rail))),
              ),
            diversions: { wait: deadLetter },
            deadLetters: memoryDeadLetters(),
            window: { credits, bytes },
            ports: clock.ports,
          }).start();
          await clock.runUntil(running.done, LONG_MS);
          expect(violations).toEqual([]);
          expect(next).toBe(sizes.length);
        },
      ),
      RUNS,
    );
  });
});
