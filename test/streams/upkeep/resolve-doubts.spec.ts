/**
 * Doubts of each class, from the moment in which they begin. What a look-up and what a copy does by itself is in the specs of those.
 */
import { Effect } from "effect";
import { describe, expect, it } from "vitest";
import { attemptId } from "../../../src/domain/ids.ts";
import { DoubtDesk } from "../../../src/streams/upkeep/doubt-desk.ts";
import { resolveDoubts } from "../../../src/streams/upkeep/resolve-doubts.ts";
import type { Duty } from "../../../src/streams/upkeep/duty.ts";
import { UpkeepEvents } from "../../../src/streams/upkeep/upkeep-events.ts";
import type { UpkeepLimits } from "../../../src/streams/upkeep/upkeep-limits.ts";
import { EMAIL, SEND_WINDOW_MS, SMS } from "../../contracts/notice-ledger-commands.ts";
import { CLASSES, DELTA_MS, HOUR_MS, worldWith, type World } from "./world.ts";

const SETTLED_MS = SEND_WINDOW_MS + DELTA_MS + 1;

const dutyOf = (world: World, given: Partial<UpkeepLimits> = {}) => {
  const events = new UpkeepEvents();
  events.on((event) => void world.events.push(event));
  const desk = new DoubtDesk(world.ports, world.limits(given), events);
  return { desk, duty: resolveDoubts(world.ports, desk, world.limits(given)) };
};

/** Upkeep is at work already: from here on it knows how much time passes. */
const atWork = async (world: World, duty: Duty): Promise<void> => {
  await world.turn(duty);
  await world.clock.advance(1_000);
  await world.turn(duty);
};

describe("resolveDoubts", () => {
  it("leaves a notice that goes on to the next sweep, which tells the log of it at once", async () => {
    const world = await worldWith(CLASSES.A, true);
    const { duty } = dutyOf(world, { republishMs: HOUR_MS });
    world.answer = () => ({ kind: "rejected", forGood: true, words: "no such address" });
    await world.doubtful("n1", { contacts: { [EMAIL]: "sealed:a@b.c", [SMS]: "sealed:010" } });
    await atWork(world, duty);
    await world.clock.advance(SETTLED_MS);
    await world.turn(duty);
    const { status, channel, republishAt } = world.view("n1").notice;
    expect({ status, channel, isDue: (republishAt ?? Infinity) <= world.now }).toEqual({
      ...{ status: "queued", channel: SMS, isDue: true },
    });
  });

  it("asks a class B provider once Δ has passed, and believes what it finds", async () => {
    const world = await worldWith(CLASSES.B);
    const { duty } = dutyOf(world);
    world.lookUp = () =>
      Effect.succeed({ found: true, providerMessageId: "m-1", words: "found by reference" });
    await world.doubtful("n1");
    await atWork(world, duty);
    await world.clock.advance(SETTLED_MS - 1);
    await world.turn(duty);
    expect(world.asked, "too early to mean anything").toEqual([]);
    await world.clock.advance(1);
    await world.turn(duty);
    expect(world.asked).toHaveLength(1);
    const { notice, attempts, deadLetters } = world.view("n1");
    expect(notice.status).toBe("sent");
    expect(attempts).toMatchObject([{ state: "accepted", providerMessageId: "m-1" }]);
    expect(deadLetters).toMatchObject([{ kind: "doubt", state: "resolved" }]);
  });

  it("believes no clock that was set forward: a copy may be on its way still", async () => {
    const world = await worldWith(CLASSES.B);
    const { duty } = dutyOf(world);
    await world.doubtful("n1");
    await atWork(world, duty);
    world.setForward(HOUR_MS / 2);
    for (let second = 0; second < SETTLED_MS / 1_000 - 1; second += 1) {
      await world.turn(duty);
      await world.clock.advance(1_000);
    }
    expect(world.asked).toEqual([]);
    await world.clock.advance(5_000);
    await world.turn(duty);
    expect(world.asked).toHaveLength(1);
  });

  it("sends a class A provider the same bytes under the same key", async () => {
    const world = await worldWith(CLASSES.A);
    const { duty } = dutyOf(world);
    world.answer = () => ({ kind: "accepted", providerMessageId: "m-1", words: "accepted before" });
    await world.doubtful("n1");
    await atWork(world, duty);
    await world.clock.advance(SETTLED_MS);
    await world.turn(duty);
    expect(world.copies).toMatchObject([
      { committed: 2, request: { attemptId: "of-n1", providerKey: "key-of-n1", reference: "n1/1" } },
    ]);
    expect(world.view("n1").notice.status).toBe("sent");
  });

  it("touches no doubt at class C, and says once that it is owed", async () => {
    const world = await worldWith(CLASSES.C);
    const { desk, duty } = dutyOf(world);
    await world.doubtful("n1");
    for (let minute = 0; minute < 120; minute += 1) {
      await world.clock.advance(60_000);
      await world.turn(duty);
    }
    expect([world.copies, world.asked]).toEqual([[], []]);
    expect(world.view("n1").notice.status).toBe("in_doubt");
    expect(world.events.map(({ type }) => type)).toEqual(["doubt:owe:done"]);
    expect([desk.book.waiting, desk.book.owed]).toEqual([1, 1]);
  });

  it("reads no doubt again before something can be done about it", async () => {
    const world = await worldWith(CLASSES.B);
    let reads = 0;
    const doubts = {
      read: (keys: Parameters<typeof world.ports.doubts.read>[0]) => {
        reads += keys.length;
        return world.ports.doubts.read(keys);
      },
    };
    const events = new UpkeepEvents();
    const desk = new DoubtDesk(world.ports, world.limits(), events);
    const duty = resolveDoubts({ ...world.ports, doubts }, desk, world.limits());
    for (let each = 0; each < 300; each += 1) await world.doubtful(`n${each}`);
    for (let second = 0; second < 60; second += 1) {
      await world.turn(duty);
      await world.clock.advance(1_000);
    }
    expect(reads).toBe(300);
  });

  it("goes on while one provider's look-up hangs, and has no more under way than it may", async () => {
    const world = await worldWith(CLASSES.B);
    const { desk, duty } = dutyOf(world, { lookUpsAtOnce: 3 });
    world.lookUp = () => Effect.never;
    for (let each = 0; each < 10; each += 1) await world.doubtful(`n${each}`);
    await atWork(world, duty);
    await world.clock.advance(SETTLED_MS);
    const turn = world.run(duty.once);
    await world.clock.advance(1_000);
    expect(await turn).toMatchObject({ changed: 3, more: true });
    expect([desk.book.underWay, desk.book.waiting, world.asked.length]).toEqual([3, 7, 3]);
  });

  it("takes the next up as soon as a place is free", async () => {
    const world = await worldWith(CLASSES.B);
    const { duty } = dutyOf(world, { lookUpsAtOnce: 2 });
    world.lookUp = () =>
      Effect.delay(Effect.succeed({ found: true, providerMessageId: "m", words: "found" }), 100);
    for (let each = 0; each < 10; each += 1) await world.doubtful(`n${each}`);
    await atWork(world, duty);
    await world.clock.advance(SETTLED_MS);
    const all = (async () => {
      while ((await world.run(duty.once)).more);
    })();
    await world.clock.runUntil(all, 700);
    await world.clock.advance(100);
    expect(world.ledger.notices().every(({ notice }) => notice.status === "sent")).toBe(true);
  });

  it("tries again later and later what cannot be asked, and gives up when the provider may have forgotten", async () => {
    const world = await worldWith(CLASSES.B);
    const { duty } = dutyOf(world);
    world.lookUp = () => Effect.die(new Error("a bug in the adapter"));
    await world.doubtful("n1");
    for (let second = 0; second < (2 * HOUR_MS) / 1_000; second += 5) {
      await world.clock.advance(5_000);
      await world.turn(duty);
    }
    const waits = world.asked.slice(1).map(({ at }, before) => at - (world.asked[before]?.at ?? 0));
    expect(waits.every((ms, each) => ms >= Math.min(10_000 * 2 ** each, 300_000))).toBe(true);
    expect(world.asked.length).toBeLessThan(20);
    expect(world.events.at(-1)).toMatchObject({ type: "doubt:owe:done" });
    expect(world.events[0]).toMatchObject({ type: "doubt:help:done", by: "look-up" });
    expect(world.view("n1").notice.status).toBe("in_doubt");
  });

  it("forgets what somebody else has resolved", async () => {
    const world = await worldWith(CLASSES.B);
    const { desk, duty } = dutyOf(world);
    await world.doubtful("n1");
    await world.turn(duty);
    expect(desk.book.waiting).toBe(1);
    await world.win("accept", "n1", { attemptId: attemptId("of-n1") });
    await world.clock.advance(SETTLED_MS);
    await world.turn(duty);
    expect([desk.book.waiting, world.asked.length]).toEqual([0, 0]);
  });

  it("stops when what is under way has ended, and begins nothing more", async () => {
    const world = await worldWith(CLASSES.A);
    const { desk, duty } = dutyOf(world);
    let answer: (words: string) => void = () => {};
    world.answer = () =>
      new Promise((resolve) => {
        answer = (words) => resolve({ kind: "accepted", providerMessageId: "m-1", words });
      });
    await world.doubtful("n1");
    await atWork(world, duty);
    await world.clock.advance(SETTLED_MS);
    await world.turn(duty);
    expect(desk.book.underWay).toBe(1);
    let isStopped = false;
    const stopped = desk.stop().then(() => (isStopped = true));
    await world.clock.advance(1_000);
    expect(isStopped).toBe(false);
    answer("accepted");
    await stopped;
    await world.clock.settle();
    expect(world.view("n1").notice.status).toBe("sent");
    await world.doubtful("n2");
    await world.clock.advance(SETTLED_MS);
    await world.turn(duty);
    expect(world.copies).toHaveLength(1);
  });
});
