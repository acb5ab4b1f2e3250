import { Effect, Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryResults } from "../../../src/adapters/memory/results.ts";
import { isFinal } from "../../../src/domain/notice.ts";
import { RETOLD_AFTER_MS } from "../../../src/domain/ports/letters.ts";
import type { UntoldResult } from "../../../src/domain/ports/results.ts";
import { resultId } from "../../../src/domain/records/result-record.ts";
import { type Failure, Transient } from "../../../src/failure.ts";
import type { Duty } from "../../../src/streams/upkeep/duty.ts";
import { type Outbox, relay, type TellPage } from "../../../src/streams/upkeep/relay.ts";
import { attemptId } from "../../../src/domain/ids.ts";
import { type World, worldWith } from "./world.ts";

const AWAY = new Transient({ message: "the topic is away" });

describe("relay", () => {
  const lettersOf = ({ ports }: World, pageCount = 500): Duty =>
    relay("relay-letters", { outbox: ports.letters, tell: ports.tell }, pageCount);

  it("tells of each entry into failed or in doubt, once", async () => {
    const world = await worldWith();
    await world.failed("lost");
    await world.doubtful("unclear");
    const duty = lettersOf(world);
    expect(await world.turn(duty)).toEqual({ found: 2, changed: 2, more: true });
    expect(await world.turn(duty)).toEqual({ found: 0, changed: 0, more: false });
    await world.clock.advance(10 * RETOLD_AFTER_MS);
    expect(await world.turn(duty)).toMatchObject({ found: 0 });
    expect(world.told.map(({ noticeId, kind }) => `${noticeId} ${kind}`).sort()).toEqual([
      "lost failed",
      "unclear doubt",
    ]);
  });

  it("tells again of one that was not told, and keeps none of the others back", async () => {
    const world = await worldWith();
    await world.failed("a");
    await world.failed("b");
    const duty = lettersOf(world);
    world.tellFailure = ({ noticeId }) => (noticeId === "a" ? AWAY : null);
    await expect(world.turn(duty)).rejects.toThrow("the topic is away");
    expect(world.told.map(({ noticeId }) => noticeId)).toEqual(["b"]);
    world.tellFailure = null;
    await world.clock.advance(RETOLD_AFTER_MS);
    await world.turn(duty);
    expect(world.told.map(({ noticeId }) => noticeId)).toEqual(["b", "a"]);
  });

  it("takes a page at once, and comes again at once as long as something is owed", async () => {
    const world = await worldWith();
    for (const id of ["a", "b", "c"]) await world.failed(id);
    const pages: number[] = [];
    const tell: TellPage<unknown> = (page) =>
      Effect.sync(() => {
        pages.push(page.length);
        return page.map(() => Result.succeed(undefined));
      });
    const duty = relay("relay-letters", { outbox: world.ports.letters, tell }, 2);
    while ((await world.turn(duty)).more);
    expect(pages).toEqual([2, 1]);
  });

  it("concludes nothing from an answer that is missing", async () => {
    const world = await worldWith();
    for (const id of ["a", "b"]) await world.failed(id);
    const silent: TellPage<unknown> = () => Effect.succeed([Result.succeed(undefined)]);
    const duty = relay("relay-letters", { outbox: world.ports.letters, tell: silent }, 9);
    expect(await world.turn(duty)).toMatchObject({ found: 2, changed: 1 });
    expect(await world.run(world.letters.untoldCount)).toBe(1);
  });

  /** What may happen to one turn; in the last four its process is gone at that point, and another one goes on. */
  const aTurn = fc.constantFrom(
    ...(["goes well", "some are refused", "all fail", "the page fails"] as const),
    ...(["nothing is handed over", "marking fails", "marking is done, its answer lost"] as const),
    ...([
      "killed before telling",
      "killed while telling",
      "killed after telling",
      "killed after marking",
    ] as const),
  );
  type Turn = typeof aTurn extends fc.Arbitrary<infer T> ? T : never;

  /** The keeper and the teller as one turn meets them. A process that was killed does nothing any more: its effect never ends. */
  const faulty = (
    turn: Turn,
    outbox: Outbox<UntoldResult>,
    seen: { readonly heard: (result: UntoldResult) => void; readonly gone: () => void },
  ) => {
    const killed = (at: Turn) =>
      turn === at ? Effect.andThen(Effect.sync(seen.gone), Effect.never) : Effect.void;
    const failsAt = (at: Turn): Effect.Effect<void, Failure> =>
      turn === at ? Effect.fail(AWAY) : Effect.void;
    const tell: TellPage<UntoldResult> = (page) =>
      Effect.gen(function* () {
        yield* killed("killed before telling");
        yield* failsAt("the page fails");
        const answers = page.map((result, at) => {
          if (turn === "all fail" || (turn === "some are refused" && at % 2 === 0)) return Result.fail(AWAY);
          if (turn === "killed while telling" && at > 0) return Result.fail(AWAY);
          seen.heard(result);
          return Result.succeed(undefined);
        });
        yield* killed("killed while telling");
        yield* killed("killed after telling");
        return answers;
      });
    return {
      tell,
      outbox: {
        untold: (limit: number) => Effect.andThen(failsAt("nothing is handed over"), outbox.untold(limit)),
        told: (batch: readonly UntoldResult[]) =>
          Effect.gen(function* () {
            yield* failsAt("marking fails");
            yield* outbox.told(batch);
            yield* failsAt("marking is done, its answer lost");
            yield* killed("killed after marking");
          }),
      },
    };
  };

  const BRING = {
    sent: async (world: World, id: string) => {
      await world.sending(id);
      await world.win("accept", id, { attemptId: attemptId(`of-${id}`) });
    },
    failed: (world: World, id: string) => world.failed(id),
    replayed: async (world: World, id: string) => {
      await world.failed(id);
      await world.win("replay", id);
    },
    cancelled: async (world: World, id: string) => {
      await world.ingest(id);
      await world.win("cancel", id);
    },
    "still sending": (world: World, id: string) => world.sending(id),
    "in doubt": (world: World, id: string) => world.doubtful(id),
  } as const;
  type End = keyof typeof BRING;
  // the keys of a record are its ends, which Object.keys forgets
  const anEnd = fc.constantFrom(...(Object.keys(BRING) as End[]));
  const aStep = fc.oneof(
    fc.record({ bring: anEnd, turn: fc.constant(null) }),
    fc.record({ bring: fc.constant(null), turn: aTurn }),
  );

  it("tells of every final outcome at least once and of nothing else, whatever fails and whenever it is killed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(aStep, { maxLength: 16 }),
        fc.integer({ min: 1, max: 5 }),
        async (steps, pageCount) => {
          const world = await worldWith();
          const outbox = memoryResults(world.ledger);
          const heard: UntoldResult[] = [];
          const turn = async (what: Turn): Promise<number> => {
            let died = (): void => {};
            const death = new Promise<number>((resolve) => {
              died = () => resolve(0);
            });
            const { tell, outbox: keeper } = faulty(what, outbox, {
              heard: (result) => heard.push(result),
              gone: () => died(),
            });
            const duty = relay("relay-results", { outbox: keeper, tell }, pageCount);
            const done = world.run(Effect.result(duty.once));
            const found = done.then((exit) => (Result.isSuccess(exit) ? exit.success.found : 0));
            return Promise.race([found, death]);
          };
          for (const [n, { bring, turn: what }] of steps.entries()) {
            if (bring !== null) await BRING[bring](world, `n${n}`);
            if (what !== null) await turn(what);
            if (what !== null && n % 3 === 0) await world.clock.advance(RETOLD_AFTER_MS);
          }
          await world.clock.advance(RETOLD_AFTER_MS);
          while ((await turn("goes well")) > 0);
          const ended = world.ledger.ended().map(({ view }) => view.notice);
          expect(ended.every(({ status }) => isFinal(status))).toBe(true);
          expect(new Set(heard.map(resultId))).toEqual(new Set(ended.map(resultId)));
          for (const { status, epoch, ...result } of heard) {
            const its = ended.find((notice) => resultId(notice) === resultId(result));
            expect({ status, epoch }).toEqual({ status: its?.status, epoch: its?.epoch });
          }
          expect(await world.run(outbox.untoldCount)).toBe(0);
        },
      ),
      { numRuns: 1_000 },
    );
  }, 60_000);
});
