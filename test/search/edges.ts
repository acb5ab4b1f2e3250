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

const kindOfRows = ({ notice, attempts, deadLetters }: NoticeView): string => {
  const { status, holdReason, channel, cancelRequested } = notice;
  const states = attempts.map(({ state }) => state);
  return JSON.stringify([status, holdReason, channel, cancelRequested, states, deadLetters.length]);
};

const kindOfCommand = (command: Command): string => JSON.stringify(kindOf(command));

const kindOfFacts = ({ suppressed, paused }: Facts): string => JSON.stringify([suppressed, paused]);

/** Numbers in the order of coming, one for all that are equal in words; an object's words are made once. */
class Numbered<What extends object> {
  readonly #words: (what: What) => string;
  readonly #ofWords = new Map<string, number>();
  readonly #ofObjects = new WeakMap<What, number>();

  constructor(words: (what: What) => string) {
    this.#words = words;
  }

  of(what: What): number {
    let number = this.#ofObjects.get(what);
    if (number !== undefined) return number;
    const words = this.#words(what);
    number = this.#ofWords.get(words) ?? this.#ofWords.size;
    this.#ofWords.set(words, number);
    this.#ofObjects.set(what, number);
    return number;
  }
}

/** Spreads the choice among edges of a kind: the first ones found are all young. */
const spread = (...numbers: readonly number[]): number => {
  let hash = 0x9e3779b9;
  for (const number of numbers) {
    hash = Math.imul(hash ^ number, 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  return hash;
};

const edgeOf = ({ view, command, facts }: Asked): Edge => {
  const { verdict, because } = transition(view, command, facts);
  return { view, command, facts, verdict, because };
};

const foundEdges = (ofEachKind: number): Edge[] => {
  const kinds = new Map<string, Map<number, Edge>>();
  const kindsOf = {
    rows: new Numbered(kindOfRows),
    commands: new Numbered(kindOfCommand),
    facts: new Numbered(kindOfFacts),
  };
  // a million asks, of a few hundred different commands
  const commands = new Numbered<Command>(JSON.stringify);
  const surroundings = new Numbered<Facts>(JSON.stringify);
  for (const bounds of WORLDS) {
    search({
      bounds,
      liveness: false,
      onAsked: ({ id, view, command, facts }, { verdict, because }) => {
        const asked = `${kindsOf.rows.of(view)} ${kindsOf.commands.of(command)} ${kindsOf.facts.of(facts)}`;
        const kind = `${verdict} ${because} ${asked}`;
        let chosen = kinds.get(kind);
        if (chosen === undefined) kinds.set(kind, (chosen = new Map<number, Edge>()));
        const place = spread(id, commands.of(command), surroundings.of(facts));
        if (chosen.size >= ofEachKind && place >= Math.max(...chosen.keys())) return;
        chosen.set(place, { view, command, facts, verdict, because });
        if (chosen.size > ofEachKind) chosen.delete(Math.max(...chosen.keys()));
      },
    });
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
