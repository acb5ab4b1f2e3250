/**
 * What a page adds to the figures of its run: counted from what was won, never from what was decided.
 */
import type { Instant, RunId } from "./ids.ts";
import type { HoldReason } from "./notice.ts";
import type { Answer, RoutingCandidate, RoutingCommand } from "./ports/notice-ledger.ts";
import type { RunFigures } from "./ports/runs.ts";

export const NO_FIGURES: RunFigures = {
  pages: 0,
  candidates: 0,
  admitted: 0,
  published: 0,
  publishFailed: 0,
  heldBy: {},
  putOff: 0,
  suppressed: 0,
  expired: 0,
  pageMs: 0,
  publishMs: 0,
};

type Held = Partial<Record<HoldReason, number>>;

/** @param commands and answers one a candidate, in the same order; empty where one was left alone */
export const figuresOfPage = (
  commands: readonly (RoutingCommand | null)[],
  answers: readonly (Answer | null)[],
): RunFigures => {
  const won = commands.filter(
    (command, n): command is RoutingCommand => command !== null && answers[n]?.verdict === "won",
  );
  const count = (type: RoutingCommand["type"]): number => won.filter((each) => each.type === type).length;
  const heldBy: Held = {};
  let putOff = 0;
  for (const command of won) {
    if (command.type !== "hold") continue;
    const { reason } = command;
    if (reason === null) putOff += 1;
    else heldBy[reason] = (heldBy[reason] ?? 0) + 1;
  }
  return {
    ...NO_FIGURES,
    pages: commands.length === 0 ? 0 : 1,
    candidates: commands.length,
    admitted: count("route"),
    heldBy,
    putOff,
    suppressed: count("suppress"),
    expired: count("expire"),
  };
};

export const addFigures = (a: RunFigures, b: RunFigures): RunFigures => {
  const heldBy: Held = { ...a.heldBy };
  // The keys of the record are its reasons, which Object.entries forgets.
  for (const [reason, more] of Object.entries(b.heldBy) as [HoldReason, number][]) {
    heldBy[reason] = (heldBy[reason] ?? 0) + more;
  }
  return {
    pages: a.pages + b.pages,
    candidates: a.candidates + b.candidates,
    admitted: a.admitted + b.admitted,
    published: a.published + b.published,
    publishFailed: a.publishFailed + b.publishFailed,
    heldBy,
    putOff: a.putOff + b.putOff,
    suppressed: a.suppressed + b.suppressed,
    expired: a.expired + b.expired,
    pageMs: a.pageMs + b.pageMs,
    publishMs: a.publishMs + b.publishMs,
  };
};

/** Lets at most `rest` routings through, in the name of the run; the page ends before the next one. */
export const withinCap = (
  decide: (candidate: RoutingCandidate, now: Instant) => RoutingCommand | null,
  runId: RunId,
  rest: number,
): ((candidate: RoutingCandidate, now: Instant) => RoutingCommand | null | "end") => {
  let left = rest;
  let ended = false;
  return (candidate, now) => {
    const command = ended ? "end" : decide(candidate, now);
    if (command === null || command === "end" || command.type !== "route") return command;
    left -= 1;
    ended = left < 0;
    return ended ? "end" : { ...command, runId };
  };
};
