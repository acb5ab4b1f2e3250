import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Gathering } from "../../../src/streams/runtime/gathering.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

interface Item {
  readonly number: number;
  readonly bytes: number;
}

interface Limits {
  readonly concurrency: number;
  readonly maxCount: number;
  readonly maxBytes: number;
}

/** A gathering whose calls stay out until they are told to come back. */
class Gatherer {
  readonly clock = new VirtualClock();
  readonly begun: (readonly Item[])[] = [];
  readonly gathering: Gathering<Item>;
  emptied = 0;
  mostOut = 0;

  constructor({ concurrency, maxCount, maxBytes }: Limits) {
    this.gathering = new Gathering<Item>({
      concurrency,
      maxCount,
      maxBytes,
      bytesOf: ({ bytes }) => bytes,
      soon: (_item, run) => {
        this.clock.soon(run);
      },
      begin: (batch) => {
        this.begun.push(batch);
        this.mostOut = Math.max(this.mostOut, this.gathering.out);
      },
      empty: () => {
        this.emptied += 1;
      },
    });
  }

  add(count: number, bytes = 1): void {
    for (let number = 0; number < count; number += 1) this.gathering.add({ number, bytes });
  }
}

const roomy: Limits = { concurrency: 1, maxCount: 500, maxBytes: 1_000_000 };

describe("gathering", () => {
  it("begins a lone item as soon as the present turn is over, without any timer", async () => {
    const gatherer = new Gatherer(roomy);
    gatherer.add(1);
    expect(gatherer.begun).toEqual([]);
    const whatIsReadyAfterIt = new Promise<number>((resolve) => {
      gatherer.clock.soon(() => {
        resolve(gatherer.begun.length);
      });
    });
    expect(await whatIsReadyAfterIt).toBe(1);
    expect(gatherer.clock.timers).toBe(0);
    expect(gatherer.clock.nowMs).toBe(0);
  });

  it("makes one batch of what comes in one turn, and one of what comes while a call is out", async () => {
    const gatherer = new Gatherer(roomy);
    gatherer.add(100);
    await gatherer.clock.settle();
    for (let turn = 0; turn < 10; turn += 1) {
      gatherer.add(30);
      await gatherer.clock.settle();
    }
    expect(gatherer.begun.map(({ length }) => length)).toEqual([100]);
    gatherer.gathering.ended();
    await gatherer.clock.settle();
    expect(gatherer.begun.map(({ length }) => length)).toEqual([100, 300]);
  });

  it("lets a single item be larger than a batch may be, alone", async () => {
    const gatherer = new Gatherer({ concurrency: 9, maxCount: 10, maxBytes: 100 });
    for (const bytes of [60, 40, 1, 900, 100, 30]) gatherer.gathering.add({ number: bytes, bytes });
    await gatherer.clock.settle();
    expect(gatherer.begun.map((batch) => batch.map(({ bytes }) => bytes))).toEqual([
      [60, 40],
      [1],
      [900],
      [100],
      [30],
    ]);
  });

  it("never has too many batches out, never an empty or too large one, and never changes the order", async () => {
    const order = fc.oneof(
      { weight: 4, arbitrary: fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 20 }) },
      { weight: 3, arbitrary: fc.constant("a batch comes back" as const) },
      { weight: 2, arbitrary: fc.constant("a turn passes" as const) },
    );
    const limits = fc.record({
      concurrency: fc.integer({ min: 1, max: 4 }),
      maxCount: fc.integer({ min: 1, max: 12 }),
      maxBytes: fc.integer({ min: 1, max: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(limits, fc.array(order, { maxLength: 30 }), async (given, orders) => {
        const gatherer = new Gatherer(given);
        const { gathering, begun, clock } = gatherer;
        let added = 0;
        let back = 0;
        for (const one of orders) {
          if (Array.isArray(one)) {
            for (const bytes of one) gathering.add({ number: added++, bytes });
          } else if (one === "a turn passes") {
            await clock.settle();
            // nobody waits while a call could be made
            expect(gathering.waiting === 0 || gathering.out === given.concurrency).toBe(true);
          } else if (back < begun.length) {
            back += 1;
            gathering.ended();
          }
        }
        expect(gatherer.emptied).toBe(0);
        gathering.close();
        await clock.settle();
        while (back < begun.length) {
          expect(gatherer.emptied).toBe(0);
          back += 1;
          gathering.ended();
          await clock.settle();
        }
        expect(gatherer.emptied).toBe(1);
        expect(begun.flat().map(({ number }) => number)).toEqual(
          Array.from({ length: added }, (_, number) => number),
        );
        expect(gatherer.mostOut).toBeLessThanOrEqual(given.concurrency);
        for (const batch of begun) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(given.maxCount);
          const bytes = batch.reduce((sum, item) => sum + item.bytes, 0);
          expect(batch.length === 1 || bytes <= given.maxBytes).toBe(true);
        }
        expect(gathering.out).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("begins nothing once it is stopped, and does not call itself empty", async () => {
    const gatherer = new Gatherer(roomy);
    gatherer.add(3);
    gatherer.gathering.stop();
    gatherer.add(2);
    gatherer.gathering.close();
    await gatherer.clock.settle();
    expect(gatherer.begun).toEqual([]);
    expect(gatherer.emptied).toBe(0);
  });

  it("is empty at once when it is closed with nothing in it", () => {
    const gatherer = new Gatherer(roomy);
    gatherer.gathering.close();
    expect(gatherer.emptied).toBe(1);
  });

  it("does not recurse over a hundred thousand batches that come back at once", async () => {
    const clock = new VirtualClock();
    let calls = 0;
    const gathering: Gathering<Item> = new Gathering<Item>({
      concurrency: 1,
      maxCount: 1,
      maxBytes: 1,
      bytesOf: () => 0,
      soon: (_item, run) => {
        clock.soon(run);
      },
      begin: () => {
        calls += 1;
        gathering.ended();
      },
      empty: () => undefined,
    });
    for (let number = 0; number < 100_000; number += 1) gathering.add({ number, bytes: 0 });
    await clock.settle();
    expect(calls).toBe(100_000);
  });
});
