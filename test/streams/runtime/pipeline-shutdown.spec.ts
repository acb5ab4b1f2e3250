import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  deadLetter,
  fromIterable,
  memoryDeadLetters,
  type OffsetSource,
  MemoryLog,
  pipeline,
  stage,
  Transient,
} from "../../../src/index.ts";
import { CountedPorts } from "../../support/counted-ports.ts";
import { ending } from "../../support/endings.ts";
import {
  anyLogStory,
  Books,
  CLOSE_WITHIN_MS,
  filled,
  type LogStory,
  rebalance,
  worldOf,
} from "../../support/log-story.ts";
import { ScriptedWork, type Behaviour } from "../../support/scripted-work.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const LONG_MS = 36_000_000;
const RUNS = { numRuns: 1000 };

/** Opening and pulling, work given up, the last writes, closing the source: each of these waits is bounded. */
const CLOSED_MS = 4 * CLOSE_WITHIN_MS;

const heal = async (story: LogStory, log: MemoryLog<number>, books: Books): Promise<void> => {
  const clock = new VirtualClock();
  const { start } = worldOf(
    { ...story, faults: {}, rebalances: [], first: [], second: [] },
    log,
    clock,
    books,
  );
  log.end();
  await clock.runUntil(start().done, LONG_MS);
};

describe("draining and aborting", () => {
  it("end in time, however often and whenever asked, and nothing of the pipeline goes on after that", async () => {
    const stop = fc.record({
      atMs: fc.nat(160),
      how: fc.constantFrom("drain", "abort"),
      deadlineMs: fc.nat(80),
    });
    await fc.assert(
      fc.asyncProperty(
        anyLogStory,
        fc.array(stop, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(0, 50),
        fc.constantFrom(1, 200),
        async (story, stops, everyMs, firstMs) => {
          const clock = new VirtualClock();
          const counted = new CountedPorts(clock.ports);
          const books = new Books(story);
          const log = filled(story);
          const { reader, work, start } = worldOf(story, log, clock, books);
          rebalance(story, reader, clock);
          const running = start({
            ports: counted,
            commit: { everyMs },
            restarts: { most: 100_000, withinMs: 1, firstMs, capMs: firstMs },
          });
          let begunWhenAborted = Infinity;
          const ask = ({ how, deadlineMs }: (typeof stops)[number]): void => {
            if (how === "abort") begunWhenAborted = Math.min(begunWhenAborted, work.calls.length);
            (how === "drain" ? running.drain(deadlineMs) : running.abort()).catch(() => undefined);
          };
          for (const each of stops) {
            if (each.atMs === 0) ask(each);
            else
              clock.after(each.atMs, () => {
                ask(each);
              });
          }
          const end = ending(running);
          const latest = Math.min(
            ...stops.map(({ atMs, how, deadlineMs }) => atMs + (how === "drain" ? deadlineMs : 0)),
          );
          await clock.runUntil(end, latest + 2 * CLOSED_MS);
          expect(counted.timers).toBe(0);
          const calls = work.calls.length;
          expect(calls).toBeLessThanOrEqual(begunWhenAborted);
          const { sourceCalls } = books;
          const events = books.events.length;
          for (const each of stops) ask(each);
          await clock.advance(LONG_MS);
          expect(counted.timers).toBe(0);
          expect(work.calls.length).toBe(calls);
          expect(books.sourceCalls).toBe(sourceCalls);
          expect(books.events.length).toBe(events);
          expect(running.health()).toMatchObject({ state: "ended", inFlight: 0 });
          await heal(story, log, books);
          expect(books.violations).toEqual([]);
          expect(books.unfinished).toEqual([]);
        },
      ),
      RUNS,
    );
  });

  const anyDurations = fc.array(
    fc.record({ as: fc.constantFrom("promise", "effect"), afterMs: fc.integer({ min: 1, max: 100 }) }),
    { minLength: 1, maxLength: 12 },
  );

  /** One stage, wide enough for all: whatever is let in runs at once. */
  const wide = (
    durations: readonly Pick<Behaviour, "as" | "afterMs">[],
    credits: number,
    heedsSignal: boolean,
  ) => {
    const clock = new VirtualClock();
    const ports = new CountedPorts(clock.ports);
    const work = new ScriptedWork(clock);
    const log = new MemoryLog<number>(1);
    durations.forEach((_, body) => log.append("0", String(body), body));
    const script = durations.map(({ as, afterMs }) => [
      { as, afterMs, answer: "value", heedsSignal } as const,
    ]);
    const running = pipeline({
      name: "wide",
      source: log.reader("log"),
      flow: (items) => items.pipe(stage({ name: "work", work: work.for("work", script) })),
      diversions: { work: deadLetter },
      deadLetters: memoryDeadLetters(),
      window: { credits },
      closeWithinMs: CLOSE_WITHIN_MS,
      ports,
    }).start();
    return { clock, ports, work, log, running };
  };

  it("drain: waits for what runs until the deadline, begins nothing new, commits, and hands the rest back", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDurations,
        fc.integer({ min: 1, max: 6 }),
        fc.nat(80),
        fc.nat(60),
        async (durations, credits, atMs, deadlineMs) => {
          const { clock, work, log, running } = wide(durations, credits, true);
          await clock.advance(atMs);
          const inHand = work.running.map(({ body, beganMs }) => ({
            body,
            endsMs: beganMs + (durations[body]?.afterMs ?? 0),
          }));
          const done = new Set(work.calls.filter(({ endedMs }) => endedMs !== null).map(({ body }) => body));
          const begun = work.calls.length;
          const drained = running.drain(deadlineMs);
          await clock.runUntil(drained, deadlineMs + CLOSED_MS);
          const late = inHand.filter(({ endsMs }) => endsMs > atMs + deadlineMs);
          for (const { body, endsMs } of inHand) if (endsMs <= atMs + deadlineMs) done.add(body);
          let next = 0;
          while (done.has(next)) next += 1;
          expect(await drained).toEqual({ how: "drained", lives: 1, handedBack: late.length });
          expect(work.calls.length).toBe(begun);
          expect(log.committed("0")).toBe(next);
          // it ends as soon as there is nothing to wait for
          const lastMs = Math.max(atMs, ...inHand.map(({ endsMs }) => endsMs));
          expect(clock.nowMs).toBe(Math.min(lastMs, atMs + deadlineMs));
        },
      ),
      RUNS,
    );
  });

  it("abort: tells everything to stop at once, and waits a moment only for what does not listen", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDurations,
        fc.integer({ min: 1, max: 6 }),
        fc.nat(80),
        fc.boolean(),
        async (durations, credits, atMs, heedsSignal) => {
          const { clock, ports, work, running } = wide(durations, credits, heedsSignal);
          await clock.advance(atMs);
          const inHand = work.running;
          const deaf = inHand.filter(({ body }) => durations[body]?.as === "promise" && !heedsSignal);
          const begun = work.calls.length;
          const aborted = running.abort();
          await clock.runUntil(aborted, CLOSED_MS);
          expect(await aborted).toEqual({ how: "aborted", lives: 1, handedBack: inHand.length });
          expect(work.calls.length).toBe(begun);
          for (const call of inHand) if (!deaf.includes(call)) expect(call.endedMs).toBe(atMs);
          const lastMs = Math.max(
            atMs,
            ...deaf.map(({ body, beganMs }) => beganMs + (durations[body]?.afterMs ?? 0)),
          );
          expect(clock.nowMs).toBe(Math.min(lastMs, atMs + CLOSE_WITHIN_MS));
          // the deadlines of calls that will not end are nobody's any more
          expect(ports.timers).toBe(0);
        },
      ),
      RUNS,
    );
  });

  it("may be asked for before the first record, and then nothing is opened", async () => {
    for (const how of ["drain", "abort"] as const) {
      const { clock, work, running } = wide([{ as: "promise", afterMs: 1 }], 1, true);
      const first = running[how]();
      const second = running[how]();
      await clock.runUntil(Promise.all([first, second]), 0);
      expect(await first).toEqual({ how: how === "drain" ? "drained" : "aborted", lives: 0, handedBack: 0 });
      expect(await second).toBe(await first);
      expect(work.calls).toEqual([]);
      expect(clock.timers).toBe(0);
    }
  });

  it("may be asked for while it waits to be started again, or closes what failed: there is nothing to wait for", async () => {
    for (const how of ["drain", "abort"] as const) {
      for (const atMs of [0, 5, 50]) {
        const clock = new VirtualClock();
        const counted = new CountedPorts(clock.ports);
        const broken: OffsetSource<number> = {
          ...fromIterable("numbers", [1, 2, 3]),
          pull: () => Effect.fail(new Transient({ message: "the broker is away" })),
          close: Effect.sleep(10),
        };
        const running = pipeline({
          name: "failing",
          source: broken,
          flow: (items) => items.pipe(stage({ name: "work", work: (body: number) => body })),
          diversions: { work: deadLetter },
          deadLetters: memoryDeadLetters(),
          restarts: { firstMs: 100 },
          ports: counted,
        }).start();
        await clock.advance(atMs);
        const ended = running[how](1_000);
        await clock.runUntil(ended, 10);
        expect(await ended).toEqual({
          how: how === "drain" ? "drained" : "aborted",
          lives: 1,
          handedBack: 0,
        });
        expect(counted.timers).toBe(0);
      }
    }
  });

  it("ends where its source cannot be closed, throws there, or takes too long, and says so", async () => {
    const closes = {
      "the broker is away": Effect.fail(new Transient({ message: "the broker is away" })),
      TypeError: Effect.sync(() => {
        throw new TypeError("of somebody");
      }),
      "it has not ended within 200 ms": Effect.never,
    };
    for (const [words, close] of Object.entries(closes)) {
      const clock = new VirtualClock();
      const running = pipeline({
        name: "closing",
        source: { ...fromIterable("numbers", [1, 2, 3]), close },
        flow: (items) => items.pipe(stage({ name: "work", work: (body: number) => body })),
        diversions: { work: deadLetter },
        deadLetters: memoryDeadLetters(),
        closeWithinMs: 200,
        ports: clock.ports,
      }).start();
      const told: string[] = [];
      running.on((event) => {
        if (event.type === "source:close:failed") told.push(event.reason);
      });
      await clock.runUntil(running.done, 1_000);
      expect(told).toEqual([expect.stringContaining(words)]);
      expect(told[0]).not.toContain("somebody");
    }
  });
});
