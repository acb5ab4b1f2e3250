import { Effect } from "effect";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryProviderJournal } from "../../../src/adapters/memory/provider-journal.ts";
import { openPool } from "../../../src/adapters/postgres/pool.ts";
import { postgresProviderJournal } from "../../../src/adapters/postgres/provider-journal.ts";
import { simulatedSender, type SimulatedOptions } from "../../../src/adapters/providers/simulated.ts";
import type { SimulatedFaults } from "../../../src/adapters/providers/simulated-fate.ts";
import { failingEmail } from "../../../src/domain/demo-address.ts";
import { channelId } from "../../../src/domain/ids.ts";
import { maskWhole } from "../../../src/domain/masking.ts";
import { Sensitive } from "../../../src/domain/masking-sensitive.ts";
import type { ProviderJournal } from "../../../src/domain/ports/provider-journal.ts";
import { Transient, Unconfirmed } from "../../../src/failure.ts";
import { describeSenderContract, type ProviderFault } from "../../contracts/sender-contract.ts";
import { aRequest, EMAIL } from "../../contracts/sender-requests.ts";
import { freshDatabase, type TestDatabase } from "../../support/postgres.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const FAULTS: Readonly<Record<ProviderFault, SimulatedFaults>> = {
  "lost-answer": { rejectedShare: 0, lostAnswerShare: 1 },
  unreadable: { rejectedShare: 0, unknownShare: 1 },
  hang: { rejectedShare: 0, hangShare: 1 },
  refuses: { rejectedShare: 1 },
  down: { rejectedShare: 0 },
};

const accepted = async (journal: ProviderJournal, reference: string): Promise<number> =>
  (await Effect.runPromise(journal.accepted([reference]))).length;

describeSenderContract("the simulated provider", {
  runs: 1_000,
  make: async ({ providerClass, fault }) => {
    const clock = new VirtualClock();
    const journal = memoryProviderJournal(clock);
    const sender = simulatedSender({
      channel: EMAIL,
      journal,
      ports: clock.ports,
      class: providerClass,
      faults: fault === null ? { rejectedShare: 0 } : FAULTS[fault],
      isDown: () => fault === "down",
    });
    return {
      sender,
      acceptances: (reference) => accepted(journal, reference),
      during: async (promise) => {
        await clock.runUntil(promise, 60_000);
        return promise;
      },
      close: () => sender.close(),
    };
  },
});

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

describeSenderContract("the simulated provider with its journal in Postgres", {
  runs: 100, // each is a few statements on a real server
  make: async ({ providerClass, fault }) => {
    await database.query("DROP SCHEMA IF EXISTS provider CASCADE");
    const pool = openPool({ connection: database.admin, maxConnections: 3 });
    const journal = postgresProviderJournal(pool);
    const sender = simulatedSender({
      channel: EMAIL,
      journal,
      class: providerClass,
      latencyMs: 2,
      limits: { answerWindowMs: 20 },
      faults: fault === null ? { rejectedShare: 0 } : FAULTS[fault],
      isDown: () => fault === "down",
    });
    return {
      sender,
      acceptances: (reference) => accepted(journal, reference),
      during: (promise) => promise,
      close: async () => {
        await sender.close();
        await pool.close();
      },
    };
  },
});

describe("the simulated provider", () => {
  const simulated = (clock: VirtualClock, more: Partial<SimulatedOptions> = {}) =>
    simulatedSender({
      channel: EMAIL,
      journal: memoryProviderJournal(clock),
      ports: clock.ports,
      ...more,
    });

  it("has judged and written a request long before it answers", async () => {
    const clock = new VirtualClock();
    const journal = memoryProviderJournal(clock);
    const sender = simulated(clock, { journal, faults: { rejectedShare: 0 } });
    let answeredAtMs: number | null = null;
    const [outcome] = sender.send([aRequest("a")]);
    outcome?.then(
      () => (answeredAtMs = clock.nowMs),
      () => expect.unreachable("a sender never rejects"),
    );
    await clock.settle();
    expect(await accepted(journal, "a/1")).toBe(1);
    await clock.advance(799);
    expect(answeredAtMs).toBeNull();
    await clock.advance(500);
    expect(answeredAtMs).toBeGreaterThanOrEqual(800);
    expect(answeredAtMs).toBeLessThanOrEqual(1_208);
    expect(clock.timers).toBe(0);
  });

  it("refuses what goes to an address that is made to fail, on any channel", async () => {
    const clock = new VirtualClock();
    const to = new Sensitive("email-address", failingEmail(1), maskWhole("-"));
    for (const channel of [EMAIL, channelId("sms")]) {
      const sender = simulated(clock, { channel, faults: { rejectedShare: 0 } });
      const [outcome] = sender.send([aRequest("a", { to, channel })]);
      if (outcome === undefined) throw new Error("no outcome");
      await clock.runUntil(outcome, 2_000);
      expect(await outcome).toMatchObject({ kind: "rejected", forGood: true });
    }
  });

  it("sets one timer for twenty thousand requests in flight", async () => {
    const clock = new VirtualClock();
    const sender = simulated(clock);
    const outcomes = sender.send(Array.from({ length: 20_000 }, (_, nth) => aRequest(`n${nth}`)));
    await clock.settle();
    expect(clock.timers).toBe(1);
    const all = Promise.all(outcomes);
    await clock.runUntil(all, 1_300);
    const rejected = (await all).filter(({ kind }) => kind === "rejected").length;
    expect(rejected).toBeGreaterThan(140);
    expect(rejected).toBeLessThan(260);
  });

  it("is a class B provider whose doubts are resolved within five seconds, unless it is told otherwise", () => {
    const { terms, provider, limits } = simulated(new VirtualClock());
    expect(terms).toEqual({ class: "B", findableMs: 86_400_000, deltaMs: 5_000 });
    expect(provider).toBe("simulated-email");
    expect(limits).toMatchObject({ maxInFlight: 20_000, perSecond: null });
  });

  it.each([
    ["is down", new Transient({ message: "not there" }), { kind: "not-accepted", trouble: "down" }],
    ["was cut off", new Unconfirmed({ message: "gone" }), { kind: "unknown" }],
  ] as const)("says what is known when its journal %s", async (_what, failure, outcome) => {
    const clock = new VirtualClock();
    const journal = { ...memoryProviderJournal(clock), arrived: () => Effect.fail(failure) };
    const [sent] = simulated(clock, { journal }).send([aRequest("a")]);
    if (sent === undefined) throw new Error("no outcome");
    await clock.runUntil(sent, 2_000);
    expect(await sent).toMatchObject(outcome);
  });

  it("accepts nothing that reaches its journal too late for a look-up past Δ", async () => {
    const clock = new VirtualClock();
    const memory = memoryProviderJournal(clock);
    const journal: ProviderJournal = {
      ...memory,
      arrived: (batch) =>
        Effect.flatMap(
          Effect.callback<void>((resume) => {
            clock.after(2_501, () => resume(Effect.void));
          }),
          () => memory.arrived(batch),
        ),
    };
    const [sent] = simulated(clock, { journal, faults: { rejectedShare: 0 } }).send([aRequest("a")]);
    if (sent === undefined) throw new Error("no outcome");
    await clock.runUntil(sent, 5_000);
    expect(await sent).toMatchObject({ kind: "not-accepted" });
    expect(await accepted(memory, "a/1")).toBe(0);
  });

  it("always gives the same attempt the same outcome, in whichever process, order or batch", async () => {
    const shares = fc.record({
      rejectedShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
      rejectedForGoodShare: fc.double({ min: 0, max: 1, noNaN: true }),
      unknownShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
      lostAnswerShare: fc.double({ min: 0, max: 0.2, noNaN: true }),
      hangShare: fc.double({ min: 0, max: 0.2, noNaN: true }),
    });
    const about = fc.uniqueArray(
      fc.string({ unit: fc.constantFrom(..."abc12"), minLength: 1, maxLength: 4 }),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(shares, fc.nat(), about, async (faults, seed, some) => {
        const kindsIn = async (order: readonly string[], batches: boolean): Promise<Map<string, unknown>> => {
          const clock = new VirtualClock();
          const sender = simulated(clock, { seed, faults });
          const requests = order.map((one) => aRequest(one));
          const sent = batches
            ? sender.send(requests)
            : requests.flatMap((request) => sender.send([request]));
          const all = Promise.all(sent);
          await clock.runUntil(all, 60_000);
          const outcomes = await all;
          return new Map(order.map((one, place) => [one, outcomes[place]]));
        };
        expect(await kindsIn([...some].reverse(), false)).toEqual(await kindsIn(some, true));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    { faults: { rejectedShare: 0.6, hangShare: 0.6 } },
    { faults: { unknownShare: -0.1 } },
    { faults: { lostAnswerShare: Number.NaN } },
    { latencyMs: 10, jitterMs: 11 },
    { latencyMs: -1 },
  ])("does not start on a mistake: %o", (mistake) => {
    expect(() => simulated(new VirtualClock(), mistake)).toThrow(RangeError);
  });
});
