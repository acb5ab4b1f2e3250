import { Effect, Result } from "effect";
import fc from "fast-check";
import { Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { Permanent, Transient } from "../../../src/failure.ts";
import { batchStage, type BatchStageOptions } from "../../../src/streams/runtime/batch-stage.ts";
import type { Diversion, Rail } from "../../../src/streams/runtime/rail.ts";
import type { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { LoneHost } from "../../support/lone-host.ts";

type Options = BatchStageOptions<"write", number, string>;

/** A batch stage under a flow that keeps what comes out. */
class Bench {
  readonly host = new LoneHost();
  readonly entry = new Subject<Rail<number, Diversion<"before", string>>>();
  readonly out: Rail<string, Diversion>[] = [];
  readonly tickets: Ticket[] = [];
  completions = 0;
  readonly subscription;

  constructor(options: Omit<Options, "name">) {
    this.subscription = this.entry.pipe(batchStage({ name: "write", ...options })).subscribe({
      next: (rail) => this.out.push(rail),
      complete: () => {
        this.completions += 1;
      },
    });
  }

  get values(): readonly string[] {
    return this.out.flatMap((rail) => (Result.isSuccess(rail) ? [rail.success.body] : []));
  }

  get diverted(): readonly Diversion[] {
    return this.out.flatMap((rail) => (Result.isFailure(rail) ? [rail.failure] : []));
  }

  push(bodies: readonly number[], bytes = 0): void {
    for (const body of bodies) {
      const item = this.host.item(body, { bytes });
      if (Result.isSuccess(item)) this.tickets.push(item.success.ticket);
      this.entry.next(item);
    }
  }
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);
const row = (body: number): string => `row ${body}`;
const well = (bodies: readonly number[]): readonly Result.Result<string>[] =>
  bodies.map((body) => Result.succeed(row(body)));

describe("a batch stage", () => {
  it("works on a lone item as soon as the present turn is over: idle, it adds no delay and no timer but the deadline", async () => {
    let beganMs = -1;
    const bench = new Bench({
      work: (bodies) => {
        beganMs = bench.host.clock.nowMs;
        return well(bodies);
      },
    });
    bench.push([1]);
    expect(beganMs).toBe(-1);
    let hadBegun = false;
    bench.host.clock.soon(() => {
      hadBegun = beganMs === 0;
    });
    await bench.host.clock.settle();
    expect(hadBegun).toBe(true);
    expect(bench.values).toEqual(["row 1"]);
    expect(bench.host.clock.timers).toBe(0);
  });

  it("makes large batches when it is busy, of all that came while its calls were out", async () => {
    const sizes: number[] = [];
    const bench = new Bench({
      concurrency: 1,
      maxCount: 100,
      work: (bodies) => {
        sizes.push(bodies.length);
        return Effect.as(Effect.sleep(10), well(bodies));
      },
    });
    bench.push([0]);
    for (let ms = 0; ms < 25; ms += 1) {
      await bench.host.clock.advance(1);
      bench.push(upTo(10));
    }
    await bench.host.clock.advance(100);
    expect(sizes[0]).toBe(1);
    expect(sizes.slice(1).every((size) => size >= 50)).toBe(true);
    expect(bench.values).toHaveLength(251);
  });

  it("weighs its batches by their records' bytes", async () => {
    const sizes: number[] = [];
    const bench = new Bench({
      maxBytes: 100,
      concurrency: 1,
      work: (bodies) => {
        sizes.push(bodies.length);
        return well(bodies);
      },
    });
    bench.push(upTo(10), 30);
    await bench.host.clock.settle();
    expect(sizes).toEqual([3, 3, 3, 1]);
  });

  it("diverts an item by its own failure, under the stage's name, with what the stage was given", async () => {
    const bench = new Bench({
      work: (bodies) =>
        bodies.map((body) =>
          body === 2 ? Result.fail(new Permanent({ message: "22021" })) : Result.succeed(row(body)),
        ),
    });
    bench.push([1, 2, 3]);
    await bench.host.clock.settle();
    expect(bench.values).toEqual(["row 1", "row 3"]);
    expect(bench.diverted).toMatchObject([
      { stage: "write", failure: { _tag: "Permanent" }, envelope: { body: 2 } },
    ]);
    expect(bench.host.toldOf("item:divert:done")).toMatchObject([
      { record: "0@1", stage: "write", failure: "Permanent" },
    ]);
  });

  it("lets diversions of stages before it pass, at once", async () => {
    const bench = new Bench({ work: (bodies) => well(bodies) });
    const envelope = bench.host.envelope("raw");
    bench.push([1]);
    bench.entry.next(Result.fail({ stage: "before", failure: new Permanent({ message: "no" }), envelope }));
    expect(bench.diverted).toHaveLength(1);
    await bench.host.clock.settle();
    expect(bench.values).toEqual(["row 1"]);
  });

  it("lets every item out exactly once, never in more calls or larger ones than allowed, and then completes", async () => {
    const call = fc.record({
      takesMs: fc.nat({ max: 20 }),
      how: fc.constantFrom("plain", "promise", "effect"),
      ends: fc.constantFrom("well", "well", "Transient", "Permanent", "bug", "items fail", "too few"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          concurrency: fc.integer({ min: 1, max: 3 }),
          maxCount: fc.integer({ min: 1, max: 8 }),
          idempotent: fc.boolean(),
        }),
        fc.array(fc.tuple(fc.nat({ max: 15 }), fc.nat({ max: 9 })), { maxLength: 8 }),
        fc.array(call, { maxLength: 12 }),
        async (limits, arrivals, calls) => {
          let nth = 0;
          let out = 0;
          let mostOut = 0;
          let largest = 0;
          const bench = new Bench({
            ...limits,
            retry: { times: 1, firstMs: 1 },
            work: (bodies) => {
              const { takesMs, how, ends } = calls[nth] ?? { takesMs: 0, how: "plain", ends: "well" };
              nth += 1;
              largest = Math.max(largest, bodies.length);
              out += 1;
              mostOut = Math.max(mostOut, out);
              const end = (): readonly Result.Result<string, Transient | Permanent>[] => {
                out -= 1;
                if (ends === "Transient") throw new Transient({ message: "busy" });
                if (ends === "Permanent") throw new Permanent({ message: "22021" });
                if (ends === "bug") throw new TypeError("x is not a function");
                if (ends === "too few") return well(bodies).slice(1);
                return bodies.map((body, index) =>
                  ends === "items fail" && index % 2 === 0
                    ? Result.fail(new Permanent({ message: "odd" }))
                    : Result.succeed(row(body)),
                );
              };
              if (how === "plain") return end();
              if (how === "effect") {
                return Effect.andThen(
                  Effect.sleep(takesMs),
                  Effect.try({ try: end, catch: (error) => error as Permanent }), // or another, or a bug
                );
              }
              return new Promise<void>((resolve) => {
                bench.host.clock.after(takesMs, resolve);
              }).then(end);
            },
          });
          let pushed = 0;
          for (const [count, ms] of arrivals) {
            bench.push(upTo(count).map((number) => pushed + number));
            pushed += count;
            await bench.host.clock.advance(ms);
          }
          bench.entry.complete();
          await bench.host.clock.advance(10_000);
          const came = bench.out.map(
            (rail) => (Result.isSuccess(rail) ? rail.success : rail.failure.envelope).ticket.record,
          );
          expect([...came].sort()).toEqual(
            upTo(pushed)
              .map((number) => `0@${number}`)
              .sort(),
          );
          expect(bench.completions).toBe(1);
          expect(mostOut).toBeLessThanOrEqual(limits.concurrency);
          expect(largest).toBeLessThanOrEqual(limits.maxCount);
          expect(bench.host.inStages).toBe(0);
          expect(bench.host.work.running).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("hands items back instead of diverting them once the breaker on bugs is open", async () => {
    const bench = new Bench({
      work: () => {
        throw new TypeError("x is not a function");
      },
    });
    bench.host.isBreakerOpen = true;
    bench.push([1, 2]);
    await bench.host.clock.settle();
    expect(bench.out).toEqual([]);
    expect(bench.host.handedBack.map(({ record }) => record)).toEqual(["0@0", "0@1"]);
  });

  it("keeps back what was left to its source while it was here, and lets the others out", async () => {
    const bench = new Bench({ work: (bodies) => Effect.as(Effect.sleep(10), well(bodies)) });
    bench.push([1, 2]);
    await bench.host.clock.advance(5);
    const [first] = bench.tickets;
    if (first !== undefined) bench.host.handBack(first, "its partition was lost");
    await bench.host.clock.advance(10);
    expect(bench.out).toHaveLength(1);
    expect(bench.out).toMatchObject([{ success: { ticket: { taken: { offset: 1 } } } }]);
    expect(bench.host.inStages).toBe(0);
  });

  it("lets nothing out that was given up, and begins nothing more of it", async () => {
    let calls = 0;
    const bench = new Bench({
      concurrency: 1,
      maxCount: 1,
      work: (bodies) => {
        calls += 1;
        return Effect.as(Effect.sleep(10), well(bodies));
      },
    });
    bench.push([1, 2, 3]);
    await bench.host.clock.advance(5);
    bench.subscription.unsubscribe();
    bench.host.giveUp(bench.tickets);
    await bench.host.clock.advance(1_000);
    expect(calls).toBe(1);
    expect(bench.out).toEqual([]);
    expect(bench.host.inStages).toBe(0);
    expect(bench.host.work.running).toBe(0);
  });

  it("refuses limits with which nothing could ever be done", () => {
    const stageWith = (limits: Partial<Options>) => () =>
      batchStage({ name: "write", work: well, ...limits });
    expect(stageWith({ concurrency: 0 })).toThrow("stage write: concurrency is 0");
    expect(stageWith({ maxCount: 0 })).toThrow("stage write: maxCount is 0");
    expect(stageWith({ maxBytes: Number.NaN })).toThrow("stage write: maxBytes is NaN");
    expect(stageWith({ timeoutMs: -1 })).toThrow("stage write: timeoutMs is -1");
  });
});
