/**
 * A step from one state to the next, and how an answer of the ledger gets into a state: the rows, who falls behind, who
 * owns the notice now; and what the provider's own record and the rows then say together.
 */
import type { Broken } from "./invariants.ts";
import type { Answer, Ledger } from "./ledger.ts";
import { CHANNELS } from "./bounds.ts";
import { BEGUN, HOLDING, STALE, become, disowned, lateOf, owning, phaseOf, withLate } from "./slots.ts";
import type { Glance } from "./views.ts";
import { CONTRADICTED, SEEN, SLOTS, VIEW, type State, type World, word } from "./world.ts";

/** Who took a step: a slot's place, or somebody without one. */
export type Actor = number | "time" | "provider" | "anyone" | "upkeep" | "operator" | "crash";

export interface Step {
  readonly actor: Actor;
  /** What was asked of the ledger and answered; or what was done without it. */
  readonly what: Answer | string;
  /** The asker does not learn the answer. */
  readonly lost: boolean;
  /** No fault and nobody's decision. */
  readonly usual: boolean;
  readonly broken: Broken | null;
}

/** Takes the next state, not yet folded; it may be kept. */
export type Emit = (next: State, step: Step) => void;

export const won = (answer: Answer): boolean => answer.verdict === "won";
/** The rows say what the asker wanted them to. */
export const isDone = (answer: Answer): boolean => won(answer) || answer.verdict === "already-mine";

export class Steps {
  readonly #ledger: Ledger;
  readonly #world: World;

  constructor(ledger: Ledger, world: World) {
    this.#ledger = ledger;
    this.#world = world;
  }

  /** A slot goes on without asking anybody. */
  alone(
    state: State,
    place: number,
    slot: number,
    what: string,
    emit: Emit,
    broken: Broken | null = null,
  ): void {
    const next = state.slice();
    next[place] = slot;
    emit(next, { actor: place, what, lost: false, usual: true, broken });
  }

  /** An answer that reaches its slot, which becomes `known`; and, where rows changed, one that does not: `unknown`. */
  answered(state: State, place: number, answer: Answer, known: number, unknown: number, emit: Emit): void {
    const heard = state.slice();
    heard[place] = known;
    this.commit(heard, answer, place, false, emit);
    if (!won(answer)) return;
    const unheard = state.slice();
    unheard[place] = unknown;
    this.commit(unheard, answer, place, true, emit);
  }

  /** Puts the answer's rows into `next`, which is the caller's to give. */
  commit(next: State, answer: Answer, actor: Actor, lost: boolean, emit: Emit): void {
    const { channel } = this.#ledger.views.glance(word(next, VIEW));
    const glance = this.#ledger.views.glance(answer.next);
    const isClaim = won(answer) && answer.ask.command.type === "claim";
    next[VIEW] = answer.next;
    for (let place = SLOTS; place < this.#world.width; place += 1) {
      let slot = word(next, place);
      const isNewHolder = isClaim && place === actor && !lost;
      if (answer.raised > 0 && !isNewHolder && this.#world.isWorker(place)) {
        slot = this.#fallenBehind(slot, answer.raised, channel === null ? 0 : CHANNELS.indexOf(channel) + 1);
      }
      if (isClaim && this.#world.isWorker(place)) {
        slot = place === actor || this.#world.bounds.oneOwner ? owning(slot) : disowned(slot);
      }
      next[place] = glance.owned ? slot : disowned(slot);
    }
    const usual = answer.ask.usual && !lost;
    emit(next, {
      actor,
      what: answer,
      lost,
      usual,
      broken: answer.broken ?? this.#brokenBy(next, answer, glance),
    });
  }

  /** Whoever falls behind keeps what it knew: a holder the channel of its claim. */
  #fallenBehind(slot: number, raised: number, channel: number): number {
    const phase = phaseOf(slot);
    if (phase !== HOLDING && phase !== BEGUN && phase !== STALE) return slot;
    const kept = phase === HOLDING && lateOf(slot) === 0 ? become(slot, HOLDING, { copy: channel }) : slot;
    return withLate(kept, Math.min(2, lateOf(kept) + raised));
  }

  #brokenBy(next: State, answer: Answer, glance: Glance): Broken | null {
    if (!won(answer)) return null;
    if (!this.#world.bounds.c2) return this.#afterContradiction(next, answer);
    const { type } = answer.ask.command;
    const seen = word(next, SEEN);
    if (type === "replay") next[SEEN] = 0;
    if (glance.status === "sent" && seen !== glance.live + 1) {
      return { invariant: "S7", seen: "sent, and the provider has accepted nothing" };
    }
    if (glance.final && glance.status !== "sent" && seen !== 0) {
      return { invariant: "S7", seen: `${glance.status}, and the provider has accepted attempt ${seen}` };
    }
    if (type !== "begin-send") return null;
    if (seen !== 0)
      return { invariant: "S12", seen: `a right to send, and the provider has accepted attempt ${seen}` };
    return this.#world.mayBeAccepted(next, glance.live + 1)
      ? { invariant: "S12", seen: "a right to send, and a copy of an earlier attempt may still be accepted" }
      : null;
  }

  #afterContradiction(next: State, answer: Answer): Broken | null {
    const { command } = answer.ask;
    const marked = (word(next, SEEN) & CONTRADICTED) !== 0;
    if (command.type === "unhold" && command.reason === "contradiction") next[SEEN] = word(next, SEEN) & 7;
    if (!marked || (command.type !== "begin-send" && command.type !== "resend")) return null;
    return { invariant: "held", seen: "a right to send after a contradiction that nobody has decided" };
  }
}
