/**
 * When may we send? Send days, send hours, quiet hours and the recipient's own quiet hours, as one answer.
 *
 * An instant is quiet when the local clock then shows a quiet time: nothing else is meant on days when the clocks
 * change. The answer is an interval and not a yes, because it is asked with one clock and obeyed by another: the
 * worker asks, the ledger compares its own time with the interval in the statement that grants the right to send.
 * A gate that is exact to the millisecond here needs no agreement between the two clocks.
 *
 * Cost: a few µs, for about 30 pieces of two days each way.
 */
import { instant, type Instant } from "./ids.ts";
import type { Policy } from "./policy.ts";
import { intervalInWords, isWithin, MINUTES_PER_DAY, type QuietInterval } from "./quiet-hours-interval.ts";
import { calendarDay, DAY_MS, MINUTE_MS, SEOUL, steadyStretch, type ZoneId } from "./zone-time.ts";

/** What a recipient has asked for, beside the policy. */
export interface OwnQuietHours {
  readonly intervals: readonly QuietInterval[];
  /** Missing: Asia/Seoul. */
  readonly zone?: ZoneId;
}

export type OpenWindow = Open | Closed | ClosedBeyondSight;

/** No instant of `[openFrom, openUntil)` is quiet: a send that ends at `openUntil` is already too late. */
export interface Open {
  readonly open: true;
  /** The first open instant, or `WINDOW_REACH_MS` before `now` where the window is longer. */
  readonly openFrom: Instant;
  /** The first quiet instant, or `WINDOW_REACH_MS` after `now` where the window is longer. */
  readonly openUntil: Instant;
}

export interface Closed {
  readonly open: false;
  /** The first instant from which sending is allowed again. */
  readonly reopensAt: Instant;
  /** The rule that closes `now`, in words. */
  readonly clause: string;
}

/** Nothing opens within `LOOK_AHEAD_MS`: ask again then. Pauses and rules that contradict each other end here. */
export interface ClosedBeyondSight {
  readonly open: false;
  readonly reopensAt: null;
  readonly closedUntil: Instant;
  readonly clause: string;
}

/** How far an open window is followed in each direction. */
export const WINDOW_REACH_MS = 48 * 3_600_000;
/** How far an opening is looked for: past the longest wait for a day of the month, 31 August to 31 October. */
export const LOOK_AHEAD_MS = 62 * DAY_MS;

/**
 * @param policy the active one; while it is paused nothing is open, so that no gate can be made from it
 */
export const openWindow = (policy: Policy, own: OwnQuietHours | null, now: Instant): OpenWindow => {
  if (policy.paused) return closedBeyondSight("the policy is paused", now);
  const plans = own === null ? [planOfPolicy(policy)] : [planOfPolicy(policy), planOfOwn(own)];
  const here = pieceAt(plans, now);
  if (here.clause !== null) return reopening(plans, here, here.clause, now);
  return {
    open: true,
    openFrom: instant(openSince(plans, here.fromMs, now - WINDOW_REACH_MS)),
    openUntil: instant(openTill(plans, here.untilMs, now + WINDOW_REACH_MS)),
  };
};

const reopening = (plans: Plans, here: Piece, clause: string, now: Instant): Closed | ClosedBeyondSight => {
  const limitMs = now + LOOK_AHEAD_MS;
  for (let atMs = here.untilMs; atMs < limitMs;) {
    const piece = pieceAt(plans, atMs);
    if (piece.clause === null) return { open: false, reopensAt: instant(atMs), clause };
    atMs = piece.untilMs;
  }
  return closedBeyondSight(clause, now);
};

const closedBeyondSight = (clause: string, now: Instant): ClosedBeyondSight => ({
  open: false,
  reopensAt: null,
  closedUntil: instant(now + LOOK_AHEAD_MS),
  clause,
});

const openTill = (plans: Plans, fromMs: number, limitMs: number): number => {
  let atMs = fromMs;
  while (atMs < limitMs) {
    const piece = pieceAt(plans, atMs);
    if (piece.clause !== null) return atMs;
    atMs = piece.untilMs;
  }
  return limitMs;
};

const openSince = (plans: Plans, fromMs: number, limitMs: number): number => {
  let atMs = fromMs;
  while (atMs > limitMs) {
    // Pieces begin on whole milliseconds, so the one before holds the millisecond before.
    const piece = pieceAt(plans, atMs - 1);
    if (piece.clause !== null) return atMs;
    atMs = piece.fromMs;
  }
  return limitMs;
};

/** `[fromMs, untilMs)` in which no rule changes its mind: open (no clause), or closed by the clause. */
interface Piece {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly clause: string | null;
}

/** One party's rules, laid out over a local day. */
interface Plan {
  readonly zone: ZoneId;
  /** Minutes of the day at which something may change, rising from 0 to 1440. */
  readonly edges: readonly number[];
  /** What closes the day between an edge and the next, if anything. */
  readonly clauses: readonly (string | null)[];
  /** What closes whole local days, if anything does. */
  readonly closedDay: (localDay: number) => string | null;
}

type Plans = readonly Plan[];

const pieceAt = (plans: Plans, atMs: number): Piece => {
  let fromMs = -Infinity;
  let untilMs = Infinity;
  for (const plan of plans) {
    const piece = planPieceAt(plan, atMs);
    // Closed by one is closed, for as long as that one says, whatever the others say meanwhile.
    if (piece.clause !== null) return piece;
    fromMs = Math.max(fromMs, piece.fromMs);
    untilMs = Math.min(untilMs, piece.untilMs);
  }
  return { fromMs, untilMs, clause: null };
};

const planPieceAt = (plan: Plan, atMs: number): Piece => {
  const stretch = steadyStretch(atMs, plan.zone);
  const localDay = Math.floor((atMs + stretch.offsetMs) / DAY_MS);
  const midnightMs = localDay * DAY_MS - stretch.offsetMs;
  const within = (fromMinute: number, untilMinute: number, clause: string | null): Piece => ({
    fromMs: Math.max(stretch.fromMs, midnightMs + fromMinute * MINUTE_MS),
    untilMs: Math.min(stretch.untilMs, midnightMs + untilMinute * MINUTE_MS),
    clause,
  });
  const dayClause = plan.closedDay(localDay);
  if (dayClause !== null) return within(0, MINUTES_PER_DAY, dayClause);
  const minute = (atMs - midnightMs) / MINUTE_MS;
  let slot = 0;
  while ((plan.edges[slot + 1] ?? Infinity) <= minute) slot += 1;
  return within(plan.edges[slot] ?? 0, plan.edges[slot + 1] ?? MINUTES_PER_DAY, plan.clauses[slot] ?? null);
};

/** Laid out once for each policy; a policy never changes. */
const policyPlans = new WeakMap<Policy, Plan>();

const planOfPolicy = (policy: Policy): Plan => {
  const known = policyPlans.get(policy);
  if (known !== undefined) return known;
  const { zone, quietHours, sendHours } = policy;
  const hoursClause = `outside the send hours ${hoursInWords(sendHours)} in ${zone}`;
  const hourEdges = sendHours === "every" ? [] : sendHours.flatMap((hour) => [hour * 60, hour * 60 + 60]);
  const plan: Plan = {
    zone,
    ...layOut(quietHours, hourEdges, (minute) =>
      sendHours !== "every" && !sendHours.includes(Math.floor(minute / 60))
        ? hoursClause
        : quietClause("quiet hours", quietHours, zone, minute),
    ),
    closedDay: closedDays(policy),
  };
  policyPlans.set(policy, plan);
  return plan;
};

const planOfOwn = ({ intervals, zone = SEOUL }: OwnQuietHours): Plan => ({
  zone,
  ...layOut(intervals, [], (minute) =>
    quietClause("the recipient's own quiet hours", intervals, zone, minute),
  ),
  closedDay: () => null,
});

const layOut = (
  intervals: readonly QuietInterval[],
  otherEdges: readonly number[],
  clauseAt: (minute: number) => string | null,
): Pick<Plan, "edges" | "clauses"> => {
  const all = [0, MINUTES_PER_DAY, ...otherEdges, ...intervals.flatMap((i) => [i.fromMinute, i.untilMinute])];
  const edges = [...new Set(all)].sort((a, b) => a - b);
  return { edges, clauses: edges.slice(0, -1).map(clauseAt) };
};

const quietClause = (
  whose: string,
  intervals: readonly QuietInterval[],
  zone: ZoneId,
  minute: number,
): string | null => {
  const quiet = intervals.find((interval) => isWithin(interval, minute));
  return quiet === undefined ? null : `${whose} ${intervalInWords(quiet)} in ${zone}`;
};

const closedDays = ({ sendDays: { ofMonth, ofWeek }, zone }: Policy): Plan["closedDay"] => {
  if (ofMonth === "every" && ofWeek === "every") return () => null;
  const named = [
    ...(ofMonth === "every" ? [] : [`${ofMonth.join(", ")} of the month`]),
    ...(ofWeek === "every" ? [] : [ofWeek.join(", ")]),
  ];
  const clause = `outside the send days (${named.join("; ")}) in ${zone}`;
  return (localDay) => {
    const { day, weekday } = calendarDay(localDay);
    const open =
      (ofMonth === "every" || ofMonth.includes(day)) && (ofWeek === "every" || ofWeek.includes(weekday));
    return open ? null : clause;
  };
};

/** Neighbouring hours as one stretch: `09:00–12:00, 13:00–18:00`. */
const hoursInWords = (hours: Policy["sendHours"]): string => {
  if (hours === "every") return "00:00–24:00";
  const stretches: { fromMinute: number; untilMinute: number }[] = [];
  for (const hour of [...hours].sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last?.untilMinute === hour * 60) last.untilMinute += 60;
    else stretches.push({ fromMinute: hour * 60, untilMinute: hour * 60 + 60 });
  }
  return stretches.map(intervalInWords).join(", ");
};
