/**
 * Many worlds, one after the other, and what they came to together. A seed is its world: the same plan, the same trace.
 */
import { Draw } from "../support/draw.ts";
import { planOf, type Plan } from "./plan.ts";
import { type Outcome, simulate, type TownOptions } from "./town.ts";

export const planOfSeed = (seed: number): Plan => planOf(seed, new Draw(seed));

export interface FailedSeed {
  readonly seed: number;
  readonly violations: readonly string[];
}

/** Of all worlds that were lived. */
export interface Tally {
  seeds: number;
  notices: number;
  accepted: number;
  inDoubt: number;
  virtualMs: number;
  readonly injected: Map<string, number>;
  readonly steps: Set<string>;
  readonly failed: FailedSeed[];
}

export const emptyTally = (): Tally => ({
  ...{ seeds: 0, notices: 0, accepted: 0, inDoubt: 0, virtualMs: 0 },
  ...{ injected: new Map(), steps: new Set(), failed: [] },
});

/** A world that could not even be lived counts as one that failed. */
const livedBy = async (plan: Plan, options?: TownOptions): Promise<Outcome | string> => {
  try {
    return await simulate(plan, options);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
};

export const liveSeed = async (
  tally: Tally,
  seed: number,
  options?: TownOptions,
): Promise<Outcome | null> => {
  const plan = planOfSeed(seed);
  const outcome = await livedBy(plan, options);
  tally.seeds += 1;
  tally.notices += plan.notices;
  if (typeof outcome === "string") {
    tally.failed.push({ seed, violations: [`thrown: ${outcome}`] });
    return null;
  }
  tally.accepted += outcome.accepted;
  tally.inDoubt += outcome.inDoubt;
  tally.virtualMs += outcome.virtualMs;
  for (const [fault, times] of outcome.injected)
    tally.injected.set(fault, (tally.injected.get(fault) ?? 0) + times);
  for (const step of outcome.steps) tally.steps.add(step);
  if (outcome.violations.length > 0) tally.failed.push({ seed, violations: outcome.violations });
  return outcome;
};

/** How somebody sees it again. */
export const replayOf = ({ seed, violations }: FailedSeed): string =>
  `seed ${seed}: ${violations[0] ?? ""}${violations.length > 1 ? ` and ${violations.length - 1} more` : ""}; npm run prove:simulation -- --seed ${seed}`;
