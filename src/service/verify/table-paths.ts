/**
 * The transition table once more, as paths: from where to where each transition leads, and whether it raises the epoch.
 * Written down a second time on purpose: derived from the table, it would agree with whatever the table says.
 */
import type { HistoryEntry, TransitionId } from "../../domain/lifecycle/rule.ts";
import type { Status } from "../../domain/notice.ts";

type Path = `${Status}>${Status}`;

const PATHS: Readonly<Record<TransitionId, readonly Path[]>> = {
  T2: ["ready>queued"],
  T2h: ["ready>ready"],
  T2x: ["ready>suppressed"],
  T3: ["queued>claimed"],
  T3r: [],
  T4: ["claimed>queued", "claimed>ready"],
  T5: ["claimed>queued"],
  T5f: ["claimed>queued", "claimed>failed"],
  T6: ["claimed>sending"],
  T6n: ["claimed>ready", "claimed>suppressed", "claimed>expired", "claimed>cancelled"],
  T8: ["sending>sent", "in_doubt>sent"],
  T9: ["sending>queued", "sending>failed", "sending>cancelled"],
  T10: ["sending>in_doubt"],
  T11: ["sending>in_doubt"],
  T11r: ["in_doubt>in_doubt"],
  T12: ["in_doubt>queued", "in_doubt>failed", "in_doubt>cancelled"],
  T13: ["failed>ready", "cancelled>ready"],
  T14: [
    ...(["ready>cancelled", "queued>cancelled", "claimed>cancelled"] as const),
    ...(["sending>sending", "in_doubt>in_doubt"] as const),
  ],
  T16: ["ready>expired", "queued>expired", "claimed>expired"],
  TP: [],
};

/** What takes a notice from its holder raises the epoch by one; everything else leaves it alone. */
const RAISING: ReadonlySet<TransitionId> = new Set<TransitionId>([
  ...(["T2", "T3", "T4", "T5", "T5f", "T6n", "T9", "T12", "T13", "T16"] as const),
]);

const ALLOWED: ReadonlySet<string> = new Set(
  Object.entries(PATHS).flatMap(([transition, paths]) => paths.map((path) => `${transition} ${path}`)),
);

type Line = Pick<HistoryEntry, "transition" | "from" | "to" | "because">;

/** An acceptance of what was settled already: noted wherever the notice stands, and changes no status. */
export const isContradiction = ({ transition, because }: Pick<Line, "transition" | "because">): boolean =>
  transition === "T8" && because === "contradiction";

export const isPath = (line: Line): boolean => {
  const { transition, from, to, because } = line;
  // A contradiction stops a notice where it is, and is lifted there.
  if (isContradiction(line) || (transition === "T2h" && because === "contradiction")) return from === to;
  return ALLOWED.has(`${transition} ${from}>${to}`);
};

export const raisesBy = ({ transition, to }: Line): number =>
  RAISING.has(transition) || (transition === "T14" && to === "cancelled") ? 1 : 0;
