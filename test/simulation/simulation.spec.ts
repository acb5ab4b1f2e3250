/**
 * The whole service on one virtual clock, struck by what the guarantees allow. More of it: `npm run prove:simulation`.
 */
import { describe, expect, it } from "vitest";
import { tableWithout } from "../search/without.ts";
import { CORPUS } from "./corpus.ts";
import { CHANCES } from "./plan.ts";
import { emptyTally, liveSeed, liveWorld, planOfSeed, replayOf, worldKept } from "./seeds.ts";
import { invariantOf, shrunk } from "./shrink.ts";
import { simulate } from "./town.ts";

const SEEDS = 150;
/** What is rare is looked for in so many at most. */
const MOST_SEEDS = 4 * SEEDS;
/** One in so many lives twice. */
const TWICE_EVERY = 50;
const LIMIT_MS = 300_000;

/** A guard, the invariant that breaks without it, and within how many seeds that is seen. */
const MISSED = [
  ["T8.already-mine", "S5", 10],
  ["T6.paused", "S10", 40],
  ["T14.status", "S5", 40],
] as const;

const BLOWS = [
  ...["crash", "stop", "freeze", "ledger-away", "log-away", "wipe"],
  ...["storm", "pause", "wall-step", "new-policy", "cancel", "suppress"],
  ...["replay", "poison", "deploy"],
];

/** Steps of the table that a service takes in such worlds, and has to have taken. */
const STEPS = [
  ...[
    "T2 ready>queued",
    "T2x ready>suppressed",
    "T3 queued>claimed",
    "T4 claimed>queued",
    "T5 claimed>queued",
  ],
  ...["T6 claimed>sending", "T6n claimed>ready", "T6n claimed>suppressed", "T8 sending>sent"],
  ...["T8 in_doubt>sent", "T9 sending>queued", "T9 sending>failed", "T10 sending>in_doubt"],
  ...["T11 sending>in_doubt", "T11r in_doubt>in_doubt", "T12 in_doubt>queued", "T14 ready>cancelled"],
  "T13 failed>ready",
  ...["T16 ready>expired", "T16 queued>expired", "T16 claimed>expired"],
];

describe("the whole service, simulated", { timeout: LIMIT_MS }, () => {
  it("keeps every invariant whatever strikes it, comes to rest when the faults end, and meets each fault", async () => {
    const tally = emptyTally();
    // worlds without a fault or a step of the table show nothing of it
    const unmet = (): readonly string[] => [
      ...[...CHANCES, ...BLOWS].filter((fault) => !tally.injected.has(fault)),
      ...STEPS.filter((step) => !tally.steps.has(step)),
    ];
    for (const kept of CORPUS) await liveWorld(tally, worldKept(kept));
    for (let seed = 1; seed <= SEEDS || (seed <= MOST_SEEDS && unmet().length > 0); seed += 1)
      await liveSeed(tally, seed);
    expect(tally.failed.map(replayOf)).toEqual([]);
    expect(unmet()).toEqual([]);
    expect(tally.accepted).toBeGreaterThan(tally.notices / 2);
    expect(tally.inDoubt).toBeGreaterThan(0);
  });

  it("lives the same world again by the same seed", async () => {
    for (let seed = TWICE_EVERY; seed <= SEEDS; seed += TWICE_EVERY) {
      const [one, other] = [await simulate(planOfSeed(seed)), await simulate(planOfSeed(seed))];
      expect(other.hash, `seed ${seed}`).toBe(one.hash);
    }
    expect((await simulate(planOfSeed(1))).hash).not.toBe((await simulate(planOfSeed(2))).hash);
  });

  it.each(MISSED)("misses %s: %s breaks within a few seeds", async (check, invariant, within) => {
    const table = tableWithout(check);
    const tally = emptyTally();
    for (let seed = 1; seed <= within && tally.failed.length === 0; seed += 1)
      await liveSeed(tally, seed, { table });
    expect(tally.failed.flatMap(({ violations }) => violations.map(invariantOf))).toContain(invariant);
  });

  it("makes a failing plan smaller, and it still fails", async () => {
    const table = tableWithout("T8.already-mine");
    const failing = async (plan: ReturnType<typeof planOfSeed>) =>
      (await simulate(plan, { table })).violations;
    let seed = 1;
    while (seed < 10 && (await failing(planOfSeed(seed))).length === 0) seed += 1;
    const whole = planOfSeed(seed);
    const least = await shrunk(whole, failing, 40);
    expect((await failing(least)).map(invariantOf)).toContain("S5");
    expect(least.notices + least.blows.length).toBeLessThan(whole.notices + whole.blows.length);
  });
});
