import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Failure, Transient } from "../../../src/failure.ts";
import { BatchedWrites } from "../../../src/streams/runtime/batched-writes.ts";
import { LoneHost } from "../../support/lone-host.ts";

class Writing extends LoneHost {
  readonly calls: (readonly number[])[] = [];
  readonly written: number[] = [];
  readonly failures: string[] = [];
  readonly writes: BatchedWrites<number>;
  out = 0;
  mostOut = 0;

  constructor(write: (items: readonly number[]) => Effect.Effect<void, Failure> = () => Effect.sleep(10)) {
    super();
    this.writes = new BatchedWrites(
      "letters",
      this,
      (items) =>
        Effect.suspend(() => {
          this.calls.push(items);
          this.out += 1;
          this.mostOut = Math.max(this.mostOut, this.out);
          return Effect.ensuring(
            write(items),
            Effect.sync(() => {
              this.out -= 1;
            }),
          );
        }),
      ({ message }) => {
        this.failures.push(message);
      },
    );
  }

  add(...items: readonly number[]): void {
    for (const item of items) this.writes.add(item, () => this.written.push(item));
  }
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);

describe("batched writes", () => {
  it("go out in one call for all that comes in one turn, and tell each when it is durable", async () => {
    const writing = new Writing();
    writing.add(1, 2, 3);
    await writing.clock.advance(9);
    expect(writing.calls).toEqual([[1, 2, 3]]);
    expect(writing.written).toEqual([]);
    await writing.clock.advance(1);
    expect(writing.written).toEqual([1, 2, 3]);
  });

  it("are idle when nothing is out and nothing waits, and tell who waits for that", async () => {
    const writing = new Writing();
    expect(writing.writes.isIdle).toBe(true);
    await writing.writes.idle();
    writing.add(1);
    let isIdle = false;
    const idle = writing.writes.idle().then(() => {
      isIdle = true;
    });
    await writing.clock.advance(5);
    writing.add(2);
    await writing.clock.advance(5);
    expect(isIdle).toBe(false);
    await writing.clock.runUntil(idle, 100);
    expect(writing.written).toEqual([1, 2]);
  });

  it("tell nobody that something is durable which is not, and who waits is let go", async () => {
    const writing = new Writing(() => Effect.fail(new Transient({ message: "the disk is full" })));
    writing.add(1, 2);
    await writing.clock.runUntil(writing.writes.idle(), 100);
    expect(writing.written).toEqual([]);
    expect(writing.failures).toEqual(["the disk is full"]);
  });

  it("fail by a sink that throws, too", async () => {
    const writing = new Writing(() => {
      throw new TypeError("x is not a function");
    });
    writing.add(1);
    await writing.clock.settle();
    expect(writing.failures).toEqual(["x is not a function"]);
    expect(writing.writes.isIdle).toBe(true);
  });

  it("go out one call at a time, in order, none of them too large, each thing once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: 1_500 }), fc.nat({ max: 20 })), { maxLength: 8 }),
        fc.array(fc.nat({ max: 25 }), { maxLength: 10 }),
        async (arrivals, delays) => {
          let nth = 0;
          const writing = new Writing(() => Effect.sleep(delays[nth++] ?? 0));
          let added = 0;
          for (const [count, ms] of arrivals) {
            writing.add(...upTo(count).map((number) => added + number));
            added += count;
            await writing.clock.advance(ms);
          }
          await writing.clock.advance(10_000);
          expect(writing.calls.flat()).toEqual(upTo(added));
          expect(writing.written).toEqual(upTo(added));
          expect(Math.max(0, ...writing.calls.map(({ length }) => length))).toBeLessThanOrEqual(1_000);
          expect(writing.calls.every(({ length }) => length > 0)).toBe(true);
          expect(writing.mostOut).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 200 },
    );
  });
});
