/**
 * Why a notice waits: held, put off, not routed yet, or queued for its next attempt.
 */
import type { Instant } from "./ids.ts";
import { isoInstant } from "./iso-instant.ts";
import type { HistoryEntry } from "./lifecycle/rule.ts";
import type { HoldReason } from "./notice.ts";
import { openWindow } from "./quiet-hours.ts";
import { routeCandidate } from "./route.ts";
import { kept, lastLine, place, type WhyFacts } from "./why-facts.ts";

export const whyWaiting = (facts: WhyFacts): string => {
  const { notice } = facts.record;
  if (notice.status === "queued") return queued(facts);
  if (notice.holdReason !== null) return held(facts, notice.holdReason);
  return notice.dueAt > facts.now ? putOff(facts) : unrouted(facts);
};

const pauseOf = ({ pauses, record: { notice } }: WhyFacts) =>
  pauses.find(({ scope }) => scope === "*" || scope === notice.channel) ??
  (notice.channel === null ? pauses[0] : undefined);

const scopeInWords = (scope: string): string => (scope === "*" ? "everything" : scope);

const held = (facts: WhyFacts, reason: HoldReason): string => {
  const line = lastLine(facts, "T2h", "T4", "T6n");
  const since = line === undefined ? "" : ` since ${isoInstant(line.at)}`;
  switch (reason) {
    case "paused": {
      const pause = pauseOf(facts);
      if (pause !== undefined)
        return `Held${since}: ${scopeInWords(pause.scope)} is paused since ${isoInstant(pause.since)}, because of "${kept(pause.reason, "no stated reason")}"`;
      return facts.active?.paused === true
        ? `Held${since}: the policy in force is paused`
        : `Held${since} by a pause that is over: upkeep releases it`;
    }
    case "policy":
      return `Held${since}: the policy that it was routed by is not at hand, and the activation of a policy releases it`;
    case "lapses":
      return `Held${since} until an operator decides: its workers were lost ${facts.record.notice.lapses} times in a row while preparing it`;
    case "operator": {
      const own = facts.ownQuietHours;
      if (own !== null && "unreadable" in own)
        return `Held${since} until an operator decides: ${own.unreadable}`;
      return `Held${since} by ${line?.actor ?? "an operator"} until an operator releases it`;
    }
    case "contradiction":
      return `Held${since} until an operator decides: a provider accepted what had been settled before`;
  }
};

/** The rule that was in the way at that instant, by the policy in force. */
const clauseAt = ({ active, ownQuietHours }: WhyFacts, at: Instant): string | null => {
  if (active === null || (ownQuietHours !== null && "unreadable" in ownQuietHours)) return null;
  const window = openWindow(active, ownQuietHours, at);
  return window.open ? null : window.clause;
};

const putOff = (facts: WhyFacts): string => {
  const { dueAt } = facts.record.notice;
  const line = lastLine(facts, "T2h", "T6n", "T13");
  if (line === undefined) return `Not due before ${isoInstant(dueAt)}: that is when it was made available`;
  const clause = clauseAt(facts, line.at) ?? clauseAt(facts, facts.now) ?? "the policy said not now";
  return `Put off at ${isoInstant(line.at)} until ${isoInstant(dueAt)}: ${clause}`;
};

const unrouted = (facts: WhyFacts): string => {
  const { notice } = facts.record;
  const isFresh = notice.channel === null && notice.generation === 1;
  const who = isFresh ? "the next run" : "upkeep";
  const due = `Due since ${isoInstant(notice.dueAt)}`;
  if (facts.active === null) return `${due}, and no policy is in force to route it by`;
  const pause = pauseOf(facts);
  if (pause !== undefined)
    return `${due}, and ${scopeInWords(pause.scope)} is paused since ${isoInstant(pause.since)}, because of "${kept(pause.reason, "no stated reason")}"`;
  const candidate = {
    ...notice,
    suppressed: facts.suppressed !== null,
    channels: facts.channels,
    ownQuietHours: facts.ownQuietHours,
  };
  const decision = routeCandidate(candidate, { active: facts.active, pinned: facts.pinned }, facts.now);
  const { clause } = decision.because;
  switch (decision.kind) {
    case "route":
      return `${due}, and waits for ${who}, which routes it to ${decision.channel}: ${clause}`;
    case "later":
      return `${due}, and ${who} puts it off until ${isoInstant(decision.until)}: ${clause}`;
    case "hold":
      return `${due}, and ${who} holds it: ${clause}`;
    case "suppress":
    case "expire":
      return `${due}, and ${who} ends it: ${clause}`;
  }
};

const queued = (facts: WhyFacts): string => {
  const { notice } = facts.record;
  const next = place(facts, notice);
  const waits =
    notice.dueAt > facts.now
      ? `Waits until ${isoInstant(notice.dueAt)} for ${next}`
      : `Queued for ${next}, and waits for a worker`;
  const pause = pauseOf(facts);
  const paused =
    pause === undefined
      ? ""
      : `, which is paused since ${isoInstant(pause.since)} because of "${kept(pause.reason, "no stated reason")}"`;
  const before = lastLine(facts, "T2", "T4", "T5", "T5f", "T9", "T12");
  if (before === undefined) return `${waits}${paused}`;
  return `${waits}${paused}${(AFTER[before.transition] ?? afterRouting)(before, facts)}`;
};

type After = (line: HistoryEntry, facts: WhyFacts) => string;

const afterAttempt: After = ({ attemptId, because }) =>
  `, after attempt ${attemptId} had ended: ${kept(because, "not accepted")}`;

const afterRouting: After = ({ at }, { record: { notice } }) =>
  `: it was routed${notice.runId === null ? "" : ` by run ${notice.runId}`} at ${isoInstant(at)}`;

/** What brought it back into the queue. */
const AFTER: Readonly<Partial<Record<HistoryEntry["transition"], After>>> = {
  T4: ({ at }, { record: { notice } }) =>
    `, after its worker was lost at ${isoInstant(at)} (lapse ${notice.lapses})`,
  T5: ({ at }) => `, after a worker gave it back at ${isoInstant(at)}`,
  T5f: ({ because }) =>
    `, after the channel before could not be used: ${kept(because, "no reason was kept")}`,
  T9: afterAttempt,
  T12: afterAttempt,
};
