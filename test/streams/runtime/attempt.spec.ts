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
import { type AttemptSpec, attempts } from "../../../src/streams/runtime/attempt.ts";
import type { TryOutcome, Work } from "../../../src/streams/runtime/one-try.ts";
import type { Envelope } from "../../../src/streams/runtime/rail.ts";
import { type RetryPolicy, retrySchedule } from "../../../src/streams/runtime/retry-schedule.ts";
import { LoneHost } from "../../support/lone-host.ts";

const specOf = (
  work: Work<string, string>,
  {
    retry = { times: 3, firstMs: 10, capMs: 20 },
    isIdempotent = true,
    timeoutMs = 100,
  }: {
    readonly retry?: RetryPolicy | null;
    readonly isIdempotent?: boolean;
    readonly timeoutMs?: number;
  } = {},
): AttemptSpec<string, string> => ({
  stage: "send",
  work,
  isIdempotent,
  timeoutMs,
  deadlines: new WeakMap(),
  retry: retry === null ? null : retrySchedule(retry),
});

interface Run {
  readonly host: LoneHost;
  readonly envelope: Envelope<string>;
  readonly outcomes: TryOutcome<string>[];
}

const run = (spec: AttemptSpec<string, string>, host = new LoneHost()): Run => {
  const envelope = host.envelope("bill");
  const outcomes: TryOutcome<string>[] = [];
  attempts<string, string, null>(spec, (outcome) => outcomes.push(outcome))(envelope, null);
  return { host, envelope, outcomes };
};

type Answer = "value" | "bug" | "late" | Failure["_tag"];

const failureOf = (tag: Failure["_tag"], message: string): Failure => {
  switch (tag) {
    case "Transient":
      return new Transient({ message });
    case "Permanent":
      return new Permanent({ message });
    case "Unconfirmed":
      return new Unconfirmed({ message });
    case "Undecodable":
      return new Undecodable({ message });
    case "Postponed":
      return new Postponed({ message, untilMs: 1 });
  }
};

/** Work that gives these answers, one a try, in one manner or another; `calls` counts its tries. */
const scripted = (
  host: LoneHost,
  answers: readonly Answer[],
  how: "plain" | "promise" | "effect",
): { readonly work: Work<string, string>; readonly calls: () => number } => {
  let calls = 0;
  const end = (): string => {
    const answer = answers[calls - 1] ?? "value";
    if (answer === "value") return `answer ${calls}`;
    if (answer === "bug") throw new TypeError(`bug ${calls}`);
    if (answer === "late") throw new Error("what is late is never asked for its answer");
    throw failureOf(answer, `failure ${calls}`);
  };
  const never = new Promise<string>(() => undefined);
  const work: Work<string, string> = () => {
    calls += 1;
    const isLate = answers[calls - 1] === "late";
    if (how === "effect") {
      return isLate
        ? Effect.never
        : Effect.andThen(
            Effect.sleep(1),
            Effect.try({ try: end, catch: (error) => error as Failure }), // a bug among them: that is what is tried
          );
    }
    if (isLate) return never;
    if (how === "plain") return end();
    return new Promise<void>((resolve) => {
      host.clock.after(1, resolve);
    }).then(end);
  };
  return { work, calls: () => calls };
};

describe("an attempt", () => {
  it("retries what failed Transient, by its schedule, until it works", async () => {
    const host = new LoneHost();
    const { work, calls } = scripted(host, ["Transient", "Transient", "value"], "promise");
    const { outcomes } = run(specOf(work), host);
    await host.clock.advance(1_000);
    expect(outcomes).toEqual([Result.succeed("answer 3")]);
    expect(calls()).toBe(3);
  });

  it("gives up with the failure of its last try", async () => {
    const host = new LoneHost();
    const { work, calls } = scripted(
      host,
      Array.from({ length: 99 }, () => "Transient" as const),
      "plain",
    );
    const { outcomes } = run(specOf(work, { retry: { times: 2, firstMs: 1, capMs: 1 } }), host);
    await host.clock.advance(1_000);
    expect(outcomes).toMatchObject([{ failure: { _tag: "Transient", message: "failure 3" } }]);
    expect(calls()).toBe(3);
  });

  it("settles once, after as many tries as its outcome took, and retries nothing but Transient", async () => {
    const answer = fc.oneof(
      { weight: 5, arbitrary: fc.constant<Answer>("Transient") },
      { weight: 2, arbitrary: fc.constant<Answer>("late") },
      {
        weight: 3,
        arbitrary: fc.constantFrom<Answer>(
          "value",
          "bug",
          "Permanent",
          "Unconfirmed",
          "Undecodable",
          "Postponed",
        ),
      },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { minLength: 1, maxLength: 6 }),
        fc.constantFrom("plain", "promise", "effect"),
        fc.boolean(),
        fc.option(fc.nat({ max: 4 }), { nil: null }),
        async (answers, how, isIdempotent, times) => {
          const host = new LoneHost();
          const { work, calls } = scripted(host, answers, how);
          const retry = times === null ? null : { times, firstMs: 5, capMs: 10 };
          const { outcomes, envelope } = run(specOf(work, { retry, isIdempotent }), host);
          await host.clock.advance(10_000);

          // a try that is late is Transient where it may happen twice
          const mayFollow = (one: Answer): boolean => one === "Transient" || (one === "late" && isIdempotent);
          let tries = 0;
          for (; tries < (times ?? 0) && mayFollow(answers[tries] ?? "value");) tries += 1;
          const last = answers[tries] ?? "value";
          expect(calls()).toBe(tries + 1);
          expect(outcomes).toHaveLength(1);
          if (last === "value") expect(outcomes[0]).toEqual(Result.succeed(`answer ${tries + 1}`));
          else {
            const tag =
              last === "bug" ? "Bug" : last === "late" ? (isIdempotent ? "Transient" : "Unconfirmed") : last;
            expect(outcomes[0]).toMatchObject({ failure: { _tag: tag } });
          }
          // one retry is told of for each that was made
          expect(host.toldOf("item:retry:begin")).toHaveLength(tries);
          expect(envelope.ticket.waiting).toBeNull();
          const neverEnding =
            how === "effect" ? 0 : answers.slice(0, tries + 1).filter((one) => one === "late").length;
          expect(envelope.ticket.runningTries).toBe(neverEnding);
          expect(host.clock.timers).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("waits no less than it was asked to, and does not wait in place for more than it may", async () => {
    const host = new LoneHost();
    const tries: number[] = [];
    const { outcomes } = run(
      specOf(
        () => {
          tries.push(host.clock.nowMs);
          const retryAfterMs = tries.length === 1 ? 18 : 60_000;
          throw new Transient({ message: "slow down", retryAfterMs });
        },
        { retry: { times: 5, firstMs: 1, capMs: 20 } },
      ),
      host,
    );
    await host.clock.advance(100_000);
    expect(tries).toEqual([0, 18]);
    expect(outcomes).toMatchObject([{ failure: { retryAfterMs: 60_000 } }]);
  });

  it("says why it waits between two tries, and only then", async () => {
    const host = new LoneHost();
    const seen: (string | null)[] = [];
    let envelope: Envelope<string> | null = null;
    let tries = 0;
    ({ envelope } = run(
      specOf(
        () => {
          seen.push(envelope?.ticket.waiting ?? null);
          tries += 1;
          if (tries === 3) return new Promise<string>(() => undefined);
          throw new Transient({ message: "the line is busy" });
        },
        { retry: { times: 5, firstMs: 10, capMs: 10 } },
      ),
      host,
    ));
    expect(envelope.ticket.waiting).toContain("the line is busy");
    await host.clock.advance(30);
    expect(tries).toBe(3);
    expect(seen).toEqual([null, null, null]);
    expect(envelope.ticket.waiting).toBeNull();
    expect(host.toldOf("item:retry:begin")).toMatchObject([
      { record: "0@0", stage: "send", failure: "the line is busy" },
      { record: "0@0", stage: "send", failure: "the line is busy" },
    ]);
  });

  it("makes no Effect of an item that its first try served", () => {
    const host = new LoneHost();
    let forks = 0;
    const fork = host.fork.bind(host);
    host.fork = (effect) => {
      forks += 1;
      return fork(effect);
    };
    run(
      specOf(() => "sent"),
      host,
    );
    expect(forks).toBe(0);
  });

  it("never tries again what was left to its source meanwhile", async () => {
    const host = new LoneHost();
    const { work, calls } = scripted(
      host,
      Array.from({ length: 99 }, () => "Transient" as const),
      "promise",
    );
    const { outcomes, envelope } = run(specOf(work), host);
    host.handBack(envelope.ticket, "its partition was lost");
    await host.clock.advance(10_000);
    expect(calls()).toBe(1);
    expect(outcomes).toMatchObject([{ failure: { _tag: "Transient", message: "failure 1" } }]);
  });

  it("ends its retries when the pipeline gives up, and tries nothing any more", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 60 }),
        fc.constantFrom("plain", "promise", "effect"),
        fc.boolean(),
        async (givenUpAfterMs, how, isIdempotent) => {
          const host = new LoneHost();
          const { work, calls } = scripted(
            host,
            Array.from({ length: 99 }, () => "Transient" as const),
            how,
          );
          const { outcomes, envelope } = run(
            specOf(work, { retry: { times: 99, firstMs: 5, capMs: 10 }, isIdempotent }),
            host,
          );
          await host.clock.advance(givenUpAfterMs);
          expect(outcomes).toEqual([]);
          host.giveUp([envelope.ticket]);
          const before = calls();
          await host.clock.advance(10_000);
          expect(calls()).toBe(before);
          expect(outcomes).toHaveLength(1);
          expect(envelope.ticket.runningTries).toBe(0);
          expect(host.clock.timers).toBe(0);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
