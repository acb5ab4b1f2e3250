/**
 * The limits of a pipeline as its author gave them, looked at when it is made: one that is wrong would otherwise show
 * much later, as a pipeline that never takes anything, never commits or never stops. Each message names the pipeline, the
 * option, the value and what to give instead.
 */
import type { BreakerLimits } from "./bug-breaker.ts";
import type { CommitPace } from "./commits.ts";
import type { RestartLimits } from "./restarts.ts";
import type { WindowLimits } from "./window.ts";

export interface PipelineLimits {
  readonly name: string;
  readonly window?: Partial<WindowLimits>;
  readonly delayRoom?: number;
  readonly breaker?: BreakerLimits;
  readonly restarts?: RestartLimits;
  readonly commit?: CommitPace;
  readonly strandedAfterMs?: number;
  readonly closeWithinMs?: number;
}

interface Rule {
  readonly least: number;
  readonly isWhole?: true;
  /** `Infinity` means something here. */
  readonly mayBeEndless?: true;
  readonly give: string;
}

const RULES = {
  "window.credits": {
    least: 1,
    give: "how many records may be unfinished at once, at least 1; memory follows from it, so it has an end",
  },
  "window.bytes": {
    least: 1,
    mayBeEndless: true,
    give: "how many bytes may be unfinished at once, at least 1",
  },
  delayRoom: {
    least: 0,
    isWhole: true,
    give: "how many records may wait for a later try, a whole number; 0 for none",
  },
  "breaker.bugs": {
    least: 1,
    mayBeEndless: true,
    give: "how many unexpected throws are still taken for bad records, at least 1",
  },
  "breaker.withinMs": {
    least: 1,
    mayBeEndless: true,
    give: "the time within which throws are counted, at least 1 ms",
  },
  "restarts.most": {
    least: 0,
    isWhole: true,
    give: "how many restarts are allowed within restarts.withinMs, a whole number; 0 for none",
  },
  "restarts.withinMs": { least: 1, give: "the time within which restarts are counted, at least 1 ms" },
  "restarts.firstMs": { least: 0, give: "the wait before the first restart, 0 ms or more" },
  "restarts.capMs": { least: 0, give: "the longest wait before a restart, 0 ms or more" },
  "commit.everyMs": {
    least: 0,
    give: "the shortest time between two commits; 0 ms for as soon as the one before has returned",
  },
  strandedAfterMs: {
    least: 1,
    mayBeEndless: true,
    give: "the age at which an unsettled record counts as dropped, at least 1 ms; Infinity for never",
  },
  closeWithinMs: {
    least: 0,
    give: "how long closing may wait for work that was given up, 0 ms or more; it has an end, because whoever stops a pipeline must not hang on it",
  },
} as const satisfies Readonly<Record<string, Rule>>;

type Option = keyof typeof RULES;

const isWithin = (value: number, { least, isWhole, mayBeEndless }: Rule): boolean =>
  value >= least &&
  (mayBeEndless === true || value < Infinity) &&
  (isWhole !== true || Number.isInteger(value));

/** Throws a `RangeError` for the first that is wrong. What is not given has its default. */
export const checkLimits = (limits: PipelineLimits): void => {
  const given: Readonly<Record<Option, number | undefined>> = {
    "window.credits": limits.window?.credits,
    "window.bytes": limits.window?.bytes,
    delayRoom: limits.delayRoom,
    "breaker.bugs": limits.breaker?.bugs,
    "breaker.withinMs": limits.breaker?.withinMs,
    "restarts.most": limits.restarts?.most,
    "restarts.withinMs": limits.restarts?.withinMs,
    "restarts.firstMs": limits.restarts?.firstMs,
    "restarts.capMs": limits.restarts?.capMs,
    "commit.everyMs": limits.commit?.everyMs,
    strandedAfterMs: limits.strandedAfterMs,
    closeWithinMs: limits.closeWithinMs,
  };
  // its own keys
  for (const option of Object.keys(RULES) as Option[]) {
    const rule: Rule = RULES[option];
    const value = given[option];
    if (value === undefined || isWithin(value, rule)) continue;
    throw new RangeError(`pipeline "${limits.name}": ${option} is ${value}: give ${rule.give}`);
  }
};
