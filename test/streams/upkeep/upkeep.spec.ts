/**
 * All duties together: what nobody works on comes to its end, and two upkeeps at once do no more than one may.
 */
import { Effect, Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryPoisonLetters } from "../../../src/adapters/memory/poison-letters.ts";
import { memoryResults } from "../../../src/adapters/memory/results.ts";
import { policyVersion } from "../../../src/domain/ids.ts";
import type { SendOutcome } from "../../../src/domain/ports/sender.ts";
import { Transient } from "../../../src/failure.ts";
import type { TellPage } from "../../../src/streams/upkeep/relay.ts";
import { startUpkeep } from "../../../src/streams/upkeep/upkeep.ts";
import type { UpkeepLimits } from "../../../src/streams/upkeep/upkeep-limits.ts";
import type { UpkeepPorts } from "../../../src/streams/upkeep/upkeep-ports.ts";
import { EMAIL, LEASE_MS, SEND_WINDOW_MS } from "../../contracts/notice-ledger-commands.ts";
import { ANSWER_WINDOW_MS, CLASSES, DELTA_MS, POLICY, worldWith, type World } from "./world.ts";

const LIMITS = { leaseMs: LEASE_MS };
const MINUTE_MS = 60_000;

const startOn = (world: World, ports: UpkeepPorts = world.ports, limits: Partial<UpkeepLimits> = LIMITS) => {
  const upkeep = startUpkeep(ports, limits);
  upkeep.onEvent((event) => void world.events.push(event));
  return upkeep;
};

const stopOn = async (world: World, ...upkeeps: readonly ReturnType<typeof startOn>[]): Promise<void> => {
  const stopped = Promise.all(upkeeps.map((upkeep) => upkeep.stop()));
  await world.clock.runUntil(stopped, 10 * MINUTE_MS);
};

describe("startUpkeep", () => {
  it("takes what a dead worker has left behind to where somebody can go on with it", async () => {
    const world = await worldWith(CLASSES.B);
    await world.claimed("claimed");
    await world.sending("sending");
    await world.ingest("fresh");
    const upkeep = startOn(world);
    await world.clock.advance(3 * MINUTE_MS);
    expect(world.view("claimed").notice).toMatchObject({ status: "queued", lapses: 1 });
    expect(world.view("sending").notice).toMatchObject({ status: "queued", attemptNo: 2 });
    expect(world.view("sending").attempts).toMatchObject([{ state: "not_handed_over" }]);
    expect(world.told.map(({ kind }) => kind)).toEqual(["doubt"]);
    expect(world.view("fresh").notice.status, "runs admit").toBe("ready");
    await stopOn(world, upkeep);
    expect(world.clock.timers).toBe(0);
  });

  it("replays by policy, routes what it has replayed, and tells the log", async () => {
    const world = await worldWith(CLASSES.B, true);
    await world.failed("n1");
    const resend = { afterMs: MINUTE_MS, maxGenerations: 2 };
    await world.activate({ ...POLICY, version: policyVersion(2), resend });
    const upkeep = startOn(world);
    await world.clock.advance(MINUTE_MS + 5_000);
    expect(world.view("n1").notice).toMatchObject({ status: "queued", generation: 2, policyVersion: 2 });
    expect(world.published).toMatchObject([{ noticeId: "n1", channel: EMAIL }]);
    await stopOn(world, upkeep);
  });

  it("tells of what has ended and of what cannot be read where somebody wants to hear; else that stays owed", async () => {
    const world = await worldWith(CLASSES.B);
    const [results, poison] = [memoryResults(world.ledger), memoryPoisonLetters(world.ledger)];
    await world.failed("n1");
    const record = {
      topic: "requests",
      partition: 0,
      offset: "7",
      reason: "no JSON",
      stage: null,
      attempts: 1,
    };
    const kept = { payload: new Uint8Array(), digest: { sha256: "00", bytes: 0 } };
    await world.run(world.ledger.poison([{ ...record, ...kept }]));
    const first = startOn(world);
    await world.clock.advance(MINUTE_MS);
    await stopOn(world, first);
    expect(await world.run(results.untoldCount)).toBe(1);
    expect(await world.run(poison.untoldCount)).toBe(1);
    const heard: string[] = [];
    const hear =
      <Item>(say: (item: Item) => string): TellPage<Item> =>
      (page) =>
        Effect.sync(() => {
          heard.push(...page.map(say));
          return page.map(() => Result.succeed(undefined));
        });
    const upkeep = startOn(world, {
      ...world.ports,
      results: { outbox: results, tell: hear(({ noticeId, status }) => `${noticeId} ${status}`) },
      poison: {
        outbox: { untold: (limit) => poison.untold(limit, 1_000), told: poison.told },
        tell: hear(({ offset }) => `poison at ${offset}`),
      },
    });
    await world.clock.advance(MINUTE_MS);
    await stopOn(world, upkeep);
    expect(heard.sort()).toEqual(["n1 failed", "poison at 7"]);
    expect(await world.run(results.untoldCount)).toBe(0);
    expect(await world.run(poison.untoldCount)).toBe(0);
  });

  it("waits for a ledger that is away, reports it, and goes on", async () => {
    const world = await worldWith(CLASSES.B);
    await world.ingest("n1", { expiresAt: world.now });
    let isAway = true;
    const due: UpkeepPorts["ledger"]["due"] = (kind, limit, after) =>
      Effect.suspend(() =>
        isAway
          ? Effect.fail(new Transient({ message: "the database is away" }))
          : world.ledger.due(kind, limit, after),
      );
    const upkeep = startOn(world, { ...world.ports, ledger: { ...world.ledger, due } });
    await world.clock.advance(MINUTE_MS);
    const failing = upkeep.health().duties.filter((duty) => duty.failing !== null);
    expect(failing.map(({ name }) => name)).toContain("expire-notices");
    expect(world.events.some(({ type }) => type === "duty:fail:done")).toBe(true);
    isAway = false;
    await world.clock.advance(20_000);
    expect(upkeep.health().duties.filter((duty) => duty.failing !== null)).toEqual([]);
    expect(world.view("n1").notice.status).toBe("expired");
    await stopOn(world, upkeep);
  });

  it("keeps a bug in one duty from the others", async () => {
    const world = await worldWith(CLASSES.B);
    await world.ingest("n1", { expiresAt: world.now });
    const letters = {
      ...world.letters,
      untold: () => {
        throw new Error("a bug");
      },
    };
    const upkeep = startOn(world, { ...world.ports, letters });
    await world.clock.advance(5_000);
    const { duties } = upkeep.health();
    expect(duties.filter(({ bugs }) => bugs > 0).map(({ name }) => name)).toEqual(["relay-letters"]);
    expect(world.view("n1").notice.status).toBe("expired");
    await stopOn(world, upkeep);
  });

  it("counts the doubts that it waits with", async () => {
    const world = await worldWith(CLASSES.C);
    await world.doubtful("n1");
    const upkeep = startOn(world);
    await world.clock.advance(5_000);
    expect(upkeep.health().doubts).toEqual({ underWay: 0, waiting: 1, owed: 1 });
    await stopOn(world, upkeep);
  });
});

/** What the provider does with the copies that it gets, one after another. */
const anyOutcome: fc.Arbitrary<SendOutcome> = fc.constantFrom<SendOutcome>(
  { kind: "accepted", providerMessageId: "m-1", words: "accepted" },
  { kind: "rejected", forGood: false, words: "not this time" },
  { kind: "rejected", forGood: true, words: "never" },
  { kind: "unknown", words: "no answer" },
  { kind: "not-accepted", trouble: "busy", retryAfterMs: null, words: "busy" },
  { kind: "not-handed-over", trouble: null, words: "no connection" },
);
/** Seldom, so that a thousand stories of some minutes each are told in seconds. */
const SELDOM: Partial<UpkeepLimits> = { ...LIMITS, sweepMs: 15_000 };
const anyDelayMs = fc.constantFrom(0, 500, ANSWER_WINDOW_MS);

describe("two upkeeps at once", () => {
  it("never send a copy that was not committed before, nor one copy twice, nor one too early", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyOutcome, anyDelayMs), { maxLength: 4 }),
        fc.integer({ min: -1_000, max: 1_000 }),
        fc.constantFrom(0, 0, 1, 700),
        async (script, startedMs, apartMs) => {
          const world = await worldWith(CLASSES.A);
          const left = [...script];
          world.answer = async () => {
            const [outcome, delayMs] = left.shift() ?? [{ kind: "unknown", words: "no answer" } as const, 0];
            await new Promise<void>((resolve) => void world.clock.after(delayMs, resolve));
            return outcome;
          };
          await world.doubtful("n1");
          const doubtfulAt = world.now;
          await world.clock.advance(SEND_WINDOW_MS + DELTA_MS + startedMs);
          const first = startOn(world, world.ports, SELDOM);
          if (apartMs > 0) await world.clock.advance(apartMs);
          const second = startOn(world, world.ports, SELDOM);
          await world.clock.advance(4 * MINUTE_MS);
          await stopOn(world, first, second); // which sees to its end what is under way
          const { attempts, notice } = world.view("n1");
          // the first copy left before; each later one has a number of its own
          const numbers = world.copies.map(({ committed }) => committed);
          expect(numbers).toEqual(numbers.map((_number, each) => each + 2));
          expect(world.copies.length).toBeLessThanOrEqual((attempts[0]?.copies ?? 1) - 1);
          let settledAt = doubtfulAt + SEND_WINDOW_MS + DELTA_MS;
          for (const { at, request } of world.copies) {
            expect(at).toBeGreaterThan(settledAt);
            expect(request.providerKey).toBe("key-of-n1");
            settledAt = at + DELTA_MS;
          }
          // what was learned of the newest copy is what the ledger says
          const last = script[world.copies.length - 1]?.[0].kind;
          if (last === "accepted") expect(notice.status).toBe("sent");
          if (last === "rejected") expect(attempts[0]?.state).toBe("rejected");
          if (notice.status === "sent") expect(last).toBe("accepted");
        },
      ),
      { numRuns: 1_000 },
    );
  }, 120_000);

  it("never ask before Δ has passed since the newest copy's send_by, nor touch a doubt at class C", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("B" as const, "C" as const),
        fc.boolean(),
        fc.nat(DELTA_MS * 2),
        async (providerClass, isFound, startedMs) => {
          const world = await worldWith(CLASSES[providerClass]);
          world.lookUp = () =>
            Effect.succeed(
              isFound
                ? { found: true, providerMessageId: "m-1", words: "found" }
                : { found: false, words: "nothing" },
            );
          await world.doubtful("n1");
          const settledAt = world.now + SEND_WINDOW_MS + DELTA_MS;
          await world.clock.advance(startedMs);
          const upkeeps = [0, 1].map(() => startOn(world, world.ports, SELDOM));
          await world.clock.advance(2 * MINUTE_MS);
          expect(world.asked.every(({ at }) => at > settledAt)).toBe(true);
          expect(world.copies).toEqual([]);
          const { notice } = world.view("n1");
          if (providerClass === "C") {
            expect([notice.status, world.asked.length]).toEqual(["in_doubt", 0]);
          } else {
            expect(notice.status).toBe(isFound ? "sent" : "queued");
          }
          await stopOn(world, ...upkeeps);
        },
      ),
      { numRuns: 1_000 },
    );
  }, 120_000);
});
