import { Effect, Result } from "effect";
import { describe, expect, it } from "vitest";
import { memoryUnheardNotices } from "../../../src/adapters/memory/unheard-notices.ts";
import type { UnheardNotices } from "../../../src/domain/ports/unheard-notices.ts";
import { Permanent, Transient } from "../../../src/failure.ts";
import type { QueuedNotice } from "../../../src/streams/upkeep/upkeep-ports.ts";
import { tellUnheard } from "../../../src/streams/upkeep/tell-unheard.ts";
import { type World, worldWith } from "./world.ts";

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;
const TERMS = { republishMs: MINUTE_MS, republishCapMs: 60 * MINUTE_MS, rewalkMs: MINUTE_MS };

const queuedWithoutLog = async (world: World, ...ids: readonly string[]): Promise<void> => {
  for (const id of ids) {
    await world.ingest(id);
    await world.win("route", id, { republishInMs: YEAR_MS });
  }
};

describe("tellUnheard", () => {
  it("tells the log of what was queued without one, and the ledger when to tell it again", async () => {
    const world = await worldWith(undefined, true);
    await queuedWithoutLog(world, "a", "b");
    await world.queued("told-already");
    const duty = tellUnheard(world.ports, world.limits(TERMS));
    expect(await world.turn(duty)).toEqual({ found: 2, changed: 2, more: false });
    expect(world.published.map(({ noticeId }) => noticeId)).toEqual(["a", "b"]);
    expect(world.view("a").notice).toMatchObject({ publishes: 1, republishAt: world.now + MINUTE_MS });
    expect(await world.turn(duty)).toMatchObject({ found: 0 });
  });

  it("loses none to a log that is away, and goes through all pages when it is there", async () => {
    const world = await worldWith(undefined, true);
    await queuedWithoutLog(world, "a", "b", "c", "d", "e");
    const duty = tellUnheard(world.ports, world.limits({ ...TERMS, pageCount: 2 }));
    world.logFailure = new Transient({ message: "the log is away" });
    expect(await world.turn(duty)).toEqual({ found: 2, changed: 0, more: false });
    world.logFailure = null;
    while ((await world.turn(duty)).more);
    expect(world.published.map(({ noticeId }) => noticeId)).toEqual(["c", "d", "e"]);
    await world.clock.advance(MINUTE_MS);
    while ((await world.turn(duty)).more);
    expect(world.published.map(({ noticeId }) => noticeId)).toEqual(["c", "d", "e", "a", "b"]);
  });

  it("lets what can never be published hide nothing behind it, and walks no oftener for it than once a minute", async () => {
    const world = await worldWith(undefined, true);
    await queuedWithoutLog(world, "a", "b", "c", "d");
    const refusing = {
      publish: (records: readonly { readonly body: QueuedNotice }[]) =>
        Effect.succeed(
          records.map(({ body }) => {
            if (body.noticeId < "c") return Result.fail(new Permanent({ message: "never" }));
            world.published.push(body);
            return Result.succeed(undefined);
          }),
        ),
    };
    let looks = 0;
    const unheard = {
      page: (...given: Parameters<UnheardNotices["page"]>) => {
        looks += 1;
        return memoryUnheardNotices(world.ledger).page(...given);
      },
    };
    const duty = tellUnheard(
      { ...world.ports, log: refusing, unheard },
      world.limits({ ...TERMS, pageCount: 2 }),
    );
    for (let second = 0; second < 10 * 60; second += 1) {
      await world.turn(duty);
      await world.clock.advance(1_000);
    }
    expect(world.published.map(({ noticeId }) => noticeId)).toEqual(["c", "d"]);
    expect(looks).toBeLessThan(30);
  });

  it("looks again after a while, for what a process without a log has queued meanwhile", async () => {
    const world = await worldWith(undefined, true);
    const duty = tellUnheard(world.ports, world.limits(TERMS));
    expect(await world.turn(duty)).toMatchObject({ found: 0 });
    await queuedWithoutLog(world, "late");
    expect(await world.turn(duty)).toMatchObject({ found: 0 });
    await world.clock.advance(10 * MINUTE_MS);
    expect(await world.turn(duty)).toMatchObject({ found: 1, changed: 1 });
  });
});
