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
  OneTry,
  type TryOutcome,
  type TrySpec,
  type Work,
  type WorkContext,
} from "../../../src/streams/runtime/one-try.ts";
import type { Envelope } from "../../../src/streams/runtime/rail.ts";
import { growth } from "../../support/growth.ts";
import { LoneHost } from "../../support/lone-host.ts";

const TIMEOUT_MS = 100;

interface Tried {
  readonly host: LoneHost;
  readonly envelope: Envelope<string>;
  /** What was answered, and when. */
  readonly answers: { readonly outcome: TryOutcome<string>; readonly atMs: number }[];
}

const specOf = (
  work: Work<string, string>,
  isIdempotent = true,
  timeoutMs = TIMEOUT_MS,
): TrySpec<string, string> => ({
  stage: "send",
  work,
  isIdempotent,
  timeoutMs,
  deadlines: new WeakMap(),
});

const begin = (
  spec: TrySpec<string, string>,
  host = new LoneHost(),
  envelope = host.envelope("bill", { key: "k", trace: "t" }),
): Tried => {
  const answers: { outcome: TryOutcome<string>; atMs: number }[] = [];
  const answered = (outcome: TryOutcome<string>): void => {
    answers.push({ outcome, atMs: host.clock.nowMs });
  };
  new OneTry(spec, envelope, answered, null).begin();
  return { host, envelope, answers };
};

const after = (host: LoneHost, ms: number): Promise<void> =>
  new Promise((resolve) => {
    host.clock.after(ms, resolve);
  });

const failures = {
  Transient: new Transient({ message: "busy" }),
  Permanent: new Permanent({ message: "no such address" }),
  Unconfirmed: new Unconfirmed({ message: "the line broke" }),
  Undecodable: new Undecodable({ message: "not UTF-8" }),
  Postponed: new Postponed({ message: "quiet hours", untilMs: 1 }),
} as const satisfies Record<Failure["_tag"], Failure>;

describe("one try", () => {
  it("answers at once what its work answers at once, without any timer", () => {
    const { host, envelope, answers } = begin(specOf((body) => `${body} sent`));
    expect(answers).toEqual([{ outcome: Result.succeed("bill sent"), atMs: 0 }]);
    expect(host.clock.timers).toBe(0);
    expect(envelope.ticket.runningTries).toBe(0);
  });

  it("shows its work the item's key, attempt and trace", () => {
    const seen: WorkContext[] = [];
    const host = new LoneHost();
    begin(
      specOf((_body, context) => {
        seen.push(context);
        return "";
      }),
      host,
      host.envelope("bill", { key: "member-7", attempt: 2, trace: "abc" }),
    );
    expect(seen[0]?.key).toBe("member-7");
    expect(seen[0]?.attempt).toBe(3);
    expect(seen[0]?.trace).toBe("abc");
  });

  it("is a failure of its time only: Transient where the step may happen twice, Unconfirmed where it may not", async () => {
    for (const [isIdempotent, tag] of [
      [true, "Transient"],
      [false, "Unconfirmed"],
    ] as const) {
      for (const never of [
        (): Promise<string> => new Promise(() => undefined),
        (): Effect.Effect<string> => Effect.never,
      ]) {
        const { host, answers } = begin(specOf(never, isIdempotent));
        await host.clock.advance(TIMEOUT_MS - 1);
        expect(answers).toEqual([]);
        await host.clock.advance(1);
        expect(answers).toMatchObject([
          {
            atMs: TIMEOUT_MS,
            outcome: {
              failure: { _tag: tag, code: "timeout", message: "send: no answer for 0@0 within 100 ms" },
            },
          },
        ]);
      }
    }
  });

  it("answers once, in time, with what became of it, and is counted until it has really ended", async () => {
    const work = fc.record({
      how: fc.constantFrom("plain", "promise", "effect", "heedless effect"),
      // odd, so that it is never exactly the timeout
      endsAfterMs: fc.nat({ max: 99 }).map((half) => half * 2 + 1),
      with: fc.constantFrom(
        "value",
        "bug",
        "non-error",
        ...(Object.keys(failures) as (keyof typeof failures)[]),
      ), // its keys
    });
    await fc.assert(
      fc.asyncProperty(work, fc.boolean(), fc.boolean(), async (given, isIdempotent, asksForSignal) => {
        const host = new LoneHost();
        const { how, endsAfterMs } = given;
        const bug = new TypeError("x is not a function");
        let signal: AbortSignal | null = null;
        const end = (): string => {
          if (given.with === "value") return "sent";
          if (given.with === "bug") throw bug;
          // somebody else's code may throw what is no error at all
          // oxlint-disable-next-line typescript/only-throw-error -- thrown to see what becomes of it
          if (given.with === "non-error") throw "just a string";
          throw failures[given.with];
        };
        const effect = Effect.andThen(
          Effect.sleep(endsAfterMs),
          Effect.suspend(() => {
            if (given.with === "value" || given.with === "bug" || given.with === "non-error")
              return Effect.sync(end);
            return Effect.fail(failures[given.with]);
          }),
        );
        const { answers, envelope } = begin(
          specOf((_body, context) => {
            if (asksForSignal) signal = context.signal;
            if (how === "plain") return end();
            if (how === "effect") return effect;
            if (how === "heedless effect") return Effect.uninterruptible(effect);
            return after(host, endsAfterMs).then(end);
          }, isIdempotent),
          host,
        );
        const endMs = how === "plain" ? 0 : endsAfterMs;
        const isLate = endMs > TIMEOUT_MS;
        const trueEndMs = how === "effect" && isLate ? TIMEOUT_MS : endMs;
        expect(host.work.running).toBe(how === "plain" ? 0 : 1);
        await host.clock.advance(trueEndMs - 1);
        if (how !== "plain") expect(envelope.ticket.runningTries).toBe(1);
        await host.clock.advance(1);
        expect(envelope.ticket.runningTries).toBe(0);
        await host.clock.advance(1_000);
        host.giveUp();

        expect(answers).toHaveLength(1);
        const { outcome, atMs } = answers[0] ?? { outcome: Result.succeed("none"), atMs: -1 };
        expect(atMs).toBe(Math.min(endMs, TIMEOUT_MS));
        if (isLate) {
          expect(outcome).toMatchObject({
            failure: { _tag: isIdempotent ? "Transient" : "Unconfirmed", code: "timeout" },
          });
        } else if (given.with === "value") {
          expect(outcome).toEqual(Result.succeed("sent"));
        } else if (given.with === "bug") {
          expect(outcome).toMatchObject({
            failure: { _tag: "Bug", error: bug, mayHaveHappened: !isIdempotent },
          });
        } else if (given.with === "non-error") {
          expect(outcome).toMatchObject({ failure: { _tag: "Bug", message: "just a string" } });
        } else {
          expect(outcome).toEqual(Result.fail(failures[given.with]));
        }
        expect(envelope.ticket.runningTries).toBe(0);
        expect(host.work.running).toBe(0);
        expect(host.clock.timers).toBe(0);
        // its signal tells of the deadline, and of nothing else
        const seen = signal as AbortSignal | null; // set in the work
        if (asksForSignal) expect(seen?.aborted).toBe(isLate);
      }),
      { numRuns: 1000 },
    );
  });

  it("tells of an answer that comes after its time, and of nothing that was cut off", async () => {
    const late = 30;
    const host = new LoneHost();
    const works: readonly (readonly [Work<string, string>, string | null])[] = [
      [() => after(host, TIMEOUT_MS + late).then(() => "sent"), "value"],
      [() => after(host, TIMEOUT_MS + late).then(() => Promise.reject(failures.Permanent)), "Permanent"],
      [() => after(host, TIMEOUT_MS + late).then(() => Promise.reject(new TypeError("no"))), "Bug"],
      [() => Effect.uninterruptible(Effect.as(Effect.sleep(TIMEOUT_MS + late), "sent")), null],
      [() => Effect.as(Effect.sleep(TIMEOUT_MS + late), "sent"), null],
      [() => after(host, TIMEOUT_MS - 1).then(() => "sent"), null],
      [() => new Promise(() => undefined), null],
    ];
    const records = works.map(([work]) => begin(specOf(work, false), host).envelope.ticket.record);
    await host.clock.advance(10 * TIMEOUT_MS);
    expect(host.toldOf("item:late-answer:seen")).toMatchObject(
      works.flatMap(([, answer], at) =>
        answer === null ? [] : [{ record: records[at], stage: "send", answer, lateMs: late }],
      ),
    );
  });

  it("tells its work by its signal when the pipeline gives up, also when it asks only then", async () => {
    const host = new LoneHost();
    const signals: AbortSignal[] = [];
    const contexts: WorkContext[] = [];
    const never = (): Promise<string> => new Promise(() => undefined);
    begin(
      specOf((_body, context) => {
        signals.push(context.signal, context.signal);
        return never();
      }),
      host,
    );
    begin(
      specOf((_body, context) => {
        contexts.push(context);
        return never();
      }),
      host,
    );
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    host.giveUp();
    await host.clock.settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(contexts[0]?.signal.aborted).toBe(true);
  });

  it("tells its work that its time was up, also when it asks only then", async () => {
    const contexts: WorkContext[] = [];
    const { host } = begin(
      specOf((_body, context) => {
        contexts.push(context);
        return new Promise(() => undefined);
      }),
    );
    await host.clock.advance(TIMEOUT_MS);
    expect(contexts[0]?.signal.aborted).toBe(true);
  });

  it("interrupts its effect when the pipeline gives up, and says that it may have happened", async () => {
    for (const [isIdempotent, tag] of [
      [true, "Transient"],
      [false, "Unconfirmed"],
    ] as const) {
      const { host, answers, envelope } = begin(specOf(() => Effect.never, isIdempotent));
      host.giveUp();
      await host.clock.settle();
      expect(answers).toMatchObject([{ outcome: { failure: { _tag: tag, code: "interrupted" } } }]);
      expect(envelope.ticket.runningTries).toBe(0);
    }
  });

  it("takes a promise's answer once, whatever somebody has made of its `then`, and never for another item's", async () => {
    const host = new LoneHost();
    const again: (() => void)[] = [];
    const twice = (): Promise<string> => {
      const promise = Promise.resolve("sent");
      const then = promise.then.bind(promise) as (answered: (value: string) => unknown) => Promise<unknown>; // as it was
      promise.then = ((answered: (value: string) => unknown) => {
        again.push(() => void answered("again"));
        return then(answered);
      }) as typeof promise.then; // with one of its two arguments
      return promise;
    };
    const first = begin(specOf(twice), host);
    await host.clock.settle();
    const others = Array.from({ length: 5 }, () =>
      begin(
        specOf(() => after(host, 10).then(() => "other")),
        host,
      ),
    );
    for (const answer of again) answer();
    await host.clock.advance(20);
    expect(first.answers).toMatchObject([{ outcome: Result.succeed("sent") }]);
    for (const { answers } of others) expect(answers).toMatchObject([{ outcome: Result.succeed("other") }]);
    expect(host.work.running).toBe(0);
  });

  it("has no deadline where its time is endless", async () => {
    const { host, answers } = begin(specOf(() => new Promise(() => undefined), true, Infinity));
    expect(host.clock.timers).toBe(0);
    await host.clock.advance(1e9);
    expect(answers).toEqual([]);
  });

  it("keeps the deadlines of two pipelines apart, though they share a stage", async () => {
    const spec = specOf(() => new Promise(() => undefined));
    const [one, other] = [begin(spec), begin(spec)];
    await one.host.clock.advance(TIMEOUT_MS);
    expect(one.answers).toHaveLength(1);
    expect(other.answers).toHaveLength(0);
    await other.host.clock.advance(TIMEOUT_MS);
    expect(other.answers).toHaveLength(1);
  });

  it("costs the same to begin and to end with 100 and with 10,000 in flight, for work that asks for its signal too", async () => {
    const steadyState = (inFlight: number): (() => void) => {
      const host = new LoneHost();
      const ends: ((value: string) => void)[] = [];
      const spec = specOf((_body, { signal }) => {
        if (signal.aborted) return "never";
        // as a promise that is settled in the same turn
        return { then: (done: (value: string) => void) => ends.push(done) } as unknown as Promise<string>;
      });
      const tryOne = (): void => {
        new OneTry(spec, host.envelope("bill"), () => undefined, null).begin();
      };
      for (let count = 0; count < inFlight; count += 1) tryOne();
      let state = 7;
      return () => {
        for (let count = 0; count < 300; count += 1) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          const at = state % inFlight;
          ends[at]?.("sent");
          tryOne();
          ends[at] = ends.pop() ?? (() => undefined);
        }
      };
    };
    expect(growth(steadyState(100), steadyState(10_000))).toBeLessThan(3);
  });
});
