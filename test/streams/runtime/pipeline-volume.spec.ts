import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Effect, Result } from "effect";
import type { Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import {
  batchStage,
  deadLetter,
  type Diversion,
  fromIterable,
  memoryDeadLetters,
  type Order,
  pipeline,
  type Rail,
  stage,
  step,
} from "../../../src/index.ts";

setFlagsFromString("--expose-gc");
// what the flag makes is known to the engine, not to the types
const collectGarbage = runInNewContext("gc") as () => void;

const heapMb = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1024 / 1024;
};

const MANY = 100_000;

/** Looks at the heap when a fifth of the records have come, and when all have; the window is what it should depend on. */
function* records(heaps: number[]): Generator<number> {
  for (let body = 0; body < MANY; body += 1) {
    if (body === MANY / 5) heaps.push(heapMb());
    yield body;
  }
  heaps.push(heapMb());
}

const MOST_MB = 5;

const run = async (
  flow: (numbers: Observable<Rail<number>>) => Observable<Rail<number, Diversion>>,
  order: Order,
): Promise<{ readonly grewMb: number; readonly how: string }> => {
  const heaps: number[] = [];
  let isFirst = true;
  const elements: Iterable<number> = {
    [Symbol.iterator]: () => {
      if (!isFirst) throw new Error("it was begun twice");
      isFirst = false;
      return records(heaps);
    },
  };
  const running = pipeline({
    name: "many",
    source: fromIterable("many", elements, { key: (body) => String(body % 100) }),
    flow,
    diversions: { a: deadLetter, b: deadLetter, c: deadLetter },
    deadLetters: memoryDeadLetters(),
    window: { credits: 1_000 },
    order,
  }).start();
  const { how } = await running.done;
  const [early = 0, late = 0] = heaps;
  return { grewMb: late - early, how };
};

describe("a hundred thousand records", () => {
  const flows: Readonly<
    Record<string, (numbers: Observable<Rail<number>>) => Observable<Rail<number, Diversion>>>
  > = {
    "steps that answer at once": (numbers) =>
      numbers.pipe(
        step({ name: "a", work: (body: number) => body + 1 }),
        stage({ name: "b", work: (body: number) => body + 1 }),
        step({ name: "c", work: (body: number) => body + 1 }),
      ),
    "stages that answer by a promise": (numbers) =>
      numbers.pipe(
        stage({ name: "a", work: async (body: number) => body + 1 }),
        stage({ name: "b", concurrency: 10, work: async (body: number) => body + 1 }),
      ),
    "a batch stage": (numbers) =>
      numbers.pipe(
        batchStage({
          name: "a",
          work: async (bodies: readonly number[]) => bodies.map((body) => Result.succeed(body)),
        }),
      ),
    "a stage of effects": (numbers) =>
      numbers.pipe(stage({ name: "a", work: (body: number) => Effect.succeed(body) })),
  };

  for (const [through, flow] of Object.entries(flows)) {
    for (const order of ["unordered", "byKey"] as const) {
      it(`go through ${through}, ${order}, in a memory that does not grow`, async () => {
        const { grewMb, how } = await run(flow, order);
        expect(how).toBe("completed");
        expect(grewMb).toBeLessThan(MOST_MB);
      });
    }
  }
});
