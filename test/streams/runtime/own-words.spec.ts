import { Effect } from "effect";
import { map, type Observable } from "rxjs";
import { describe, expect, it } from "vitest";
import {
  batchStage,
  deadLetter,
  type Diversion,
  fromIterable,
  memoryDeadLetters,
  Permanent,
  pipeline,
  type PipelineEvent,
  type PipelineOptions,
  type PullSource,
  type Rail,
  stage,
} from "../../../src/index.ts";
import { ending } from "../../support/endings.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

describe("what an unexpected throw says", () => {
  const ADDRESS = "kim.minsu@example.com";
  const toThrow = (): never => {
    throw new SyntaxError(`${ADDRESS} is not valid JSON`);
  };
  const never = (body: number): number => {
    throw new Permanent({ message: `${body} is refused` });
  };
  const number = { deadLetters: memoryDeadLetters(), diversions: { work: deadLetter } };
  const flow = (items: Observable<Rail<number>>) => items.pipe(stage({ name: "work", work: never }));
  const readNumbers = (): PullSource<number> => fromIterable("numbers", [1, 2]);
  const PLACES: Readonly<Record<string, Omit<PipelineOptions<number, unknown, Diversion>, "name">>> = {
    "in a source": { ...number, source: { ...readNumbers(), pull: () => Effect.sync(toThrow) }, flow },
    "in an operator": { ...number, source: readNumbers(), flow: (items) => items.pipe(map(toThrow)) },
    "in an answer": { ...number, source: readNumbers(), flow, diversions: { work: toThrow } },
    "in a sink": { ...number, source: readNumbers(), flow, deadLetters: { write: toThrow } },
    "in a batch": {
      ...number,
      source: readNumbers(),
      flow: (items) => items.pipe(batchStage({ name: "work", work: toThrow })),
    },
    "in a stage, until the breaker opens": {
      ...number,
      source: readNumbers(),
      flow: (items) => items.pipe(stage({ name: "work", work: toThrow })),
      breaker: { bugs: 1 },
    },
  };

  it("is told to nobody but whoever awaits the end, for it may quote a record: listeners learn its class and its place", async () => {
    for (const [place, options] of Object.entries(PLACES)) {
      const clock = new VirtualClock();
      const heard: PipelineEvent[] = [];
      const running = pipeline({
        name: "talkative",
        ...options,
        restarts: { most: 1, firstMs: 1 },
        ports: clock.ports,
      }).start();
      running.on((event) => heard.push(event));
      const reasons: unknown[] = [];
      running.on(() => reasons.push(running.health()));
      await clock.runUntil(ending(running), 1_000);
      const told = JSON.stringify([heard, reasons, running.health()]);
      expect(told, place).not.toContain(ADDRESS);
      expect(told, place).toContain("SyntaxError at ");
    }
  });
});
