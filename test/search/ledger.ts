/**
 * The searched world's ledger: the production transition function over canonical views. Each question is put to it
 * once and the answer kept, which makes the search fast and leaves behind exactly the distinct edges.
 */
import { TABLE, after, transition, type Outcome } from "../../src/domain/lifecycle/transition.ts";
import type { Facts, NoticeView, Table, Verdict } from "../../src/domain/lifecycle/rule.ts";
import type { Command } from "../../src/domain/lifecycle/commands.ts";
import type { Ask } from "./ask.ts";
import type { Bounds } from "./bounds.ts";
import { brokenBy, type Broken, type Counting } from "./invariants.ts";
import { EPOCH, Views, type ViewId } from "./views.ts";

export interface Answer {
  readonly ask: Ask;
  readonly verdict: Verdict;
  readonly because: string | null;
  /** The view afterwards; the same one unless `won`. */
  readonly next: ViewId;
  /** By how much the epoch rose. */
  readonly raised: number;
  /** Index of the attempt that came into being, or -1. */
  readonly born: number;
  readonly broken: Broken | null;
}

/** What was asked of a view. */
export interface Question {
  readonly id: ViewId;
  readonly view: NoticeView;
  readonly command: Command;
  readonly facts: Facts;
}

export interface LedgerOptions {
  readonly table?: Table;
  readonly counting?: Counting;
  /** Called for each question to a view, with what the table says to it. */
  readonly onAsked?: (asked: Question, outcome: Outcome) => void;
}

export class Ledger {
  readonly bounds: Bounds;
  readonly views: Views;
  readonly #table: Table;
  readonly #counting: Counting;
  readonly #answers: Map<string, readonly Answer[]>[] = [];
  /** How often each guard said no, over distinct questions. */
  readonly refusals = new Map<string, number>();
  /** The same for what won: by transition, for T12 with the evidence. */
  readonly wins = new Map<string, number>();
  readonly #onAsked: LedgerOptions["onAsked"];

  constructor(bounds: Bounds, { table = TABLE, counting = "all", onAsked }: LedgerOptions = {}) {
    this.bounds = bounds;
    this.views = new Views(bounds);
    this.#table = table;
    this.#counting = counting;
    this.#onAsked = onAsked;
  }

  /** The answers to the asks that `question` names; equal ones among them are given once. */
  answers(view: ViewId, question: string, asks: () => readonly Ask[]): readonly Answer[] {
    let known = this.#answers[view];
    if (known === undefined) this.#answers[view] = known = new Map();
    let answers = known.get(question);
    if (answers === undefined) {
      const distinct = new Map<string, Answer>();
      for (const ask of asks()) {
        const answer = this.#decide(view, ask);
        const key = `${answer.verdict} ${answer.next} ${ask.usual} ${ask.operator} ${answer.broken?.seen}`;
        if (!distinct.has(key)) distinct.set(key, answer);
      }
      answers = [...distinct.values()];
      known.set(question, answers);
    }
    return answers;
  }

  #decide(id: ViewId, ask: Ask): Answer {
    const view = this.views.view(id);
    const outcome = transition(view, ask.command, ask.facts, this.#table);
    this.#onAsked?.({ id, view, command: ask.command, facts: ask.facts }, outcome);
    const { verdict, because } = outcome;
    if (outcome.verdict !== "won") {
      this.refusals.set(outcome.because, (this.refusals.get(outcome.because) ?? 0) + 1);
      return { ask, verdict, because, next: id, raised: 0, born: -1, broken: null };
    }
    const { command, transition: name } = ask;
    const win = command.type === "resolve" ? `${name} ${command.evidence.by}` : name;
    this.wins.set(win, (this.wins.get(win) ?? 0) + 1);
    const rows = after(view, outcome.change);
    return {
      ask,
      verdict,
      because,
      next: this.views.intern(rows),
      raised: rows.notice.epoch - EPOCH,
      born: rows.attempts.length > view.attempts.length ? view.attempts.length : -1,
      broken: brokenBy(view, ask, outcome, this.bounds, this.#counting),
    };
  }
}
