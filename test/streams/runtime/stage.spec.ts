import { Effect, Result } from "effect";
import fc from "fast-check";
import { Subject } from "rxjs";
import { describe, expect, it } from "vitest";
import { Permanent, Transient } from "../../../src/failure.ts";
import type { Diversion, Rail } from "../../../src/streams/runtime/rail.ts";
import { stage, type StageOptions } from "../../../src/streams/runtime/stage.ts";
import type { Ticket } from "../../../src/streams/runtime/ticket.ts";
import { LoneHost } from "../../support/lone-host.ts";

type Options = StageOptions<"send", number, string>;

class Bench {
  readonly host: LoneHost;
  readonly entry = new Subject<Rail<number, Diversion<"before", string>>>();
  readonly out: Rail<string, Diversion>[] = [];
  readonly tickets: Ticket[] = [];
  completions = 0;
  readonly subscription;

  constructor(
    options: Omit<Options, "name">,
    host = new LoneHost(),
    made = stage({ name: "send", ...options }),
  ) {
    this.host = host;
    this.subscription = this.entry.pipe(made).subscribe({
      next: (rail) => this.out.push(rail),
      complete: () => {
        this.completions += 1;
      },
    });
  }

  get came(): readonly string[] {
    return this.out.map((rail) =>
      Result.isSuccess(rail) ? rail.success.body : `${rail.failure.stage}: ${rail.failure.failure._tag}`,
    );
  }

  push(bodies: readonly number[]): void {
    for (const body of bodies) {
      const item = this.host.item(body);
      if (Result.isSuccess(item)) this.tickets.push(item.success.ticket);
      this.entry.next(item);
    }
  }
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);

describe("a stage", () => {
  it("works on what is on the main track, and lets diversions pass", async () => {
    const bench = new Bench({ work: (body) => Promise.resolve(`sent ${body}`) });
    bench.push([1]);
    bench.entry.next(
      Result.fail({
        stage: "before",
        failure: new Permanent({ message: "no" }),
        envelope: bench.host.envelope("raw"),
      }),
    );
    await bench.host.clock.settle();
    expect(bench.came).toEqual(["before: Permanent", "sent 1"]);
  });

  it("diverts a failure with what the stage was given, and goes on with the others", async () => {
    const bench = new Bench({
      work: (body) => {
        if (body === 2) throw new Permanent({ message: "no such mailbox" });
        if (body === 3) throw new TypeError("x is not a function");
        return `sent ${body}`;
      },
    });
    bench.push([1, 2, 3, 4]);
    expect(bench.came).toEqual(["sent 1", "send: Permanent", "send: Bug", "sent 4"]);
    expect(bench.out[1]).toMatchObject({ failure: { envelope: { body: 2 } } });
    expect(bench.host.bugs).toMatchObject([{ stage: "send", error: { message: "x is not a function" } }]);
    expect(bench.host.toldOf("item:divert:done")).toMatchObject([
      { record: "0@1", failure: "Permanent", message: "no such mailbox" },
      { record: "0@2", failure: "Bug", message: expect.stringMatching(/^TypeError at /) as string },
    ]);
  });

  it("hands a bug's item back instead once the breaker is open", () => {
    const bench = new Bench({
      work: () => {
        throw new TypeError("x is not a function");
      },
    });
    bench.host.isBreakerOpen = true;
    bench.push([1]);
    expect(bench.out).toEqual([]);
    expect(bench.host.handedBack).toMatchObject([
      { record: "0@0", reason: expect.stringContaining("breaker") as unknown },
    ]);
  });

  it("diverts a bug's item even then when its work may have happened: nobody may do that again unasked", () => {
    const bench = new Bench({
      idempotent: false,
      work: () => {
        throw new TypeError("x is not a function");
      },
    });
    bench.host.isBreakerOpen = true;
    bench.push([1]);
    expect(bench.came).toEqual(["send: Bug"]);
    expect(bench.host.handedBack).toEqual([]);
  });

  it("says where each item is, and for how long it may be there", async () => {
    const bench = new Bench({
      concurrency: 1,
      budgetMs: 5_000,
      waiting: () => "the provider is down",
      work: () => Effect.as(Effect.sleep(10), "sent"),
    });
    bench.push([1, 2]);
    for (const ticket of bench.tickets) {
      expect(ticket).toMatchObject({ stage: "send", inStage: true, stageBudgetMs: 5_000, sinceMs: 0 });
      expect(ticket.stageWaiting?.()).toBe("the provider is down");
    }
    expect(bench.host.inStages).toBe(2);
    await bench.host.clock.advance(15);
    expect(bench.tickets[0]).toMatchObject({ inStage: false, sinceMs: 10, stageWaiting: null });
    expect(bench.host.inStages).toBe(1);
  });

  it("never works on more items at once than its concurrency, lets each out once, and then completes", async () => {
    const script = fc.record({
      how: fc.constantFrom("plain", "promise", "effect"),
      takesMs: fc.nat({ max: 20 }),
      ends: fc.constantFrom("well", "well", "well", "Transient", "Permanent", "bug", "late"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(script, { maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.array(fc.nat({ max: 30 }), { maxLength: 20 }),
        async (scripts, concurrency, idempotent, gaps) => {
          const host = new LoneHost();
          const bench = new Bench(
            {
              concurrency,
              idempotent,
              timeoutMs: 50,
              retry: { times: 1, firstMs: 1 },
              work: (body) => {
                const { how, takesMs, ends } = scripts[body] ?? { how: "plain", takesMs: 0, ends: "well" };
                const end = (): string => {
                  if (ends === "Transient") throw new Transient({ message: "busy" });
                  if (ends === "Permanent") throw new Permanent({ message: "no" });
                  if (ends === "bug") throw new TypeError("x is not a function");
                  return `sent ${body}`;
                };
                const ms = ends === "late" ? 500 : takesMs;
                if (how === "plain") return end();
                if (how === "effect") {
                  return Effect.andThen(
                    Effect.sleep(ms),
                    Effect.try({ try: end, catch: (error) => error as Permanent }), // or another, or a bug
                  );
                }
                return new Promise<void>((resolve) => {
                  host.clock.after(ms, resolve);
                }).then(end);
              },
            },
            host,
          );
          for (const body of scripts.keys()) {
            bench.push([body]);
            await host.clock.advance(gaps[body] ?? 0);
            const unanswered = bench.tickets.filter(({ inStage }) => inStage);
            expect(unanswered.filter(({ runningTries }) => runningTries > 0).length).toBeLessThanOrEqual(
              concurrency,
            );
          }
          bench.entry.complete();
          await host.clock.advance(10_000);
          const came = bench.out.map(
            (rail) => (Result.isSuccess(rail) ? rail.success : rail.failure.envelope).ticket.record,
          );
          expect([...came].sort()).toEqual(
            upTo(scripts.length)
              .map((number) => `0@${number}`)
              .sort(),
          );
          expect(bench.completions).toBe(1);
          expect(host.inStages).toBe(0);
          expect(host.work.running).toBe(0);
          expect(host.clock.timers).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("keeps back what was left to its source while it was here, and lets the others out", async () => {
    const bench = new Bench({ work: (body) => Effect.as(Effect.sleep(10), `sent ${body}`) });
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
      work: () => {
        calls += 1;
        return Effect.as(Effect.sleep(10), "sent");
      },
    });
    bench.push([1, 2, 3]);
    bench.subscription.unsubscribe();
    bench.host.giveUp(bench.tickets);
    await bench.host.clock.advance(1_000);
    expect(calls).toBe(1);
    expect(bench.out).toEqual([]);
    expect(bench.host.inStages).toBe(0);
    expect(bench.host.work.running).toBe(0);
  });

  it("works in several pipelines at once, each by its own clock", async () => {
    const made = stage({
      name: "send",
      concurrency: 1,
      work: (body: number) => Effect.as(Effect.sleep(100), `sent ${body}`),
    });
    const options = { work: () => "unused" };
    const [one, other] = [new Bench(options, new LoneHost(), made), new Bench(options, new LoneHost(), made)];
    one.push([1, 2]);
    other.push([3]);
    await one.host.clock.advance(200);
    expect(one.came).toEqual(["sent 1", "sent 2"]);
    expect(other.came).toEqual([]);
    await other.host.clock.advance(100);
    expect(other.came).toEqual(["sent 3"]);
  });

  it("refuses limits with which nothing could ever be done", () => {
    const stageWith = (limits: Partial<Options>) => () => stage({ name: "send", work: () => "", ...limits });
    expect(stageWith({ concurrency: 0 })).toThrow("stage send: concurrency is 0: it must be at least 1");
    expect(stageWith({ timeoutMs: 0 })).toThrow("stage send: timeoutMs is 0: it must be above 0");
    expect(stageWith({ timeoutMs: Number.NaN })).toThrow("stage send: timeoutMs is NaN");
    expect(stageWith({ retry: { capMs: 60_000 } })).toThrow(/retryLater/);
  });
});
