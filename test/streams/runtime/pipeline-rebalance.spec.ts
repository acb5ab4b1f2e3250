import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deadLetter,
  type LogReader,
  memoryDeadLetters,
  MemoryLog,
  pipeline,
  type Running,
  stage,
} from "../../../src/index.ts";
import { ScriptedWork } from "../../support/scripted-work.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const RUNS = { numRuns: 1000 };

interface Durations {
  readonly as: "promise" | "effect";
  readonly afterMs: number;
}

const anyDurations: fc.Arbitrary<readonly Durations[]> = fc.array(
  fc.record({ as: fc.constantFrom("promise", "effect"), afterMs: fc.integer({ min: 1, max: 100 }) }),
  { minLength: 1, maxLength: 12 },
);

/** One stage, wide enough for all, on a log of one partition. */
const wide = (
  durations: readonly Durations[],
  credits: number,
): {
  readonly clock: VirtualClock;
  readonly work: ScriptedWork;
  readonly log: MemoryLog<number>;
  readonly reader: LogReader<number>;
  readonly running: Running;
} => {
  const clock = new VirtualClock();
  const work = new ScriptedWork(clock);
  const log = new MemoryLog<number>(1);
  durations.forEach((_, body) => log.append("0", String(body), body));
  const reader = log.reader("log");
  const script = durations.map(({ as, afterMs }) => [
    { as, afterMs, answer: "value", heedsSignal: true } as const,
  ]);
  const running = pipeline({
    name: "wide",
    source: reader,
    flow: (items) => items.pipe(stage({ name: "work", work: work.for("work", script) })),
    diversions: { work: deadLetter },
    deadLetters: memoryDeadLetters(),
    window: { credits },
    ports: clock.ports,
  }).start();
  return { clock, work, log, reader, running };
};

describe("a partition that is taken away", () => {
  it("takes nothing new, ends what it has in hand until the deadline, and has committed it when it is let go", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDurations,
        fc.integer({ min: 1, max: 8 }),
        fc.nat(60),
        fc.nat(120),
        async (durations, credits, atMs, deadlineMs) => {
          const { clock, work, log, reader, running } = wide(durations, credits);
          await clock.advance(atMs);
          const inHand = work.running.map(({ body, beganMs }) => beganMs + (durations[body]?.afterMs ?? 0));
          const begun = work.calls.length;
          const lastMs = Math.max(atMs, ...inHand);
          const goneMs = Math.min(lastMs, atMs + deadlineMs);
          const gone = Effect.runPromise(reader.revoke("0", deadlineMs));
          await clock.runUntil(gone, deadlineMs);
          expect(clock.nowMs).toBe(goneMs);
          await clock.settle();
          let next = 0;
          while (
            work.calls.some(({ body, endedMs }) => body === next && endedMs !== null && endedMs <= goneMs)
          )
            next += 1;
          expect(log.committed("0")).toBe(next);
          await clock.advance(1_000);
          // what ends later is no longer ours to commit
          expect(log.committed("0")).toBe(next);
          expect(work.calls.length).toBe(begun);
          expect(running.health()).toMatchObject({
            inFlight: 0,
            partitions: [{ epoch: null, unfinished: 0 }],
          });
          await clock.runUntil(running.abort(), 1_000);
        },
      ),
      RUNS,
    );
  });

  it("and comes back while its records are still worked on: they are recognised, done once, and committed anew", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDurations,
        fc.array(fc.record({ afterMs: fc.nat(30), how: fc.constantFrom("lose", "assign anew") }), {
          maxLength: 4,
        }),
        async (durations, moves) => {
          const { clock, work, log, reader, running } = wide(durations, 100); // room for all to come again at once
          await clock.settle();
          const redone = new Set<number>();
          for (const { afterMs, how } of moves) {
            await clock.advance(afterMs);
            // what ended above the watermark and could not be committed is done again
            const committed = log.committed("0");
            for (const { body, endedMs } of work.calls)
              if (endedMs !== null && body >= committed) redone.add(body);
            if (how === "lose") reader.lose("0");
            reader.assign("0");
          }
          log.end();
          await clock.runUntil(running.done, 10_000);
          expect(log.committed("0")).toBe(durations.length);
          for (const body of durations.keys()) {
            const times = work.callsOf("work", body).length;
            if (redone.has(body)) expect(times).toBeGreaterThanOrEqual(2);
            else expect(times).toBe(1);
          }
        },
      ),
      RUNS,
    );
  });
});
