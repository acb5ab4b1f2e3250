import { Effect, Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  batchStage,
  type BatchAnswer,
  Bug,
  deadLetter,
  type DivertedTag,
  done,
  type Failure,
  type FailureTag,
  fallBack,
  fromIterable,
  memoryDeadLetters,
  MemoryLog,
  type Order,
  pipeline,
  type PipelineEvent,
  stage,
} from "../../../src/index.ts";
import {
  type Answer,
  anyBehaviour,
  FAILURE_TAGS,
  failureFor,
  HANG_MS,
  ScriptedWork,
} from "../../support/scripted-work.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LONG_MS = 36_000_000;
const RUNS = { numRuns: 1000 };

interface BatchCall {
  readonly bodies: readonly number[];
  readonly how: CallHow;
}

/** How a whole call goes: `items` means that each item has its own outcome. */
type CallHow = "items" | "throw" | "hang" | FailureTag;

describe("a batch stage in a pipeline", () => {
  const anyItem = fc.constantFrom<Answer>("value", "value", "value", ...FAILURE_TAGS);
  const anyCall = fc.constantFrom<CallHow>("items", "items", "items", "throw", "hang", ...FAILURE_TAGS);

  it("settles every item once by its own outcome, whatever its calls do; and never calls again for what may have happened", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          items: fc.array(fc.record({ answer: anyItem, later: anyItem }), { minLength: 1, maxLength: 20 }),
          calls: fc.array(
            fc.record({ how: anyCall, ms: fc.nat(20), as: fc.constantFrom("promise", "effect") }),
            {
              maxLength: 8,
            },
          ),
          idempotent: fc.boolean(),
          maxCount: fc.integer({ min: 1, max: 6 }),
          concurrency: fc.integer({ min: 1, max: 3 }),
          credits: fc.integer({ min: 1, max: 12 }),
          order: fc.constantFrom<Order>("unordered", "byKey"),
        }),
        async ({ items, calls, idempotent, maxCount, concurrency, credits, order }) => {
          const clock = new VirtualClock();
          const made: BatchCall[] = [];
          const tries = new Map<number, number>();
          const outcomes = new Map<number, string[]>();
          const settled = (body: number, how: string): void => {
            outcomes.set(body, [...(outcomes.get(body) ?? []), how]);
          };
          const outcomeOf = (body: number): Result.Result<number, Failure> => {
            const before = tries.get(body) ?? 0;
            tries.set(body, before + 1);
            const answer = (before === 0 ? items[body]?.answer : items[body]?.later) ?? "value";
            return answer === "value" || answer === "throw"
              ? Result.succeed(body)
              : Result.fail(failureFor(answer, `item ${body}`, 0));
          };
          const work = (
            bodies: readonly number[],
          ): Promise<BatchAnswer<number>> | Effect.Effect<BatchAnswer<number>, Failure> => {
            const call = calls[made.length] ?? { how: "items", ms: 0, as: "promise" };
            made.push({ bodies, how: call.how });
            const answer = (): BatchAnswer<number> => {
              if (call.how === "items") return bodies.map(outcomeOf);
              if (call.how === "throw" || call.how === "hang") throw new Error("the call threw");
              throw failureFor(call.how, "the call failed", 0);
            };
            const ms = call.how === "hang" ? HANG_MS : call.ms;
            if (call.as === "effect") {
              return Effect.andThen(
                Effect.sleep(ms),
                Effect.try({ try: answer, catch: (error) => error as Failure }).pipe(
                  // what is thrown and is no failure is a defect
                  Effect.catch((error) =>
                    error instanceof Error && "_tag" in error ? Effect.fail(error) : Effect.die(error),
                  ),
                ),
              );
            }
            return new Promise<void>((resolve) => {
              clock.after(ms, resolve);
            }).then(answer);
          };
          const running = pipeline({
            name: "batches",
            source: fromIterable("numbers", items.keys(), { key: (body) => String(body % 3) }),
            flow: (numbers) =>
              numbers.pipe(
                batchStage({
                  name: "together",
                  work,
                  idempotent,
                  maxCount,
                  concurrency,
                  timeoutMs: 50,
                  retry: { times: 2, firstMs: 5 },
                }),
                stage({
                  name: "after",
                  work: (body: number) => {
                    settled(body, "value");
                    return body;
                  },
                }),
              ),
            diversions: {
              together: ({ envelope, failure }) => {
                settled(envelope.body, failure._tag);
                if (failure instanceof Bug) expect(failure.mayHaveHappened).toBe(!idempotent);
                return done();
              },
              after: deadLetter,
            },
            deadLetters: memoryDeadLetters(),
            breaker: { bugs: 1_000 },
            window: { credits },
            order,
            ports: clock.ports,
          }).start();
          await clock.runUntil(running.done, LONG_MS);
          expect(
            [...outcomes].sort(([one], [other]) => one - other).map(([body, { length }]) => [body, length]),
          ).toEqual([...items.keys()].map((body) => [body, 1]));
          for (const { bodies } of made) {
            expect(bodies.length).toBeLessThanOrEqual(maxCount);
            expect(bodies.length).toBeGreaterThan(0);
          }
          if (idempotent) return;
          made.forEach(({ bodies, how }, at) => {
            if (how !== "throw" && how !== "hang" && how !== "Unconfirmed") return;
            const again = made.slice(at + 1).flatMap((call) => call.bodies);
            for (const body of bodies) {
              expect(again).not.toContain(body);
              expect(outcomes.get(body)).toEqual([how === "throw" ? "Bug" : "Unconfirmed"]);
            }
          });
        },
      ),
      RUNS,
    );
  });

  it("finds the few items that spoil their batches, and only those become dead letters", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.nat(59), { maxLength: 3 }),
        fc.constantFrom("throws", "fails"),
        async (count, bad, how) => {
          const clock = new VirtualClock();
          const sink = memoryDeadLetters();
          let calls = 0;
          const running = pipeline({
            name: "spoilt",
            source: fromIterable("numbers", Array(count).keys()),
            flow: (numbers) =>
              numbers.pipe(
                batchStage({
                  name: "write",
                  maxCount: 32,
                  work: async (bodies: readonly number[]) => {
                    calls += 1;
                    const spoiling = bodies.find((body) => bad.includes(body));
                    if (spoiling === undefined) return bodies.map((body) => Result.succeed(body));
                    if (how === "throws") throw new TypeError(`a NUL in ${spoiling}`);
                    throw failureFor("Permanent", `a NUL in ${spoiling}`, 0);
                  },
                }),
              ),
            diversions: { write: deadLetter },
            deadLetters: sink,
            ports: clock.ports,
          }).start();
          await clock.runUntil(running.done, LONG_MS);
          const spoilt = [...new Set(bad.filter((body) => body < count))].sort((one, other) => one - other);
          expect(sink.letters.map(({ body }) => Number(body)).sort((one, other) => one - other)).toEqual(
            spoilt,
          );
          // each is found by halving: two calls more for each time its batch is halved
          expect(calls).toBeLessThanOrEqual(Math.ceil(count / 32) + 1 + spoilt.length * 2 * 5);
        },
      ),
      RUNS,
    );
  });
});

describe("a fall-back in a pipeline", () => {
  it("takes over exactly what left there for a reason that it is for, from the body that was given, once", async () => {
    const tags: readonly DivertedTag[] = [...FAILURE_TAGS, "Bug"];
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          first: fc.array(fc.array(anyBehaviour(), { maxLength: 1 }), { minLength: 1, maxLength: 12 }),
          second: fc.array(fc.array(anyBehaviour(), { maxLength: 1 }), { maxLength: 12 }),
          reasons: fc.subarray([...tags]),
          order: fc.constantFrom<Order>("unordered", "byKey"),
          credits: fc.integer({ min: 1, max: 6 }),
        }),
        async ({ first, second, reasons, order, credits }) => {
          const clock = new VirtualClock();
          const work = new ScriptedWork(clock);
          const log = new MemoryLog<number>(1);
          first.forEach((_, body) => log.append("0", String(body % 3), body));
          log.end();
          const left: string[] = [];
          const note = ({
            stage: name,
            envelope,
            failure,
          }: {
            readonly stage: string;
            readonly envelope: { readonly body: unknown };
            readonly failure: { readonly _tag: string };
          }) => {
            left.push(`${name} ${String(envelope.body)} ${failure._tag}`);
            return done();
          };
          const email = work.for("email", first);
          const sms = work.for("sms", second);
          const events: PipelineEvent[] = [];
          const running = pipeline({
            name: "either way",
            source: log.reader("log"),
            flow: (numbers) =>
              numbers.pipe(
                stage({
                  name: "email",
                  retry: false,
                  work: (body: number, context) => {
                    const answer = email(body, context);
                    if (Effect.isEffect(answer)) return Effect.map(answer, String);
                    return typeof answer === "number" ? String(answer) : answer.then(String);
                  },
                }),
                fallBack({
                  from: "email",
                  when: ({ _tag }) => reasons.includes(_tag),
                  to: stage({ name: "sms", retry: false, work: sms }),
                }),
              ),
            diversions: { email: note, sms: note },
            deadLetters: memoryDeadLetters(),
            breaker: { bugs: 1_000 },
            window: { credits },
            order,
            ports: clock.ports,
          }).start();
          running.on((event) => events.push(event));
          await clock.runUntil(running.done, LONG_MS);
          const expectedLeft: string[] = [];
          const tagOf = (answer: Answer | undefined): DivertedTag | null =>
            answer === undefined || answer === "value" ? null : answer === "throw" ? "Bug" : answer;
          first.forEach(([behaviour], body) => {
            const tag = tagOf(behaviour?.answer);
            const isTakenOver = tag !== null && reasons.includes(tag);
            expect(work.callsOf("email", body).length).toBe(1);
            expect(work.callsOf("sms", body).length).toBe(isTakenOver ? 1 : 0);
            if (!isTakenOver && tag !== null) expectedLeft.push(`email ${body} ${tag}`);
            const secondTag = isTakenOver ? tagOf(second[body]?.[0]?.answer) : null;
            if (secondTag !== null) expectedLeft.push(`sms ${body} ${secondTag}`);
          });
          expect([...left].sort()).toEqual([...expectedLeft].sort());
          expect(events.filter(({ type }) => type === "item:settle:done").length).toBe(first.length);
          expect(log.committed("0")).toBe(first.length);
        },
      ),
      RUNS,
    );
  });
});
