/**
 * What every proof here has: how it is told, and what it ends with. A proof never stops at the first thing that is wrong: it
 * writes it down and goes on, as long as it can.
 */
import type { Ended, Place } from "../../test/service/end-to-end/place.ts";
import type { Verdict } from "../../src/service/verify/verdict.ts";
import { lastLine } from "../../test/service/end-to-end/place.ts";

export interface Telling {
  readonly print: (line: string) => void;
  /** Told of whatever has processes, so that an interrupted proof leaves none of them behind. */
  readonly opened: <Opened extends Pick<Place, "close">>(what: Opened) => Opened;
}

/** The last line of the command; `wrong` is empty where everything held. */
export interface Summary {
  readonly what: string;
  readonly seed: number;
  readonly ok: boolean;
  readonly wrong: readonly string[];
  readonly kills: number;
  readonly [figure: string]: unknown;
}

export type Figures = Pick<
  Verdict,
  | "ok"
  | "ingested"
  | "sent"
  | "failed"
  | "in_doubt"
  | "held"
  | "open"
  | "duplicates"
  | "lost"
  | "balanced"
  | "violations"
>;

/** The verdict that a command has printed as its last line; empty where it printed none. */
export const verdictOf = (ended: Ended): Figures | null => {
  try {
    const last = lastLine(ended);
    return typeof last === "object" && last !== null && "balanced" in last ? (last as Figures) : null; // our own JSON
  } catch {
    return null;
  }
};

export interface Allowed {
  /** At class C doubts wait for an operator. */
  readonly inDoubt: number;
}

/** What of a verdict is not as it has to be, in words. */
export const wrongIn = (verdict: Figures | null, { inDoubt }: Allowed): readonly string[] => {
  if (verdict === null) return ["no verdict was printed"];
  const { ok, duplicates, lost, balanced, open, in_doubt, violations } = verdict;
  return [
    ...(duplicates === 0 ? [] : [`${duplicates ?? "unknown"} duplicates`]),
    ...(lost === 0 ? [] : [`${lost} lost`]),
    ...(balanced ? [] : ["not balanced"]),
    ...(open === 0 ? [] : [`${open} open`]),
    ...(in_doubt === inDoubt ? [] : [`${in_doubt} in doubt, not ${inDoubt}`]),
    ...(ok ? [] : [`verify is not content: ${JSON.stringify(violations.slice(0, 3))}`]),
  ];
};

/** The end of what somebody else said, on one line. */
export const lastWords = ({ error, out }: Pick<Ended, "error" | "out">, lines = 3): string =>
  `${out}\n${error}`
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-lines)
    .join(" | ")
    .slice(-200 * lines);
