/**
 * The send, cut off at any moment: by an abort, by a drain's deadline, or because its pipeline fails. What a process knows when it is told to stop it tells, and
 * only what nobody can know is left to become a doubt.
 */
import { Effect } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CommandType } from "../../../src/domain/lifecycle/commands.ts";
import { memoryQueuedNotices } from "../../../src/adapters/memory/queued-notices.ts";
import type { ClaimPage } from "../../../src/domain/ports/queued-notices.ts";
import { Permanent } from "../../../src/failure.ts";
import type { DeliveryPorts } from "../../../src/streams/delivery/delivery-ports.ts";
import { SEND_WINDOW_MS } from "../../contracts/notice-ledger-commands.ts";
import { type DeliveryWorld, type Fault, type SendFate, SLOW_MS, worldWith } from "./delivery-world.ts";

/** Of a statement or a call: so many rounds of the event loop and turns of the promises after it was begun. */
interface Moment {
  readonly of: CommandType | "send";
  readonly nth: number;
  readonly rounds: number;
  readonly turns: number;
}

const passed = async ({ rounds, turns }: Moment): Promise<void> => {
  for (let round = 0; round < rounds; round += 1) await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
};

/** `break`: its source fails, and the pipeline starts again. */
type CutOff = "abort" | "drain" | "break";

/** The queued rows, with a fault that can be made to happen once. */
const breakable = (world: DeliveryWorld) => {
  const queued = memoryQueuedNotices(world.ledger);
  let isBroken = false;
  const waiting = new Set<() => void>();
  return {
    /** Noticed at once: by whoever asks, and by whoever waits for something to ask for. */
    fail: (): void => {
      isBroken = true;
      for (const wake of [...waiting]) wake();
    },
    queued: {
      ...queued,
      claimPage: (page: ClaimPage) =>
        Effect.suspend(() => {
          if (!isBroken) return queued.claimPage(page);
          isBroken = false;
          return Effect.fail(new Permanent({ message: "the source is broken" }));
        }),
      changed: (withinMs: number) => {
        const broken = Effect.callback<void>((resume) => {
          const wake = (): void => resume(Effect.void);
          waiting.add(wake);
          return Effect.sync(() => waiting.delete(wake));
        });
        return Effect.raceFirst(queued.changed(withinMs), broken);
      },
    },
  };
};

/** The same ports, with somebody who is told when the moment has come. */
const watched = (ports: DeliveryPorts, moment: Moment, come: () => void): DeliveryPorts => {
  let left = moment.nth;
  const begins = (what: Moment["of"]): void => {
    if (what !== moment.of) return;
    if (left === 0) passed(moment).then(come, come);
    left -= 1;
  };
  const { ledger, sender } = ports;
  return {
    ...ports,
    ledger: {
      ...ledger,
      apply: (type, batch) =>
        Effect.suspend(() => {
          begins(type);
          return ledger.apply(type, batch);
        }),
    },
    sender: {
      ...sender,
      send: (batch) => {
        begins("send");
        return sender.send(batch);
      },
    },
  };
};

const cutOff = async (world: DeliveryWorld, how: CutOff, moment: Moment): Promise<DeliveryPorts> => {
  const { queued, fail } = breakable(world);
  const ports = watched(world.ports(), moment, () => {
    if (how === "break") fail();
    else (how === "abort" ? running.abort() : running.drain(0)).catch(() => undefined); // looked at below
  });
  const running = world.deliver(ports, queued);
  await world.clock.advance(SLOW_MS * 2);
  const ended = running.abort();
  await world.clock.runUntil(ended, 300_000);
  await world.clock.advance(60_000); // what still ran has ended
  return ports;
};

const attemptsOf = (world: DeliveryWorld) => world.ledger.notices().flatMap(({ attempts }) => attempts);
const asked = (world: DeliveryWorld) => new Set(world.copies.map(({ request }) => request.attemptId));

const sendFate = fc.constantFrom<SendFate[]>(
  ...(["accepted", "accepted slowly", "rejected for good", "rejected for now", "not accepted"] as const),
  ...(["not handed over", "unknown", "dropped"] as const),
);
const fault = fc.constantFrom<Fault[]>("none", "none", "transient", "lost", "unwritten", "late");
const moments: fc.Arbitrary<Moment> = fc.record({
  of: fc.constantFrom<Moment["of"][]>("begin-send", "begin-send", "send", "accept", "definite-no", "doubt"),
  nth: fc.nat(2),
  rounds: fc.nat(4),
  turns: fc.nat(24),
});

describe("sendNotice", () => {
  it("tells of a right that comes when nobody waits for it any more that it was never used", async () => {
    const world = await worldWith({ faults: { "begin-send": ["late"] } });
    await world.queue("n1");
    const running = world.deliver(world.ports());
    await world.clock.advance(10); // the statement has left, and its answer takes its time
    expect(world.view("n1").notice.status).toBe("sending");
    const ended = running.drain(0);
    await world.clock.runUntil(ended, SEND_WINDOW_MS * 2);
    await world.clock.advance(SEND_WINDOW_MS);
    expect(world.copies).toEqual([]);
    expect(await world.history("n1")).toEqual(["T2", "T3", "T6", "T9"]);
    const { notice, attempts } = world.view("n1");
    expect(notice, "the same attempt, once its back-off is over").toMatchObject({
      status: "queued",
      attemptNo: 1,
    });
    expect(attempts).toMatchObject([{ state: "not_handed_over" }]);
  });

  it("tells of an answer that comes when nobody waits for it any more", async () => {
    const world = await worldWith();
    await world.queue("n1", { sends: ["accepted slowly"] });
    const running = world.deliver(world.ports());
    await world.clock.advance(10);
    const ended = running.abort();
    await world.clock.runUntil(ended, 60_000);
    expect(await world.history("n1")).toEqual(["T2", "T3", "T6", "T8"]);
  });

  it("tells of an answer that comes when its pipeline has started again", async () => {
    const world = await worldWith();
    await world.queue("n1", { sends: ["accepted slowly"] });
    const { queued, fail } = breakable(world);
    const running = world.deliver(world.ports(), queued);
    await world.clock.advance(10);
    fail();
    await world.clock.advance(SLOW_MS * 2);
    expect(running.health()).toMatchObject({ state: "running", lives: 2 });
    expect(await world.history("n1")).toEqual(["T2", "T3", "T6", "T8"]);
    await world.clock.runUntil(running.drain(1_000), 60_000);
  });

  it("leaves only what nobody can know, at whatever moment it is cut off", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(sendFate, { maxLength: 2 }), { minLength: 1, maxLength: 8 }),
        fc.array(fault, { maxLength: 3 }),
        fc.constantFrom<CutOff[]>("abort", "drain", "break"),
        moments,
        fc.integer({ min: 1, max: 100 }),
        async (sends, faults, how, moment, maxInFlight) => {
          const world = await worldWith({ maxInFlight, faults: { "begin-send": faults } });
          for (const [at, each] of sends.entries()) await world.queue(`n${at}`, { sends: each });
          const ports = await cutOff(world, how, moment);
          for (const { attemptId, state, noticeId } of attemptsOf(world)) {
            expect(state, noticeId).not.toBe("intent");
            if (!asked(world).has(attemptId)) expect(state, noticeId).toBe("not_handed_over");
          }
          expect([ports.gate.inFlight, ports.gate.inLine, ports.leases.count]).toEqual([0, 0, 0]);
        },
      ),
      { numRuns: 1_000 },
    );
  }, 240_000);
});
