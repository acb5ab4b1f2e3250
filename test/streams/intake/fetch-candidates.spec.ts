/**
 * One page of candidates: locked, decided and committed at once, and only then told of.
 */
import { Effect, Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instant } from "../../../src/domain/ids.ts";
import type { Page } from "../../../src/streams/intake/bodies.ts";
import { CandidateWalk } from "../../../src/streams/intake/candidate-walk.ts";
import { fetchCandidates } from "../../../src/streams/intake/fetch-candidates.ts";
import { routeByPolicy } from "../../../src/streams/intake/route-by-policy.ts";
import { EMAIL, START } from "../../contracts/notice-ledger-commands.ts";
import { failuresOf, through } from "../through.ts";
import { type IntakeWorld, intakeWorld, type PageFault } from "./intake-world.ts";

const turns = (count: number) => Array.from({ length: count }, (_, at) => ({ turn: at + 1 }));

const fetching = (world: IntakeWorld, faults: readonly PageFault[] = [], pageCount = 3) => {
  const ports = world.ports("d1", faults, pageCount);
  const walk = new CandidateWalk();
  let decisions = 0;
  const decideBy = () => {
    decisions += 1;
    return routeByPolicy(ports)();
  };
  return { walk, stage: fetchCandidates(ports, walk, decideBy), decided: () => decisions };
};

const pagesOf = async (world: IntakeWorld, count: number, pageCount = 3) => {
  const { stage, walk } = fetching(world, [], pageCount);
  const left = await through(world.clock, turns(count), stage);
  return { pages: left.map((each): Page => Result.getOrThrow(each)), walk };
};

describe("fetchCandidates", () => {
  it("brings a page of what it has queued, each with the epoch of its row, and the next page begins behind it", async () => {
    const world = await intakeWorld();
    await world.ingest(["a", "b", "c", "d"]);
    await world.open(100);
    const { pages, walk } = await pagesOf(world, 2);
    expect(pages.map(({ candidates }) => candidates)).toEqual([3, 1]);
    const routed = pages.flatMap((page) => page.routed);
    expect(routed.map(({ noticeId }) => noticeId)).toEqual(["a", "b", "c", "d"]);
    for (const { noticeId, epoch, channel } of routed)
      expect(world.ledger.notices().find(({ notice }) => notice.noticeId === noticeId)?.notice).toMatchObject(
        {
          ...{ status: "queued", epoch, channel },
        },
      );
    expect(walk.isEnded).toBe(true);
  });

  it("fetches nothing once the walk is over", async () => {
    const world = await intakeWorld();
    await world.ingest(["a"]);
    await world.open(100);
    const { pages } = await pagesOf(world, 4);
    expect(pages.map(({ candidates }) => candidates)).toEqual([1, 0, 0, 0]);
  });

  it("tells of nothing that the ledger has not agreed to", async () => {
    const world = await intakeWorld();
    await world.ingest(["a", "b"]);
    await world.open(100);
    await Effect.runPromise(world.ledger.pause(EMAIL, "repairs", "operator:kim"));
    const { pages } = await pagesOf(world, 1);
    expect(pages).toMatchObject([{ candidates: 2, routed: [] }]);
    expect(world.statuses()).toEqual({ ready: 2 });
  });

  it("decides anew for each try of a page, and leaves a page whose commit is not known to the sweeper", async () => {
    const world = await intakeWorld();
    await world.ingest(["a", "b"]);
    await world.open(100);
    const tried = fetching(world, ["transient", "transient"]);
    expect(await through(world.clock, turns(1), tried.stage)).toMatchObject([{ success: { candidates: 2 } }]);
    expect(tried.decided()).toBe(3);
    await world.ingest(["c"]);
    const lost = fetching(world, ["lost"]);
    const [failure] = failuresOf(await through(world.clock, turns(1), lost.stage));
    expect(failure?._tag).toBe("Unconfirmed");
    expect(lost.decided()).toBe(1);
    expect(world.statuses()).toEqual({ queued: 3 });
  });

  it("always walks from the oldest to the newest, passing over none and taking none twice", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(5), { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (ages, pageCount) => {
          const world = await intakeWorld();
          for (const [at, age] of ages.entries())
            await world.ingest([`n${at}`], { dueAt: instant(START - age * 1_000) });
          await world.open(100);
          const { pages } = await pagesOf(world, ages.length + 1, pageCount);
          for (const { candidates } of pages) expect(candidates).toBeLessThanOrEqual(pageCount);
          const walked = pages.flatMap(({ routed }) =>
            routed.map(({ noticeId }) => Number(noticeId.slice(1))),
          );
          expect([...walked].sort((one, other) => one - other)).toEqual(ages.map((_, at) => at));
          const inOrder = walked.map((at) => ages[at] ?? 0);
          expect(inOrder).toEqual([...inOrder].sort((one, other) => other - one));
        },
      ),
      { numRuns: 1_000 },
    );
  }, 60_000);
});
