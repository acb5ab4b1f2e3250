/**
 * The delivery of one channel as a whole, on memory adapters and a virtual clock: whatever way its steps end, and whenever it is
 * stopped.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChannelId } from "../../../src/domain/ids.ts";
import { isFinal } from "../../../src/domain/notice.ts";
import type { DeliveryPorts } from "../../../src/streams/delivery/delivery-ports.ts";
import { EMAIL, SEND_WINDOW_MS, SMS, WORKER } from "../../contracts/notice-ledger-commands.ts";
import {
  type DeliveryWorld,
  type Fates,
  type Fault,
  POLICY,
  type SendFate,
  type StepFate,
  worldWith,
} from "./delivery-world.ts";

const LONG_MS = 300_000;

/** A claim ends in one of these, a right to send in one of those. */
const ENDS_OF_CLAIM = ["T5", "T5f", "T6", "T6n"];
const ENDS_OF_RIGHT = ["T8", "T9", "T10"];

const stopped = async (
  world: DeliveryWorld,
  running: ReturnType<DeliveryWorld["deliver"]>,
  withinMs: number,
) => {
  const ended = running.drain(withinMs);
  await world.clock.runUntil(ended, LONG_MS);
  return ended;
};

/** What holds of every world whose deliveries were drained, whenever and by whatever deadline. */
const nothingIsHeld = (world: DeliveryWorld, all: readonly DeliveryPorts[]): void => {
  for (const { leases, gate } of all) {
    equal(leases.count, 0, "leases");
    equal(gate.inLine, 0, "takers in line");
    equal(gate.inFlight, 0, "permits");
  }
  deepEqual(world.claimedBy(WORKER), []);
};

/** Each copy had a right that was won and still fresh, and each right at most one copy. */
const everyCopyHadItsRight = ({ copies }: DeliveryWorld): void => {
  for (const { status, state, elapsedMs, wallElapsedMs } of copies) {
    deepEqual([status, state], ["sending", "intent"]);
    ok(elapsedMs < SEND_WINDOW_MS, `${elapsedMs} ms after the right was asked for`);
    ok(wallElapsedMs >= 0 && wallElapsedMs < SEND_WINDOW_MS, `${wallElapsedMs} ms by the wall clock`);
  }
  equal(new Set(copies.map(({ request }) => request.attemptId)).size, copies.length);
};

const stepFate = fc.constantFrom<StepFate[]>(
  ...(["works", "works", "works", "transient", "permanent", "postponed", "throws"] as const),
);
const sendFate = fc.constantFrom<SendFate[]>(
  ...(["accepted", "accepted slowly", "rejected for good", "rejected for now", "not accepted"] as const),
  ...(["not handed over", "unknown", "dropped", "throws"] as const),
);
const fates: fc.Arbitrary<Fates> = fc.record({
  load: stepFate,
  open: stepFate,
  render: stepFate,
  sends: fc.array(sendFate, { maxLength: 3 }),
});
const rightFaults = fc.array(
  fc.constantFrom<Fault[]>(
    ...([
      "none",
      "transient",
      "lost",
      "unwritten",
      "late",
      "wall steps back",
      "wall jumps",
      "throws",
    ] as const),
  ),
  { maxLength: 4 },
);
const settleFaults = fc.array(fc.constantFrom<Fault[]>("none", "transient", "lost", "unwritten"), {
  maxLength: 3,
});
const worlds = fc.record({
  notices: fc.array(fates, { minLength: 1, maxLength: 4 }),
  maxInFlight: fc.integer({ min: 1, max: 3 }),
  seed: fc.integer(),
  faults: fc.record({
    "begin-send": rightFaults,
    accept: settleFaults,
    "definite-no": settleFaults,
    doubt: settleFaults,
    unpreparable: settleFaults,
    release: settleFaults,
  }),
});

const begun = async ({
  notices,
  ...options
}: Omit<typeof worlds extends fc.Arbitrary<infer W> ? W : never, never>) => {
  const world = await worldWith(options);
  const ids = notices.map((_, at) => `n${at}`);
  for (const [at, each] of notices.entries()) await world.queue(`n${at}`, each);
  const all = [world.ports(EMAIL), world.ports(SMS)];
  return { world, ids, all, running: all.map((ports) => world.deliver(ports)) };
};

describe("deliveryPipeline", () => {
  it("brings a notice from the queue to an acceptance, and tells the ledger of each step", async () => {
    const world = await worldWith();
    await world.queue("n1");
    const ports = world.ports();
    const running = world.deliver(ports);
    await world.clock.runUntil(() => world.view("n1").notice.status === "sent", LONG_MS);
    expect(await world.history("n1")).toEqual(["T2", "T3", "T6", "T8"]);
    expect(await stopped(world, running, 1_000)).toMatchObject({ how: "drained", handedBack: 0 });
    nothingIsHeld(world, [ports]);
    everyCopyHadItsRight(world);
  });

  it("goes to the next channel after a final no, and never after a doubt", async () => {
    const world = await worldWith();
    await world.queue("refused", { sends: ["rejected for good", "accepted"] });
    await world.queue("doubtful", { sends: ["unknown"] });
    const all = [world.ports(EMAIL), world.ports(SMS)];
    const running = all.map((ports) => world.deliver(ports));
    await world.clock.advance(60_000);
    expect(world.view("refused").notice).toMatchObject({ status: "sent", channel: SMS });
    expect(world.view("doubtful").notice).toMatchObject({ status: "in_doubt", channel: EMAIL });
    expect(world.copies.map(({ request }) => request.channel).sort()).toEqual([EMAIL, EMAIL, SMS]);
    await Promise.all(running.map((each) => stopped(world, each, 1_000)));
    nothingIsHeld(world, all);
  });

  it("waits for a database that is away for minutes, and goes on", async () => {
    const world = await worldWith({ faults: { "begin-send": Array<Fault>(100).fill("transient") } });
    await world.queue("n1");
    const running = world.deliver(world.ports());
    await world.clock.runUntil(() => world.view("n1").notice.status === "sent", LONG_MS);
    expect(running.health()).toMatchObject({ state: "running", lives: 1 });
    await stopped(world, running, 1_000);
  });

  it("stops when every notice meets a bug, and leaves all but a few of them queued", async () => {
    const world = await worldWith({ credits: 10 });
    for (let n = 0; n < 100; n += 1) await world.queue(`n${n}`, { render: "throws" });
    const ports = world.ports();
    const running = world.deliver(ports);
    await expect(world.clock.runUntil(running.done, LONG_MS)).rejects.toThrow(
      "stage render-notice: TypeError",
    );
    const untouched = world.ledger.notices().filter(({ notice }) => notice.channel === EMAIL);
    expect(untouched.length).toBeGreaterThanOrEqual(100 - 21);
    expect(untouched.every(({ notice }) => notice.status === "queued")).toBe(true);
    nothingIsHeld(world, [ports]);
  });

  it("ends every notice in a state of the table by exactly one settlement, whatever its steps and statements come to", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (given) => {
        const { world, ids, all, running } = await begun(given);
        await world.clock.advance(120_000);
        const ended = await Promise.all(running.map((each) => stopped(world, each, 1_000)));
        for (const { lives, handedBack } of ended)
          deepEqual({ lives, handedBack }, { lives: 1, handedBack: 0 });
        nothingIsHeld(world, all);
        everyCopyHadItsRight(world);
        const mayBeLost = given.faults["begin-send"].includes("throws");
        for (const id of ids) {
          const { status } = world.view(id).notice;
          const mayBeSending = mayBeLost && status === "sending";
          ok(isFinal(status) || status === "in_doubt" || mayBeSending, `${id} is ${status}`);
          const history = await world.history(id);
          history.forEach((step, at) => {
            const next = history[at + 1];
            const isEnd = (ends: readonly string[]): boolean => next !== undefined && ends.includes(next);
            if (step === "T3") ok(isEnd(ENDS_OF_CLAIM), `${id}: ${history.join()}`);
            if (step === "T6" && !mayBeSending) ok(isEnd(ENDS_OF_RIGHT), `${id}: ${history.join()}`);
          });
        }
      }),
      { numRuns: 1_000 },
    );
  }, 480_000);

  it("never asks a provider more often than the policy's attempts, and for free once a pause", async () => {
    const answers = fc.constantFrom<SendFate[]>(
      ...(["not accepted", "not accepted", "not accepted", "accepted"] as const),
      ...(["accepted slowly", "rejected for now", "rejected for good", "unknown"] as const),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(answers, { maxLength: 12 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer(),
        async (sends, maxInFlight, seed) => {
          const world = await worldWith({ maxInFlight, seed });
          const pauses = new Map<ChannelId, number>();
          for (const [channel, gate] of world.gates)
            gate.onChange(({ type }) => {
              if (type === "provider:pause:begin") pauses.set(channel, (pauses.get(channel) ?? 0) + 1);
            });
          for (const [at, each] of sends.entries()) await world.queue(`n${at}`, { sends: each });
          const running = [EMAIL, SMS].map((channel) => world.deliver(world.ports(channel)));
          await world.clock.runUntil(
            () =>
              world.ledger
                .notices()
                .every(({ notice: { status } }) => isFinal(status) || status === "in_doubt"),
            3_600_000,
          );
          await Promise.all(running.map((each) => stopped(world, each, 1_000)));
          let copies = 0;
          const free = new Map<ChannelId, number>();
          for (const { notice, attempts } of world.ledger.notices()) {
            for (const { channel, maxAttempts } of POLICY.channels) {
              const all = attempts.filter((attempt) => attempt.channel === channel);
              const refused = all.filter(({ state }) => state === "not_handed_over").length;
              ok(all.length - refused <= maxAttempts, `${notice.noticeId}: ${all.length - refused} attempts`);
              ok(refused <= (pauses.get(channel) ?? 0), `${notice.noticeId}: ${refused} for free`);
              free.set(channel, (free.get(channel) ?? 0) + refused);
              copies += all.length;
            }
          }
          expect(world.copies, "one copy an attempt").toHaveLength(copies);
          for (const [channel, refused] of free)
            ok(refused <= (pauses.get(channel) ?? 0) * maxInFlight, `${refused} for free on ${channel}`);
        },
      ),
      { numRuns: 1_000 },
    );
  }, 240_000);

  it("holds nothing after a drain, at whatever moment it comes and however short its deadline", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.nat(20_000), fc.nat(8_000), async (given, atMs, withinMs) => {
        const { world, all, running } = await begun(given);
        await world.clock.advance(atMs);
        await Promise.all(running.map((each) => stopped(world, each, withinMs)));
        await world.clock.advance(60_000); // what still ran has ended
        nothingIsHeld(world, all);
        everyCopyHadItsRight(world);
        const before = world.copies.length;
        await world.clock.advance(600_000);
        expect(world.copies).toHaveLength(before);
        expect(world.clock.timers).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  }, 480_000);
});
