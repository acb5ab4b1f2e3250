/**
 * What is proved, by name: in full by `npm run prove:kafka`, in small by the tests. Both call these.
 */
import type { GatewayClass } from "../../test/service/end-to-end/november.ts";
import type { Summary } from "../prove-kills/proof.ts";
import { brokerAway, leaderKilled, topicMadeAgain } from "./by-brokers.ts";
import { frozen, kills, rolling } from "./by-processes.ts";
import { type Disturbance, proveOnKafka } from "./proof-on-kafka.ts";
import type { WorldOptions } from "./world.ts";

export const SCENARIOS = ["load", "kills", "rolling", "frozen", "topic", "broker", "leader"] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

/** What a proof is given; the rest is a scenario's own. */
export type Scale = Omit<
  WorldOptions,
  "itsClass" | "latencyMs" | "lastsMs" | "claimsWait" | "deltaMs" | "refusedShare"
> & {
  /** Default: the scenario's own. */
  readonly itsClass?: GatewayClass;
  readonly kills: number;
  readonly betweenKillsMs: readonly [number, number];
  /** Beside what is waited for: each step of a disturbance, on this machine. */
  readonly stepMs: number;
  /** Whether the broker stays away until its absence was said again, after half a minute. */
  readonly saysTwice: boolean;
};

interface Scenario {
  readonly itsClass: GatewayClass;
  readonly disturbances: readonly Disturbance[];
  readonly latencyMs: number;
  readonly lastsMs: number | null;
  readonly claimsWait?: boolean;
  readonly deltaMs?: number;
  readonly republishMs?: number;
}

/** Of the e-mails: as many as the gateway refuses for good. */
const REFUSED_SHARE = 0.05;
const DELTA_MS = 1_000;
const REPUBLISH_MS = 2_000;
/** Longer than anybody is frozen. */
const FROZEN_DELTA_MS = 60_000;

const scenarioOf = (name: ScenarioName, scale: Scale): Scenario => {
  const { stepMs, workers, dispatchers } = scale;
  const [least, most] = scale.betweenKillsMs;
  switch (name) {
    case "load":
      return { itsClass: "B", disturbances: [], latencyMs: 50, lastsMs: null };
    case "kills": {
      const lastsMs = scale.kills * ((least + most) / 2 + stepMs);
      const disturbances = [kills(scale.kills, scale.betweenKillsMs)];
      return { itsClass: "B", disturbances, latencyMs: 500, lastsMs };
    }
    case "rolling": {
      const lastsMs = (workers + dispatchers + 1) * 3 * stepMs;
      // what nobody has told twice, the log brings twice only when it is read twice
      const republishMs = 3_600_000;
      return { itsClass: "B", disturbances: [rolling], latencyMs: 1_000, lastsMs, republishMs };
    }
    case "frozen":
      return {
        ...{ itsClass: "C", disturbances: [frozen], latencyMs: 1_500, lastsMs: 25_000 + 3 * stepMs },
        ...{ claimsWait: true, deltaMs: FROZEN_DELTA_MS },
      };
    case "topic":
      return { itsClass: "B", disturbances: [topicMadeAgain], latencyMs: 300, lastsMs: 10 * stepMs };
    case "broker":
      return {
        ...{ itsClass: "B", disturbances: [brokerAway(scale)], latencyMs: 300, lastsMs: 10 * stepMs },
      };
    case "leader":
      return { itsClass: "B", disturbances: [leaderKilled], latencyMs: 300, lastsMs: 10 * stepMs };
  }
};

export const needsOwnBrokers = (name: ScenarioName): 1 | 3 | null =>
  name === "broker" ? 1 : name === "leader" ? 3 : null;

/** The one that takes longer decides. */
const longer = (one: number | undefined, other: number | undefined): number => Math.max(one ?? 0, other ?? 0);

/** One after the other, in one service. */
const together = (one: Scenario, other: Scenario): Scenario => ({
  ...{ itsClass: other.itsClass, disturbances: [...one.disturbances, ...other.disturbances] },
  latencyMs: longer(one.latencyMs, other.latencyMs),
  lastsMs: (one.lastsMs ?? 0) + (other.lastsMs ?? 0),
  claimsWait: one.claimsWait === true || other.claimsWait === true,
  deltaMs: longer(one.deltaMs, other.deltaMs) || DELTA_MS,
  republishMs: longer(one.republishMs, other.republishMs) || REPUBLISH_MS,
});

/** Several of them share a service, and its class is the last one's unless another is asked for. */
export const proveScenario = (
  names: readonly [ScenarioName, ...ScenarioName[]],
  scale: Scale,
): Promise<Summary> => {
  const [first, ...others] = names;
  const { disturbances, ...own } = others.reduce(
    (before, name) => together(before, scenarioOf(name, scale)),
    scenarioOf(first, scale),
  );
  return proveOnKafka(
    names.join(", "),
    {
      ...{ deltaMs: DELTA_MS, refusedShare: REFUSED_SHARE, ...scale, ...own },
      itsClass: scale.itsClass ?? own.itsClass,
    },
    disturbances,
  );
};
