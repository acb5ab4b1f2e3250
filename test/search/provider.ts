/**
 * The provider, which keeps exactly what its class promises and not a bit more, and the roads by which its word
 * arrives. A copy may be accepted until Δ after its deadline check (C3) or never; it may be refused at any later time.
 *
 * When a key was first seen and when it was accepted are taken as early as they can be, at the attempt's intent: that
 * makes the provider forget as soon as its class allows, so nothing is missed by not keeping those times.
 */
import type { Ask } from "./ask.ts";
import type { Bounds } from "./bounds.ts";
import type { Broken } from "./invariants.ts";
import type { Ledger } from "./ledger.ts";
import { won, type Emit, type Step, type Steps } from "./steps.ts";
import type { Settlements } from "./settlements.ts";
import {
  ACCEPTED,
  ASKED,
  IDLE,
  LATE,
  NOTHING,
  REFUSED,
  WAITING,
  ageOf,
  become,
  copyOf,
  fateOf,
  orphanRef,
  phaseOf,
  refOf,
  withFate,
} from "./slots.ts";
import type { Glance } from "./views.ts";
import { CONTRADICTED, SEEN, SLOTS, VIEW, WIRE, orphansOf, type State, type World, word } from "./world.ts";

const step = (what: string, broken: Broken | null = null): Step => ({
  actor: "provider",
  what,
  lost: false,
  usual: true,
  broken,
});

export class Provider {
  readonly #bounds: Bounds;
  readonly #ledger: Ledger;
  readonly #world: World;
  readonly #settlements: Settlements;
  readonly #steps: Steps;

  constructor(ledger: Ledger, world: World, settlements: Settlements, steps: Steps) {
    this.#bounds = ledger.bounds;
    this.#ledger = ledger;
    this.#world = world;
    this.#settlements = settlements;
    this.#steps = steps;
  }

  moves(state: State, glance: Glance, emit: Emit): void {
    for (const copy of new Set(orphansOf(word(state, WIRE)))) {
      const next = state.slice();
      this.#world.removeOrphan(next, copy);
      this.#accept(next, glance, orphanRef(copy), emit);
    }
    for (let place = SLOTS; place < this.#world.width; place += 1) {
      const slot = word(state, place);
      if (phaseOf(slot) === WAITING) this.#judge(state, glance, place, slot, emit);
      if (phaseOf(slot) === ASKED) this.#search(state, glance, place, slot, emit);
    }
    this.#receipt(state, glance, emit);
  }

  #judge(state: State, glance: Glance, place: number, slot: number, emit: Emit): void {
    const ref = refOf(slot);
    if (fateOf(slot) > LATE) return;
    if (fateOf(slot) < LATE) {
      const next = state.slice();
      next[place] = withFate(slot, ACCEPTED);
      this.#accept(next, glance, ref, emit);
    }
    const answersAsAccepted = (word(state, SEEN) & 7) === ref && this.#remembers(glance, ref);
    if (answersAsAccepted) return;
    const next = state.slice();
    next[place] = withFate(slot, REFUSED);
    const forgotten = (word(state, SEEN) & 7) === ref && this.#bounds.providerClass === "A";
    emit(
      next,
      step(
        `refuses copy ${copyOf(slot)} of attempt ${ref}${forgotten ? ", whose key it has forgotten" : ""}`,
      ),
    );
  }

  /** Class A: the key is still known, so a second copy is answered as the first was. */
  #remembers(glance: Glance, ref: number): boolean {
    const age = glance.live === ref - 1 ? glance.age : this.#ledger.views.horizon;
    return this.#bounds.providerClass === "A" && age < this.#bounds.memory;
  }

  #accept(next: State, glance: Glance, ref: number, emit: Emit): void {
    const seen = word(next, SEEN) & 7;
    if (seen === ref && this.#remembers(glance, ref)) {
      emit(next, step(`answers a repeat of attempt ${ref} as accepted`));
      return;
    }
    if (seen === 0) next[SEEN] = word(next, SEEN) | ref;
    emit(next, step(`accepts attempt ${ref}`, this.#bounds.c2 ? this.#brokenBy(seen, glance, ref) : null));
  }

  #brokenBy(seen: number, glance: Glance, ref: number): Broken | null {
    if (seen !== 0) return { invariant: "S1", seen: "the provider accepts a second message" };
    const attempt = glance.attempts[ref - 1];
    if (attempt !== undefined && attempt.generation !== glance.generation) {
      return { invariant: "S7", seen: "accepted after its generation came to nothing" };
    }
    return glance.final ? { invariant: "S7", seen: `accepted, and the notice is ${glance.status}` } : null;
  }

  /** A look-up is answered, at any time after it was asked. */
  #search(state: State, glance: Glance, place: number, slot: number, emit: Emit): void {
    const ref = refOf(slot);
    const accepted = (word(state, SEEN) & 7) === ref;
    const findable = glance.live === ref - 1 && glance.age < this.#bounds.memory;
    const next = state.slice();
    if (accepted && findable) {
      next[place] = become(slot, IDLE);
      emit(next, step(`finds attempt ${ref}`));
      return;
    }
    next[place] = become(slot, NOTHING, { ref, age: ageOf(slot), copy: copyOf(slot) });
    emit(next, step(`finds nothing of attempt ${ref}${accepted ? ", as it may by now" : ""}`));
  }

  /** T8 from whoever learned of the acceptance, by whatever road. Without C2, of what was refused as well. */
  #receipt(state: State, glance: Glance, emit: Emit): void {
    const seen = word(state, SEEN) & 7;
    glance.attempts.forEach((attempt, index) => {
      const isContradiction = !this.#bounds.c2 && attempt.state === "rejected";
      const isAccepted = seen === index + 1 && this.#bounds.misdeed !== "ignores acceptances";
      if (!isAccepted && !isContradiction) return;
      const asks = (): readonly Ask[] => this.#settlements.accept(attempt);
      for (const answer of this.#ledger.answers(word(state, VIEW), `accept ${index}`, asks)) {
        if (!won(answer)) continue;
        const next = state.slice();
        if (isContradiction) next[SEEN] = word(next, SEEN) | CONTRADICTED;
        this.#steps.commit(next, answer, "anyone", false, emit);
      }
    });
  }
}
