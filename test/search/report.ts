/**
 * One line a search, for people: `class C: 5,647 states, 58,437 steps, 573 views, 0.4 s (0.5 s of a core): nothing
 * broken`. A step is an edge of the searched graph; a view is what the ledger's rows can be.
 */
import type { SearchResult } from "./search.ts";

const counted = (count: number): string => count.toLocaleString("en-US");

/** What is looked at in every state or on every edge; the names are those of `docs/guarantees.md`. */
export const INVARIANTS =
  "S1 S2 S3 S4 S5 S6 S7 S8 S10 S11 S12 S13, no contradiction, attempts forward, rows agree, held, due, a reason for every end, liveness";

export const lineOf = (name: string, result: SearchResult): string => {
  const { states, steps, seconds, cpuSeconds, ledger, complete, found } = result;
  const end =
    found === null ? (complete ? "nothing broken" : "not finished") : `${found.broken.invariant} broken`;
  const size = `${counted(states)} states, ${counted(steps)} steps, ${counted(ledger.views.size)} views`;
  return `${name}: ${size}, ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of a core): ${end}`;
};
