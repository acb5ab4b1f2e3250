/**
 * The edges of the lifecycle: a notice's rows, a command, the facts of its commit. What the search met on its way, and
 * both sides of every guard's bound (`boundaries.ts`). Another suite replays them against a real store: the table says
 * with `transition` what must come out.
 *
 * Of the several hundred thousand asks of the search, those that differ in nothing but times and numbers are one kind,
 * and one of each kind is given, or more on demand; the bounds of times and numbers have edges of their own.
 */
import type { Command } from "../../src/domain/lifecycle/commands.ts";
import type { Facts, NoticeView, Verdict } from "../../src/domain/lifecycle/rule.ts";
import { transition } from "../../src/domain/lifecycle/transition.ts";
import type { Bounds } from "./bounds.ts";
import { boundaryEdges, type Asked } from "./boundaries.ts";
import { search } from "./search.ts";

export interface Edge {
  readonly view: NoticeView;
  readonly command: Command;
  readonly facts: Facts;
  readonly verdict: Verdict;
  readonly because: string | null;
}

export interface EdgeOptions {
  /** How many edges of each kind the search gives. */
  readonly ofEachKind?: number;
}

const WORLDS: readonly Partial<Bounds>[] = [
  { providerClass: "C" },
  { providerClass: "C", oneOwner: true, expiry: false },
  { providerClass: "C", generations: 2, expiry: false },
  { providerClass: "C", c2: false, expiry: false },
  { providerClass: "C", attempts: 2, expiry: false },
  { providerClass: "B", expiry: false },
  { providerClass: "A", expiry: false, cancels: false },
];

/** The words and names of a value, without its numbers. */
const kindOf = (value: unknown): unknown => {
  if (typeof value === "number") return 0;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(kindOf);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, kindOf(inner)]));
};

const kindOfEdge = ({ view, command, facts, verdict, because }: Edge): string => {
  const { status, holdReason, channel, cancelRequested } = view.notice;
  const attempts = view.attempts.map(({ state }) => state);
  const rows = [status, holdReason, channel, cancelRequested, attempts, view.deadLetters.length];
  return JSON.stringify([verdict, because, rows, kindOf(command), facts.suppressed, facts.paused]);
};

/** Spreads the choice among edges of a kind: the first ones found are all young. */
const spread = (text: string): number => {
  let hash = 0;
  for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
};

const edgeOf = ({ view, command, facts }: Asked): Edge => {
  const { verdict, because } = transition(view, command, facts);
  return { view, command, facts, verdict, because };
};

const foundEdges = (ofEachKind: number): Edge[] => {
  const kinds = new Map<string, Map<number, Edge>>();
  for (const bounds of WORLDS) {
    const asked = new Map<
      string,
      { readonly view: number; readonly command: Command; readonly facts: Facts }
    >();
    const { ledger } = search({
      bounds,
      liveness: false,
      onAsked: (view, command, facts) => {
        asked.set(JSON.stringify([view, command, facts]), { view, command, facts });
      },
    });
    for (const [key, { view, command, facts }] of asked) {
      const edge = edgeOf({ view: ledger.views.view(view), command, facts });
      const kind = kindOfEdge(edge);
      const chosen = kinds.get(kind) ?? new Map<number, Edge>();
      kinds.set(kind, chosen);
      chosen.set(spread(key), edge);
      if (chosen.size > ofEachKind) chosen.delete(Math.max(...chosen.keys()));
    }
  }
  return [...kinds.values()].flatMap((chosen) => [...chosen.values()]);
};

/** Deterministic, without repeats, and storable: the rows keep every constraint that a ledger's tables have. */
export const lifecycleEdges = ({ ofEachKind = 1 }: EdgeOptions = {}): Edge[] => {
  const edges = new Map<string, Edge>();
  for (const edge of [...boundaryEdges().map(edgeOf), ...foundEdges(ofEachKind)]) {
    edges.set(JSON.stringify([edge.view, edge.command, edge.facts]), edge);
  }
  return [...edges.values()];
};
