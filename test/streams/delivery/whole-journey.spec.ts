/**
 * From candidate rows to the end: a dispatcher, two workers of which one may be killed, and upkeep, on one virtual clock. What a
 * provider's own journal says at the end is compared with what the ledger says.
 */
import { Effect, Result } from "effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryDoubts } from "../../../src/adapters/memory/doubts.ts";
import { memoryLetters } from "../../../src/adapters/memory/letters.ts";
import { memoryQueuedNotices } from "../../../src/adapters/memory/queued-notices.ts";
import { memoryRuns } from "../../../src/adapters/memory/runs.ts";
import { runId, workerId } from "../../../src/domain/ids.ts";
import { isFinal } from "../../../src/domain/notice.ts";
import type { Letter } from "../../../src/domain/ports/letters.ts";
import { carryOutRun } from "../../../src/streams/intake/carry-out-run.ts";
import { startUpkeep } from "../../../src/streams/upkeep/upkeep.ts";
import { EMAIL, LEASE_MS, SMS } from "../../contracts/notice-ledger-commands.ts";
import {
  type DeliveryWorld,
  type Fates,
  type Fault,
  Process,
  type SendFate,
  type StepFate,
  worldWith,
} from "./delivery-world.ts";

const HOUR_MS = 3_600_000;
const RUN = runId("run-1");

const dispatch = async (world: DeliveryWorld) => {
  const runs = memoryRuns(world.ledger);
  await Effect.runPromise(runs.open({ runId: RUN, key: "k", cap: 1_000, actor: "operator:kim" }));
  const { policies } = world.ports();
  return carryOutRun({
    ...{ runId: RUN, worker: workerId("dispatcher"), runs, policies, log: null, system: world.clock.ports },
    pauses: world.ledger.pauses,
    limits: { pageCount: 2, pagesAhead: 3, republishMs: 60_000, lookAgainMs: 200 },
  });
};

const work = (world: DeliveryWorld, name: string) => {
  const process = new Process();
  const running = [EMAIL, SMS].map((channel) => {
    const queued = memoryQueuedNotices(world.ledger);
    return world.deliver(world.ports(channel, workerId(name), { process }), {
      ...queued,
      claimPage: (page) => process.guarded(queued.claimPage(page)),
    });
  });
  return { process, running };
};

const keepUp = (world: DeliveryWorld, told: Letter[]) => {
  const [email, sms] = [world.ports(EMAIL, workerId("upkeep")), world.ports(SMS, workerId("upkeep"))];
  return startUpkeep(
    {
      ...email,
      ledger: world.ledger,
      doubts: memoryDoubts(world.ledger),
      letters: memoryLetters(world.ledger),
      tell: (page) =>
        Effect.sync(() => {
          told.push(...page);
          return page.map(() => Result.succeed(undefined));
        }),
      results: null,
      poison: null,
      providers: [email, sms],
      log: null,
      unheard: null,
    },
    { leaseMs: LEASE_MS, sweepMs: 5_000 },
  );
};

/** S1, S7 and S8, by the provider's own record. */
const theBooksAgree = async (world: DeliveryWorld, told: readonly Letter[]): Promise<void> => {
  expect(await world.run(world.journal.acceptedMoreThanOnce(10))).toEqual([]);
  for (const { notice, deadLetters } of world.ledger.notices()) {
    const { noticeId, generation, status } = notice;
    const accepted = await world.run(world.journal.accepted([`${noticeId}/${generation}`]));
    expect(accepted.length, `${noticeId} is ${status}`).toBe(status === "sent" ? 1 : 0);
    const record = await world.run(world.ledger.read(noticeId, notice.period));
    const entries = (record?.history ?? []).filter(
      ({ from, to }) => from !== to && (to === "failed" || to === "in_doubt"),
    );
    expect(deadLetters).toHaveLength(entries.length);
    expect(told.filter((letter) => letter.noticeId === noticeId)).toHaveLength(entries.length);
  }
};

const stepFate = fc.constantFrom<StepFate[]>(
  "works",
  "works",
  "transient",
  "permanent",
  "postponed",
  "throws",
);
const sendFate = fc.constantFrom<SendFate[]>(
  ...(["accepted", "accepted slowly", "rejected for good", "rejected for now", "not accepted"] as const),
  ...(["not handed over", "unknown", "dropped", "throws"] as const),
);
const fates: fc.Arbitrary<Fates> = fc.record({
  load: stepFate,
  open: fc.constantFrom<StepFate[]>("works", "works", "permanent"),
  render: stepFate,
  sends: fc.array(sendFate, { maxLength: 4 }),
});
const faults = fc.array(fc.constantFrom<Fault[]>("none", "transient", "lost", "unwritten", "late"), {
  maxLength: 3,
});

describe("the whole journey", () => {
  it("ends, for every notice, as the provider's journal says, whatever it answers and whenever a worker dies", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fates, { minLength: 1, maxLength: 5 }),
        fc.record({
          "begin-send": faults,
          accept: faults,
          "definite-no": faults,
          doubt: faults,
        }),
        fc.option(fc.oneof(fc.nat(200), fc.nat(8_000))),
        fc.integer(),
        async (notices, given, killAtMs, seed) => {
          const world = await worldWith({ seed, faults: given, maxInFlight: 2 });
          for (const [at, each] of notices.entries()) await world.ingest(`n${at}`, each);
          const told: Letter[] = [];
          const upkeep = keepUp(world, told);
          const [first, second] = [work(world, "worker-1"), work(world, "worker-2")];
          const run = await dispatch(world);
          if (killAtMs !== null) world.clock.after(killAtMs, () => (first.process.isKilled = true));
          await world.clock.runUntil(
            () => world.ledger.notices().every(({ notice }) => isFinal(notice.status)),
            HOUR_MS,
          );
          await world.clock.runUntil(run.done, HOUR_MS);
          await world.clock.advance(20_000); // the last letters are told
          const closing = [...second.running, ...first.running].map((each) => each.drain(1_000));
          await world.clock.runUntil(Promise.all([...closing, upkeep.stop()]), HOUR_MS);
          await theBooksAgree(world, told);
        },
      ),
      { numRuns: 1_000 },
    );
  }, 900_000);
});
