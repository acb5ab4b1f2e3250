import fc from "fast-check";
import { Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import { Slots } from "../../../src/streams/runtime/slots.ts";

interface Item {
  readonly number: number;
}

/** Slots under a subscriber that keeps what comes out; `work` decides when an item has ended. */
class Bench {
  readonly began: number[] = [];
  readonly came: number[] = [];
  out = 0;
  mostOut = 0;
  completions = 0;
  slots: Slots<Item, Item> | null = null;
  readonly subscription;

  constructor(width: number, work: (item: Item, ended: (out: Item | null) => void) => void, slotsABank = 64) {
    this.subscription = new Observable<Item>((subscriber) => {
      const slots: Slots<Item, Item> = new Slots<Item, Item>(
        {
          ...{ width, slotsABank },
          work: (item, bank) => {
            this.began.push(item.number);
            this.out += 1;
            this.mostOut = Math.max(this.mostOut, this.out);
            work(item, (out) => {
              this.out -= 1;
              slots.ended(bank, out);
            });
          },
        },
        subscriber,
      );
      this.slots = slots;
      return () => {
        slots.stop();
      };
    }).subscribe({
      next: ({ number }) => {
        this.came.push(number);
      },
      complete: () => {
        this.completions += 1;
      },
    });
  }

  push(count: number, from = 0): void {
    for (let number = from; number < from + count; number += 1) this.slots?.push({ number });
  }
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);

describe("slots", () => {
  it("work on as many items at once as they are wide, and take the next when one has ended", () => {
    const ends: (() => void)[] = [];
    const bench = new Bench(2, (item, ended) => {
      ends.push(() => {
        ended(item);
      });
    });
    bench.push(4);
    expect(bench.began).toEqual([0, 1]);
    ends[1]?.();
    expect(bench.began).toEqual([0, 1, 2]);
    expect(bench.came).toEqual([1]);
    ends[0]?.();
    ends[3]?.();
    ends[2]?.();
    expect(bench.came).toEqual([1, 0, 3, 2]);
  });

  it("complete when they are closed and the last work has ended, and not before", () => {
    const ends: (() => void)[] = [];
    const bench = new Bench(1, (item, ended) => {
      ends.push(() => {
        ended(item);
      });
    });
    bench.push(2);
    bench.slots?.close();
    ends[0]?.();
    expect(bench.completions).toBe(0);
    ends[1]?.();
    expect(bench.completions).toBe(1);
    const idle = new Bench(3, () => undefined);
    idle.slots?.close();
    expect(idle.completions).toBe(1);
  });

  it("never work on more than they are wide, begin in order, and let each item out once, in every interleaving", async () => {
    const one = fc.constantFrom("at once", "later", "at once, with nothing", "later, with nothing");
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(one, { maxLength: 25 }),
        fc.nat({ max: 25 }),
        fc.scheduler(),
        async (width, slotsABank, manners, pushedFirst, scheduler) => {
          const ends: Promise<void>[] = [];
          const bench = new Bench(
            width,
            (item, ended) => {
              const manner = manners[item.number] ?? "at once";
              const out = manner.endsWith("nothing") ? null : item;
              if (manner.startsWith("at once")) ended(out);
              else {
                const end = scheduler.schedule(Promise.resolve(), `${item.number} ends`).then(() => {
                  ended(out);
                });
                ends.push(end);
              }
            },
            slotsABank,
          );
          const first = Math.min(pushedFirst, manners.length);
          bench.push(first);
          const rest = scheduler.schedule(Promise.resolve(), "the rest comes").then(() => {
            bench.push(manners.length - first, first);
            bench.slots?.close();
          });
          await scheduler.waitFor(rest);
          await scheduler.waitIdle();
          await Promise.all(ends);
          expect(bench.mostOut).toBeLessThanOrEqual(width);
          expect(bench.began).toEqual(upTo(manners.length));
          expect([...bench.came].sort((a, b) => a - b)).toEqual(
            upTo(manners.length).filter((number) => !(manners[number] ?? "").endsWith("nothing")),
          );
          expect(bench.completions).toBe(1);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("use their whole width: nobody waits while a slot is free", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.oneof(fc.constant("push" as const), fc.nat({ max: 20 })), { maxLength: 60 }),
        (width, slotsABank, orders) => {
          const ends: (() => void)[] = [];
          const bench = new Bench(
            width,
            (item, ended) => {
              const end = (): void => {
                ends.splice(ends.indexOf(end), 1);
                ended(item);
              };
              ends.push(end);
            },
            slotsABank,
          );
          let pushed = 0;
          for (const given of orders) {
            if (given === "push") bench.push(1, pushed++);
            else ends[given % Math.max(1, ends.length)]?.();
            expect(bench.out).toBe(Math.min(width, pushed - bench.came.length));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("do not recurse: a hundred thousand items that end at once, behind one that did not", () => {
    let release: () => void = () => undefined;
    const bench = new Bench(1, (item, ended) => {
      if (item.number > 0) ended(item);
      else
        release = () => {
          ended(item);
        };
    });
    bench.push(100_000);
    expect(bench.began).toEqual([0]);
    release();
    expect(bench.came).toHaveLength(100_000);
  });

  it("let nothing more begin, and nothing out, once they are stopped", () => {
    const ends: (() => void)[] = [];
    const bench = new Bench(1, (item, ended) => {
      ends.push(() => {
        ended(item);
      });
    });
    bench.push(5);
    bench.subscription.unsubscribe();
    ends[0]?.();
    expect(bench.began).toEqual([0]);
    expect(bench.came).toEqual([]);
    expect(bench.completions).toBe(0);
  });

  it("open no more banks than were ever needed at once, and those no wider than all together may be", () => {
    const widths = new Set<number>();
    let out = 0;
    const subscription = new Observable<Item>((subscriber) => {
      const slots = new Slots<Item, Item>(
        { width: 5, slotsABank: 2, work: (_item, bank) => void widths.add((out += 1) && bank.width) },
        subscriber,
      );
      for (let number = 0; number < 10; number += 1) slots.push({ number });
    }).subscribe();
    expect(out).toBe(5);
    expect([...widths]).toEqual([2, 1]);
    subscription.unsubscribe();
  });

  it("need one bank only for what ends at once, however wide they may be", () => {
    const bench = new Bench(1_000_000_000, (item, ended) => {
      ended(item);
    });
    bench.push(1_000);
    bench.slots?.close();
    expect(bench.mostOut).toBe(1);
    expect(bench.completions).toBe(1);
  });
});
