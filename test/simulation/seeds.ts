/**
 * Many worlds, one after the other, and what they came to together. A seed is its world: the same plan, the same trace.
 */
import { Draw } from "../support/draw.ts";
import type { KeptWorld } from "./corpus.ts";
import { planOf, type Plan } from "./plan.ts";
import { type Outcome, simulate, type TownOptions } from "./town.ts";

export const planOfSeed = (seed: number): Plan => planOf(seed, new Draw(seed));

/** A world, and how somebody sees it again: what is asked of `prove:simulation`. */
export interface World {
  readonly replay: string;
  readonly plan: Plan;
}

export const worldOfSeed = (seed: number): World => ({ replay: `--seed ${seed}`, plan: planOfSeed(seed) });
export const worldKept = ({ name, plan }: KeptWorld): World => ({ replay: `--kept ${name}`, plan });

export interface FailedWorld extends World {
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
  readonly failed: FailedWorld[];
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

export const liveWorld = async (
  tally: Tally,
  world: World,
  options?: TownOptions,
): Promise<Outcome | null> => {
  const { plan } = world;
  const outcome = await livedBy(plan, options);
  tally.seeds += 1;
  tally.notices += plan.notices;
  if (typeof outcome === "string") {
    tally.failed.push({ ...world, violations: [`thrown: ${outcome}`] });
    return null;
  }
  tally.accepted += outcome.accepted;
  tally.inDoubt += outcome.inDoubt;
  tally.virtualMs += outcome.virtualMs;
  for (const [fault, times] of outcome.injected)
    tally.injected.set(fault, (tally.injected.get(fault) ?? 0) + times);
  for (const step of outcome.steps) tally.steps.add(step);
  if (outcome.violations.length > 0) tally.failed.push({ ...world, violations: outcome.violations });
  return outcome;
};

export const liveSeed = (tally: Tally, seed: number, options?: TownOptions): Promise<Outcome | null> =>
  liveWorld(tally, worldOfSeed(seed), options);

/** Its first word, and how somebody sees it again. */
export const replayOf = ({ replay, violations }: FailedWorld): string =>
  `${violations[0] ?? ""}${violations.length > 1 ? ` and ${violations.length - 1} more` : ""}; npm run prove:simulation -- ${replay}`;
