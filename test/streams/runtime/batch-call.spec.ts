import { Effect, Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Failure,
  Permanent,
  Postponed,
  Transient,
  Unconfirmed,
  Undecodable,
} from "../../../src/failure.ts";
import {
  type BatchAnswer,
  BatchCall,
  type BatchCallSpec,
  type BatchWork,
} from "../../../src/streams/runtime/batch-call.ts";
import type { TryOutcome } from "../../../src/streams/runtime/one-try.ts";
import type { Envelope } from "../../../src/streams/runtime/rail.ts";
import { retrySchedule } from "../../../src/streams/runtime/retry-schedule.ts";
import { LoneHost } from "../../support/lone-host.ts";

type Numbers = BatchWork<number, string>;

interface Ran {
  readonly host: LoneHost;
  readonly envelopes: readonly Envelope<number>[];
  /** By body; settled twice would be two. */
  readonly outcomes: Map<number, TryOutcome<string>[]>;
  readonly ended: () => number;
}

const run = (
  work: Numbers,
  bodies: readonly number[],
  spec: Partial<BatchCallSpec<number, string>> = {},
  host = new LoneHost(),
): Ran => {
  let ended = 0;
  const envelopes = bodies.map((body) => host.envelope(body));
  const outcomes = new Map<number, TryOutcome<string>[]>();
  const call = new BatchCall<number, string>({
    stage: "write",
    work,
    isIdempotent: true,
    timeoutMs: 1_000,
    retry: null,
    ...spec,
  });
  call.run(
    envelopes,
    ({ body }, outcome) => outcomes.set(body, [...(outcomes.get(body) ?? []), outcome]),
    () => {
      ended += 1;
    },
  );
  return { host, envelopes, outcomes, ended: () => ended };
};

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);
const well = (bodies: readonly number[]): BatchAnswer<string> =>
  bodies.map((body) => Result.succeed(`row ${body}`));

describe("a batch call", () => {
  it("gives every item its own outcome", async () => {
    const no = new Permanent({ message: "a NUL in an id" });
    const { host, outcomes, ended } = run(
      (bodies) => bodies.map((body) => (body === 1 ? Result.fail(no) : Result.succeed(`row ${body}`))),
      [0, 1, 2],
    );
    await host.clock.settle();
    expect([...outcomes]).toEqual([
      [0, [Result.succeed("row 0")]],
      [1, [Result.fail(no)]],
      [2, [Result.succeed("row 2")]],
    ]);
    expect(ended()).toBe(1);
  });

  it("shows its work the items' keys and attempts", async () => {
    const seen: unknown[] = [];
    const { host } = run(
      (bodies, { items }) => {
        seen.push(items.map(({ key, attempt }) => [key, attempt]));
        return well(bodies);
      },
      [5, 6],
    );
    await host.clock.settle();
    expect(seen).toEqual([
      [
        ["0", 1],
        ["1", 1],
      ],
    ]);
  });

  it("finds the one bad item of a batch that fails as a whole in O(log n) calls more", async () => {
    const failing = fc.constantFrom("Permanent", "Undecodable", "bug");
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 500 })
          .chain((count) => fc.tuple(fc.constant(count), fc.nat({ max: count - 1 }))),
        failing,
        fc.constantFrom("plain", "promise", "effect", "effect that dies"),
        async ([count, bad], how, manner) => {
          let calls = 0;
          const answer = (bodies: readonly number[]): BatchAnswer<string> => {
            if (!bodies.includes(bad)) return well(bodies);
            if (how === "bug") throw new TypeError("x is not a function");
            throw how === "Permanent"
              ? new Permanent({ message: "22021" })
              : new Undecodable({ message: "not JSON" });
          };
          const { host, outcomes, ended } = run((bodies) => {
            calls += 1;
            if (manner === "plain") return answer(bodies);
            if (manner === "promise") return Promise.resolve().then(() => answer(bodies));
            if (manner === "effect that dies") return Effect.sync(() => answer(bodies));
            return Effect.try({ try: () => answer(bodies), catch: (error) => error as Failure }); // a bug among them
          }, upTo(count));
          await host.clock.settle();
          expect(outcomes.size).toBe(count);
          const wrong = [...outcomes].filter(
            ([body, [outcome, ...more]]) =>
              more.length > 0 ||
              outcome === undefined ||
              (body === bad
                ? !Result.isFailure(outcome) || outcome.failure._tag !== (how === "bug" ? "Bug" : how)
                : !Result.isSuccess(outcome) || outcome.success !== `row ${body}`),
          );
          expect(wrong).toEqual([]);
          expect(calls).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(count)));
          expect(host.toldOf("batch:call:done")).toHaveLength(calls);
          expect(host.toldOf("batch:split:done").length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)));
          expect(ended()).toBe(1);
          expect(host.work.running).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("never splits what is not about one item's data: it holds for all of them", async () => {
    for (const failure of [
      new Unconfirmed({ message: "the line broke" }),
      new Postponed({ message: "quiet hours", untilMs: 1 }),
      new Transient({ message: "busy" }),
    ]) {
      let calls = 0;
      const { host, outcomes } = run(() => {
        calls += 1;
        throw failure;
      }, [1, 2, 3]);
      await host.clock.settle();
      expect(calls).toBe(1);
      expect([...outcomes.values()]).toEqual([
        [Result.fail(failure)],
        [Result.fail(failure)],
        [Result.fail(failure)],
      ]);
    }
  });

  it("never splits after a throw what must not happen twice: each item may have happened", async () => {
    let calls = 0;
    const { host, outcomes } = run(
      () => {
        calls += 1;
        throw new TypeError("x is not a function");
      },
      [1, 2, 3],
      { isIdempotent: false },
    );
    await host.clock.settle();
    expect(calls).toBe(1);
    for (const outcome of outcomes.values()) {
      expect(outcome).toMatchObject([{ failure: { _tag: "Bug", mayHaveHappened: true } }]);
    }
  });

  it("takes a wrong number of answers for a bug, and lays no item's answer at another's door", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.nat({ max: 60 }),
        fc.boolean(),
        async (count, answers, isIdempotent) => {
          fc.pre(answers !== count);
          const { host, outcomes, ended } = run(
            (bodies) => (bodies.length === count ? well(upTo(answers)) : well(bodies)),
            upTo(count),
            {
              isIdempotent,
            },
          );
          await host.clock.settle();
          expect(outcomes.size).toBe(count);
          for (const [body, [outcome]] of outcomes) {
            // halved, it answers well; alone from the beginning, or not to happen twice, it is a bug
            if (isIdempotent && count > 1) expect(outcome).toEqual(Result.succeed(`row ${body}`));
            else {
              expect(outcome).toMatchObject({
                failure: {
                  _tag: "Bug",
                  message: `write answered ${answers} items of ${count}`,
                  mayHaveHappened: true,
                },
              });
            }
          }
          expect(ended()).toBe(1);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("retries as a whole a call that failed Transient, and only those items that did by themselves", async () => {
    const calls: (readonly number[])[] = [];
    const { host, outcomes } = run(
      (bodies) => {
        calls.push(bodies);
        if (calls.length === 1) throw new Transient({ message: "the pool is exhausted" });
        return bodies.map((body) =>
          body > 1 && calls.length === 2
            ? Result.fail(new Transient({ message: "locked" }))
            : Result.succeed(`row ${body}`),
        );
      },
      [0, 1, 2, 3],
      { retry: retrySchedule({ times: 5, firstMs: 10 }) },
    );
    await host.clock.advance(1_000);
    expect(calls).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
      [2, 3],
    ]);
    expect([...outcomes.values()].flat().every((outcome) => Result.isSuccess(outcome))).toBe(true);
  });

  it("gives each item its own last failure when the retries are used up", async () => {
    const { host, outcomes } = run(
      (bodies) => bodies.map((body) => Result.fail(new Transient({ message: `row ${body} is locked` }))),
      [0, 1, 2],
      { retry: retrySchedule({ times: 2, firstMs: 10 }) },
    );
    await host.clock.advance(1_000);
    for (const [body, outcome] of outcomes) {
      expect(outcome).toMatchObject([{ failure: { _tag: "Transient", message: `row ${body} is locked` } }]);
    }
  });

  it("tries no item sooner than was asked for it", async () => {
    const tries: number[] = [];
    const host = new LoneHost();
    run(
      (bodies) => {
        tries.push(host.clock.nowMs);
        return bodies.map((body) => Result.fail(new Transient({ message: "slow down", retryAfterMs: body })));
      },
      [400, 700, 10],
      { retry: retrySchedule({ times: 1, firstMs: 10 }) },
      host,
    );
    await host.clock.advance(5_000);
    expect(tries).toEqual([0, 700]);
  });

  it("has one deadline for the call: Transient where it may happen twice, Unconfirmed where it may not", async () => {
    for (const isIdempotent of [true, false]) {
      for (const never of [
        (): Promise<never> => new Promise(() => undefined),
        (): Effect.Effect<never> => Effect.never,
      ]) {
        const { host, outcomes, ended } = run(never, [1, 2], { isIdempotent });
        await host.clock.advance(999);
        expect(outcomes.size).toBe(0);
        await host.clock.advance(1);
        for (const outcome of outcomes.values()) {
          expect(outcome).toMatchObject([
            {
              failure: {
                _tag: isIdempotent ? "Transient" : "Unconfirmed",
                code: "timeout",
                message: "write: no answer for a batch of 2 within 1000 ms",
              },
            },
          ]);
        }
        expect(outcomes.size).toBe(2);
        expect(ended()).toBe(1);
      }
    }
  });

  it("tells the work by its signal that its time is up, and counts it until it has really ended", async () => {
    let signal: AbortSignal | null = null;
    let end: (answer: BatchAnswer<string>) => void = () => undefined;
    const { host, outcomes, envelopes } = run(
      (_bodies, context) => {
        ({ signal } = context);
        return new Promise((resolve) => {
          end = resolve;
        });
      },
      [1, 2],
    );
    await host.clock.advance(1_000);
    const seen = signal as AbortSignal | null; // set in the work
    expect(seen?.aborted).toBe(true);
    expect(outcomes.size).toBe(2);
    expect(envelopes.map(({ ticket }) => ticket.runningTries)).toEqual([1, 1]);
    end(well([1, 2]));
    await host.clock.settle();
    expect(envelopes.map(({ ticket }) => ticket.runningTries)).toEqual([0, 0]);
    expect(outcomes.get(1)).toHaveLength(1);
  });

  it("settles each item once and counts every try to its end, whenever the pipeline gives up", async () => {
    const manner = fc.record({
      how: fc.constantFrom("plain", "promise", "effect", "sync effect"),
      fails: fc.array(fc.constantFrom("no", "Transient", "Permanent", "bug", "an item", "never"), {
        maxLength: 12,
      }),
      takesMs: fc.nat({ max: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(
        manner,
        fc.integer({ min: 1, max: 9 }),
        fc.option(fc.nat({ max: 200 }), { nil: null }),
        fc.boolean(),
        async ({ how, fails, takesMs }, count, givenUpAfterMs, isIdempotent) => {
          const host = new LoneHost();
          let calls = 0;
          const end = (bodies: readonly number[], nth: number): BatchAnswer<string> => {
            const fail = fails[nth] ?? "no";
            if (fail === "Transient") throw new Transient({ message: "busy" });
            if (fail === "Permanent") throw new Permanent({ message: "22021" });
            if (fail === "bug") throw new TypeError("x is not a function");
            if (fail !== "an item") return well(bodies);
            return bodies.map((body, index) =>
              index === 0 ? Result.fail(new Transient({ message: "locked" })) : Result.succeed(`row ${body}`),
            );
          };
          const { outcomes, ended, envelopes } = run(
            (bodies) => {
              const nth = calls;
              calls += 1;
              const isNever = fails[nth] === "never" && (how === "effect" || how === "promise");
              const tried = Effect.try({ try: () => end(bodies, nth), catch: (error) => error as Failure }); // or a bug
              if (how === "plain") return end(bodies, nth);
              if (how === "sync effect") return tried;
              if (how === "effect")
                return isNever ? Effect.never : Effect.andThen(Effect.sleep(takesMs), tried);
              return new Promise<void>((resolve) => {
                if (isNever) host.clock.after(5_000, resolve);
                else host.clock.after(takesMs, resolve);
              }).then(() => end(bodies, nth));
            },
            upTo(count),
            { isIdempotent, timeoutMs: 50, retry: retrySchedule({ times: 2, firstMs: 5 }) },
            host,
          );
          if (givenUpAfterMs !== null) {
            await host.clock.advance(givenUpAfterMs);
            host.giveUp();
          }
          await host.clock.advance(60_000);
          expect([...outcomes.values()].map(({ length }) => length)).toEqual(upTo(count).map(() => 1));
          expect(ended()).toBe(1);
          expect(host.work.running).toBe(0);
          for (const { ticket } of envelopes) expect(ticket.runningTries).toBe(0);
          expect(host.clock.timers).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("counts every try to its end though the pipeline gives up in the middle of a long run of calls", async () => {
    // An Effect lets others have their turn after some two thousand operations, wherever it is then. A first call with
    // ever more operations moves that place over every operation of a later one.
    const bad: Effect.Effect<never, Permanent> = Effect.fail(new Permanent({ message: "22021" }));
    for (let operations = 0; operations < 100; operations += 1) {
      const host = new LoneHost();
      let calls = 0;
      let longer = bad;
      for (let count = 0; count < operations; count += 1) {
        const rest = longer;
        longer = Effect.suspend(() => rest);
      }
      const { ended, envelopes } = run(
        () => (calls++ === 0 ? longer : bad),
        upTo(200),
        { timeoutMs: Infinity },
        host,
      );
      expect(ended()).toBe(0);
      host.giveUp();
      await host.clock.settle();
      expect(ended()).toBe(1);
      expect(host.work.running).toBe(0);
      expect(envelopes.every(({ ticket }) => ticket.runningTries === 0)).toBe(true);
    }
  });

  it("refuses to have no time at all", () => {
    expect(() => run((bodies) => well(bodies), [], { timeoutMs: 0 })).toThrow("timeoutMs is 0");
  });

  it("answers when its time is up also where its effect cannot be interrupted, and is counted until that has ended", async () => {
    const row =
      (ms: number): Numbers =>
      (bodies) =>
        Effect.as(Effect.sleep(ms), well(bodies));
    const stubborn =
      (ms: number): Numbers =>
      (bodies, context) =>
        Effect.uninterruptible(row(ms)(bodies, context) as Effect.Effect<BatchAnswer<string>>); // it is an effect
    const promised =
      (host: LoneHost, ms: number): Numbers =>
      (bodies) =>
        new Promise((resolve) => {
          host.clock.after(ms, () => {
            resolve(well(bodies));
          });
        });
    const host = new LoneHost();
    for (const [work, endsMs, answer] of [
      [stubborn(130), 130, null],
      [promised(host, 130), 130, "value"],
      [row(130), 100, null],
    ] as const) {
      const from = host.clock.nowMs;
      const earlier = host.toldOf("batch:late-answer:seen").length;
      const { outcomes, envelopes, ended } = run(work, [0, 1], { timeoutMs: 100, isIdempotent: false }, host);
      await host.clock.advance(99);
      expect(outcomes.size).toBe(0);
      await host.clock.advance(1);
      expect([...outcomes.values()].flat()).toMatchObject([
        { failure: { _tag: "Unconfirmed", code: "timeout" } },
        { failure: { _tag: "Unconfirmed", code: "timeout" } },
      ]);
      expect(ended()).toBe(1);
      await host.clock.advance(from + endsMs - 1 - host.clock.nowMs);
      const stillRuns = endsMs > 100 ? 1 : 0;
      expect(envelopes.map(({ ticket }) => ticket.runningTries)).toEqual([stillRuns, stillRuns]);
      await host.clock.advance(1_000);
      expect(envelopes.map(({ ticket }) => ticket.runningTries)).toEqual([0, 0]);
      expect(host.work.running).toBe(0);
      expect(host.toldOf("batch:late-answer:seen").slice(earlier)).toMatchObject(
        answer === null ? [] : [{ stage: "write", count: 2, answer, lateMs: 30 }],
      );
    }
  });

  it("has ended at once when there is nothing in it", () => {
    let calls = 0;
    const { ended } = run((bodies) => {
      calls += 1;
      return well(bodies);
    }, []);
    expect(ended()).toBe(1);
    expect(calls).toBe(0);
  });
});
