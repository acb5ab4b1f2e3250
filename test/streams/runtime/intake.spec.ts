import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Failure, Transient } from "../../../src/failure.ts";
import { DelayRoom } from "../../../src/streams/runtime/delay-room.ts";
import { Intake } from "../../../src/streams/runtime/intake.ts";
import type { Pulled, PullLimit } from "../../../src/streams/runtime/source.ts";
import { Window } from "../../../src/streams/runtime/window.ts";
import { LoneHost } from "../../support/lone-host.ts";

/** A source of numbers in which there is as much as was put in, and which hands over when there is something. */
class Well {
  readonly asked: PullLimit[] = [];
  #stock = 0;
  #next = 0;
  #isEnded = false;
  #waiting: (() => void) | null = null;
  interruptions = 0;

  put(count: number): void {
    this.#stock += count;
    this.#waiting?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#waiting?.();
  }

  readonly pull = (limit: PullLimit): Effect.Effect<Pulled<number>, Failure> =>
    Effect.callback((resume) => {
      this.asked.push(limit);
      const look = (): void => {
        if (this.#stock === 0 && !this.#isEnded) return;
        this.#waiting = null;
        const count = Math.min(this.#stock, limit.records);
        this.#stock -= count;
        const records = Array.from({ length: count }, () => this.#next++);
        resume(Effect.succeed({ records, ended: this.#isEnded && this.#stock === 0 }));
      };
      this.#waiting = look;
      look();
      return Effect.sync(() => {
        this.interruptions += 1;
        this.#waiting = null;
      });
    });
}

/** An intake whose admitted records hold their credits until they are let go of. */
class Taking extends LoneHost {
  readonly well = new Well();
  readonly admitted: number[] = [];
  readonly again: string[] = [];
  readonly failures: string[] = [];
  readonly window: Window;
  readonly room: DelayRoom;
  readonly intake: Intake<number>;
  ended = 0;
  mostInFlight = 0;
  mayPull = true;

  constructor(
    credits: number,
    pull: ((limit: PullLimit) => Effect.Effect<Pulled<number>, Failure>) | null = null,
  ) {
    super();
    this.window = new Window({ credits, bytes: 1_000 }, () => {
      this.intake.wake();
    });
    this.room = new DelayRoom(1_000, this.ports.clock, () => {
      this.intake.replan();
    });
    this.intake = new Intake<number>({
      machinery: this,
      sourceName: "well",
      pull: pull ?? this.well.pull,
      mayPull: () => this.mayPull,
      window: this.window,
      room: this.room,
      admit: (record) => {
        this.admitted.push(record);
        this.#take();
      },
      mayEnterAgain: () => this.window.freeRecords > 0,
      admitAgain: ({ record }) => {
        this.again.push(record);
        this.#take();
      },
      ended: () => {
        this.ended += 1;
      },
      failed: ({ message }) => {
        this.failures.push(message);
      },
    });
  }

  #take(): void {
    this.window.take(1);
    this.mostInFlight = Math.max(this.mostInFlight, this.window.inFlight);
  }
}

describe("the intake", () => {
  it("asks for no more than there are free credits, and again when there are more", async () => {
    const taking = new Taking(4);
    taking.well.put(100);
    taking.intake.start();
    await taking.clock.settle();
    expect(taking.admitted).toEqual([0, 1, 2, 3]);
    expect(taking.well.asked).toEqual([{ records: 4, bytes: 1_000 }]);
    taking.window.give(1);
    taking.window.give(1);
    await taking.clock.settle();
    expect(taking.well.asked.slice(1)).toEqual([{ records: 2, bytes: 998 }]);
    expect(taking.admitted).toHaveLength(6);
  });

  it("asks for nothing before it is started, whoever wakes it", async () => {
    const taking = new Taking(4);
    taking.intake.wake();
    taking.intake.replan();
    await taking.clock.settle();
    expect(taking.well.asked).toEqual([]);
  });

  it("asks for nothing while something else than the window forbids it, but lets later tries in", async () => {
    const taking = new Taking(4);
    taking.mayPull = false;
    taking.well.put(10);
    taking.intake.start();
    taking.room.park(taking.ticket(), 100);
    await taking.clock.advance(1_000);
    expect(taking.well.asked).toEqual([]);
    expect(taking.again).toEqual(["0@0"]);
    taking.mayPull = true;
    taking.intake.wake();
    await taking.clock.settle();
    expect(taking.admitted).toEqual([0, 1, 2]);
  });

  it("asks again for less when the window has shrunk under a pull that waits", async () => {
    const taking = new Taking(4);
    taking.intake.start();
    await taking.clock.settle();
    taking.window.resize({ credits: 2 });
    taking.intake.replan();
    await taking.clock.settle();
    expect(taking.well.asked.map(({ records }) => records)).toEqual([4, 2]);
    expect(taking.well.interruptions).toBe(1);
    taking.well.put(10);
    await taking.clock.settle();
    expect(taking.mostInFlight).toBe(2);
  });

  it("lets a later try that is due in first, though a pull had been promised all credits", async () => {
    const taking = new Taking(1);
    taking.intake.start();
    await taking.clock.settle();
    taking.room.park(taking.ticket(), 100);
    await taking.clock.advance(100);
    expect(taking.again).toEqual(["0@0"]);
    taking.well.put(10);
    await taking.clock.settle();
    expect(taking.admitted).toEqual([]);
    taking.window.give(1);
    await taking.clock.settle();
    expect(taking.admitted).toEqual([0]);
  });

  it("tells once that its source has ended, and lets later tries in after that too", async () => {
    const taking = new Taking(4);
    taking.well.put(2);
    taking.well.end();
    taking.intake.start();
    taking.room.park(taking.ticket(), 100);
    await taking.clock.advance(1_000);
    expect(taking.ended).toBe(1);
    expect(taking.admitted).toEqual([0, 1]);
    expect(taking.again).toEqual(["0@0"]);
    taking.window.give(1);
    await taking.clock.settle();
    expect(taking.well.asked).toHaveLength(1);
  });

  it("lets nothing in any more once it is stopped", async () => {
    const taking = new Taking(4);
    taking.intake.start();
    taking.room.park(taking.ticket(), 100);
    await taking.clock.settle();
    taking.intake.stop();
    await taking.intake.idle();
    taking.well.put(10);
    await taking.clock.advance(1_000);
    expect(taking.admitted).toEqual([]);
    expect(taking.again).toEqual([]);
    expect(taking.well.interruptions).toBe(1);
  });

  it("waits for a pull that does not heed its interruption, and lets nothing in that it brings", async () => {
    const taking = new Taking(4, () =>
      Effect.uninterruptible(Effect.as(Effect.sleep(100), { records: [7], ended: false })),
    );
    taking.intake.start();
    await taking.clock.advance(50);
    taking.intake.stop();
    taking.intake.close();
    let isIdle = false;
    const idle = taking.intake.idle().then(() => {
      isIdle = true;
    });
    await taking.clock.advance(49);
    expect(isIdle).toBe(false);
    await taking.clock.runUntil(idle, 10);
    expect(taking.admitted).toEqual([]);
  });

  it("says nothing of a pull that breaks when it is told to stop, once it is closed", async () => {
    const taking = new Taking(4, () =>
      Effect.onInterrupt(Effect.never, () => Effect.die(new Error("broken"))),
    );
    taking.intake.start();
    await taking.clock.settle();
    taking.intake.close();
    taking.intake.stop();
    await taking.clock.settle();
    expect(taking.failures).toEqual([]);
  });

  it("fails by whatever is wrong with a pull, and asks no more after that", async () => {
    const wrong: readonly (readonly [string, () => Effect.Effect<Pulled<number>, Failure>])[] = [
      ["the broker is gone", () => Effect.fail(new Transient({ message: "the broker is gone" }))],
      ["x is not a function", () => Effect.die(new TypeError("x is not a function"))],
      [
        "y is not a function",
        () => {
          throw new TypeError("y is not a function");
        },
      ],
      [
        "was asked for 4 records and handed over 5",
        () => Effect.succeed({ records: [1, 2, 3, 4, 5], ended: false }),
      ],
      // no adapter of ours
      ["undefined", () => Effect.succeed(undefined as unknown as Pulled<number>)],
      ["null", () => Effect.succeed({ records: null, ended: false } as unknown as Pulled<number>)],
    ];
    for (const [message, pull] of wrong) {
      let calls = 0;
      const taking = new Taking(4, () => {
        calls += 1;
        return pull();
      });
      taking.intake.start();
      await taking.clock.settle();
      expect(taking.failures).toEqual([expect.stringContaining(message)]);
      expect(taking.admitted).toEqual([]);
      expect(calls).toBe(1);
    }
  });

  it("never has more in flight than credits, never asks for more than is free, and takes all there is in order", async () => {
    const order = fc.oneof(
      { weight: 4, arbitrary: fc.record({ put: fc.integer({ min: 1, max: 8 }) }) },
      { weight: 4, arbitrary: fc.record({ give: fc.integer({ min: 1, max: 4 }) }) },
      { weight: 2, arbitrary: fc.record({ park: fc.nat({ max: 40 }) }) },
      { weight: 3, arbitrary: fc.record({ advance: fc.nat({ max: 30 }) }) },
      { weight: 1, arbitrary: fc.record({ resize: fc.integer({ min: 1, max: 6 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(order, { maxLength: 40 }),
        async (start, orders) => {
          const taking = new Taking(start);
          const { window, clock, room, well, intake } = taking;
          const wrong: string[] = [];
          let credits = start;
          let parked = 0;
          let put = 0;
          intake.start();
          const give = (): void => {
            if (window.inFlight > 0) window.give(1);
          };
          for (const given of orders) {
            const before = window.inFlight;
            if ("put" in given) {
              put += given.put;
              well.put(given.put);
            } else if ("give" in given) for (let time = 0; time < given.give; time += 1) give();
            else if ("park" in given) {
              room.park(taking.ticket(), given.park);
              parked += 1;
            } else if ("advance" in given) await clock.advance(given.advance);
            else {
              const isSmaller = given.resize < credits;
              credits = given.resize;
              window.resize({ credits });
              if (isSmaller) intake.replan();
            }
            // what came in before a shrink is not thrown out; nothing comes in beyond the credits after it
            if (window.inFlight > Math.max(before, credits))
              wrong.push(`${window.inFlight} in flight of ${credits}`);
          }
          expect(wrong).toEqual([]);
          for (
            let round = 0;
            round < 1_000 && taking.admitted.length + taking.again.length < put + parked;
            round += 1
          ) {
            await clock.advance(50);
            while (window.inFlight > 0) give();
          }
          expect(taking.admitted).toEqual(Array.from({ length: put }, (_, number) => number));
          expect(new Set<string>(taking.again).size).toBe(parked);
          expect(taking.failures).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
