/**
 * What will happen in one simulated world, drawn from its seed before anything starts: which faults there are and how often, how many
 * processes there are, and what strikes them when. It is plain data, so that a failing plan can be made smaller and run again.
 *
 * Swarm testing: each seed draws which faults exist at all. A world with all of them at once never gets far enough for some mistakes.
 */
import type { Draw } from "../support/draw.ts";

/** Chances, for each call that they concern. 0: there is no such fault in this world. */
export interface Chances {
  /** A statement takes seconds. */
  readonly ledgerSlow: number;
  /** It was carried out, and its answer was lost. */
  readonly answerLost: number;
  /** The connection broke before it was carried out, which nobody can know. */
  readonly statementLost: number;
  /** The database refuses it for now. */
  readonly ledgerRefuses: number;
  readonly publishRefused: number;
  /** It is in the log, and nobody was told so. */
  readonly publishUnanswered: number;
  /** The log has said that it has it, and loses it. */
  readonly recordLost: number;
  readonly recordRepeated: number;
  /** Others overtake it. */
  readonly recordLate: number;
  readonly commitFails: number;
  readonly providerSlow: number;
  /** It accepts and says nothing. */
  readonly acceptedInSilence: number;
  /** It takes the request and neither accepts nor answers. */
  readonly swallowed: number;
  readonly rejectedForGood: number;
  readonly rejectedForNow: number;
  readonly busy: number;
  /** A 5xx that may mean anything; half of them after it has accepted. */
  readonly garbled: number;
  readonly noConnection: number;
  readonly lookUpFails: number;
  /** Between the last look at the deadline and the first byte. */
  readonly frozenBeforeFirstByte: number;
  /** A connection takes seconds, before that look. */
  readonly connectSlow: number;
}

/** What strikes at its time; `seat` is a process, `forMs` how long it lasts. */
export type Blow =
  | { readonly kind: "crash" | "stop" | "freeze"; readonly seat: number; readonly forMs: number }
  | { readonly kind: "ledger-away" | "log-away"; readonly forMs: number }
  | { readonly kind: "wipe"; readonly channel: "email" | "sms" }
  | { readonly kind: "storm"; readonly rebalances: number }
  | { readonly kind: "pause"; readonly scope: "email" | "sms" | "*"; readonly forMs: number }
  | { readonly kind: "wall-step"; readonly seat: number; readonly byMs: number }
  /** All of them end in order, and others begin, of a release with other templates. */
  | { readonly kind: "deploy"; readonly forMs: number }
  /** The same rules, but for a quiet minute around which everything happens. */
  | { readonly kind: "new-policy"; readonly quiet: "before" | "after" | null }
  /** What has failed or was cancelled is begun again. */
  | { readonly kind: "replay" }
  /** A record that nobody can read. */
  | { readonly kind: "poison"; readonly channel: "email" | "sms" }
  | { readonly kind: "cancel" | "suppress"; readonly notice: number };

export type PlannedBlow = Blow & { readonly atMs: number };

export type ProviderLetter = "A" | "B" | "C";

export interface Plan {
  readonly seed: number;
  readonly log: "broker" | "ledger";
  readonly classes: { readonly email: ProviderLetter; readonly sms: ProviderLetter };
  /** The client waits until what it gives up is finished. */
  readonly awaitedRevocation: boolean;
  readonly notices: number;
  readonly dispatchers: number;
  readonly workers: number;
  readonly upkeeps: number;
  readonly chances: Chances;
  readonly blows: readonly PlannedBlow[];
  /** When the faults end. */
  readonly faultsMs: number;
}

/** No chance of anything. */
export const CALM: Chances = {
  ...{ ledgerSlow: 0, answerLost: 0, statementLost: 0, ledgerRefuses: 0 },
  ...{ publishRefused: 0, publishUnanswered: 0, recordLost: 0, recordRepeated: 0, recordLate: 0 },
  ...{ commitFails: 0, providerSlow: 0, acceptedInSilence: 0, swallowed: 0 },
  ...{ rejectedForGood: 0, rejectedForNow: 0, busy: 0, garbled: 0, noConnection: 0 },
  ...{ lookUpFails: 0, frozenBeforeFirstByte: 0, connectSlow: 0 },
};

export const CHANCES = Object.keys(CALM) as readonly (keyof Chances)[]; // the keys of that very type

const KINDS = [
  ...["crash", "crash", "crash", "stop", "freeze", "freeze", "ledger-away", "log-away", "wipe"],
  ...["storm", "pause", "pause", "wall-step", "new-policy", "cancel", "suppress"],
  ...["poison", "poison", "deploy", "deploy"],
] as const;

const FAULTS_MS = 20_000;
const MOST_BLOWS = 8;
/** Of the calls that a fault concerns, at most. */
const RAREST = 2;
const OFTENEST = 25;
/** Where there are few kinds of them. */
const OFTENEST_OF_FEW = 45;
/** What there is seldom an occasion for, or what has to come twice to show itself. */
const SELDOM_MET: ReadonlySet<keyof Chances> = new Set(["lookUpFails", "rejectedForGood"]);

export const planOf = (seed: number, draw: Draw): Plan => {
  const seats = { dispatchers: draw.within(1, 2), workers: draw.within(2, 3), upkeeps: draw.within(1, 2) };
  const processes = seats.dispatchers + seats.workers + seats.upkeeps;
  const notices = draw.within(20, 28);
  const isCalm = draw.chance(0.5);
  const shareOf = (name: keyof Chances): number =>
    SELDOM_MET.has(name)
      ? draw.within(OFTENEST, 2 * OFTENEST)
      : draw.within(RAREST, isCalm ? OFTENEST_OF_FEW : OFTENEST);
  const chances = Object.fromEntries(
    CHANCES.map((name) => [name, draw.chance(isCalm ? 0.15 : 0.4) ? shareOf(name) / 100 : 0]),
  ) as unknown as Chances; // one of each name
  const struck = Array.from({ length: draw.within(0, MOST_BLOWS) }, () => blow(draw, { processes, notices }));
  // what fails for good is rare, so somebody often looks for it
  if (draw.chance(0.5)) struck.push({ kind: "replay" });
  const blows = struck.map((one) => ({ ...one, atMs: draw.within(500, FAULTS_MS - 500) }));
  return {
    ...{ seed, log: draw.one(["broker", "broker", "ledger"]), notices, ...seats },
    classes: { email: draw.one(["A", "B", "C"]), sms: draw.one(["A", "B", "C"]) },
    awaitedRevocation: draw.chance(0.5),
    ...{ chances, faultsMs: FAULTS_MS },
    blows: blows.sort((one, other) => one.atMs - other.atMs),
  };
};

/** Nobody is killed or stands still, and the ledger is there, however unreliable. */
export const letsLive = ({ blows, chances }: Plan): boolean =>
  chances.frozenBeforeFirstByte + chances.ledgerSlow === 0 &&
  !blows.some(({ kind }) => kind === "crash" || kind === "freeze" || kind === "ledger-away");

/** And nobody has claimed a page without knowing of it. */
export const letsGiveBack = (plan: Plan): boolean =>
  letsLive({ ...plan, chances: { ...plan.chances, ledgerSlow: 0 } }) && plan.chances.answerLost === 0;

const blow = (
  draw: Draw,
  { processes, notices }: { readonly processes: number; readonly notices: number },
): Blow => {
  const kind = draw.one(KINDS);
  const seat = draw.within(0, processes - 1);
  switch (kind) {
    case "crash":
    case "stop":
      return { kind, seat, forMs: draw.within(100, 5_000) };
    case "freeze":
      return { kind, seat, forMs: draw.within(100, 15_000) };
    case "ledger-away":
    case "log-away":
    case "deploy":
      return { kind, forMs: draw.within(200, 6_000) };
    case "wipe":
    case "poison":
      return { kind, channel: draw.one(["email", "sms"]) };
    case "storm":
      return { kind, rebalances: draw.within(2, 6) };
    case "pause":
      return { kind, scope: draw.one(["email", "sms", "*"]), forMs: draw.within(500, 8_000) };
    case "wall-step":
      return { kind, seat, byMs: draw.within(-10_000, 10_000) };
    case "new-policy":
      return { kind, quiet: draw.one(["before", "after", null]) };
    case "cancel":
    case "suppress":
      return { kind, notice: draw.within(0, notices - 1) };
  }
};
