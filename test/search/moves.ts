/**
 * Every step that can be taken from a state: time passes, upkeep and people act, each slot goes on with its journey or
 * dies, the provider judges and answers.
 *
 * A command that was cut off from its asker and is done later needs no step of its own: until it is done its asker is
 * as one who has not sent it, and afterwards as one who never heard. Where the asker has gone on meanwhile, what the old
 * command may still do is what a slower slot does that knows the same.
 */
import { Asks } from "./asks.ts";
import { Settlements } from "./settlements.ts";
import type { Answer, Ledger } from "./ledger.ts";
import { Provider } from "./provider.ts";
import { IDLE, LATE, WAITING, become, fateOf, phaseOf, refOf } from "./slots.ts";
import { Steps, won, type Emit } from "./steps.ts";
import { UpkeepMoves } from "./upkeep-moves.ts";
import type { Glance } from "./views.ts";
import { WorkerMoves } from "./worker-moves.ts";
import { SEEN, SLOTS, VIEW, type State, type World, word } from "./world.ts";

export class Moves {
  readonly #ledger: Ledger;
  readonly #world: World;
  readonly #asks: Asks;
  readonly #settlements: Settlements;
  readonly #steps: Steps;
  readonly #provider: Provider;
  readonly #workers: WorkerMoves;
  readonly #upkeep: UpkeepMoves;

  constructor(ledger: Ledger, world: World) {
    this.#ledger = ledger;
    this.#world = world;
    this.#asks = new Asks(ledger.bounds);
    this.#settlements = new Settlements(ledger.bounds);
    this.#steps = new Steps(ledger, world);
    this.#provider = new Provider(ledger, world, this.#settlements, this.#steps);
    this.#workers = new WorkerMoves(ledger, world, this.#asks, this.#settlements, this.#steps);
    this.#upkeep = new UpkeepMoves(ledger, world, this.#settlements, this.#steps, this.#workers);
  }

  from(state: State, emit: Emit): void {
    const glance = this.#ledger.views.glance(word(state, VIEW));
    for (const view of this.#ledger.views.later(word(state, VIEW))) {
      emit(this.#world.aged(state, view), {
        actor: "time",
        what: "a tick",
        lost: false,
        usual: true,
        broken: null,
      });
    }
    this.#nobody(state, glance, emit);
    this.#provider.moves(state, glance, emit);
    for (let place = SLOTS; place < this.#world.width; place += 1) {
      if (this.#world.isWorker(place)) this.#workers.from(state, glance, place, emit);
      else this.#upkeep.from(state, glance, place, emit);
      this.#death(state, place, emit);
    }
    if (this.#world.bounds.oneOwner) this.#processDeath(state, emit);
  }

  /** Upkeep and operators who need no journey: they look and ask in one go, or ask with an old look. */
  #nobody(state: State, glance: Glance, emit: Emit): void {
    const id = word(state, VIEW);
    const view = this.#ledger.views.view(id);
    const { bounds } = this.#world;
    const take = (next: () => State, answers: readonly Answer[]): void => {
      for (const answer of answers) {
        if (won(answer))
          this.#steps.commit(next(), answer, answer.ask.operator ? "operator" : "upkeep", false, emit);
      }
    };
    const copy = (): State => state.slice();
    take(
      copy,
      this.#ledger.answers(id, "upkeep", () => [
        ...this.#asks.upkeep(view, 0),
        ...this.#asks.upkeep(view, 1),
      ]),
    );
    take(
      copy,
      this.#ledger.answers(id, "operator", () => this.#asks.operator(view)),
    );
    const live = glance.attempts[glance.live];
    if (live === undefined || word(state, SEEN) !== 0 || !bounds.operatorEvidence) return;
    const silenced = (): State => {
      const next = state.slice();
      // C4 with Δ = never: the operator has made sure that nothing more will come.
      if (bounds.delta === null) this.#world.quieten(next);
      return next;
    };
    take(
      silenced,
      this.#ledger.answers(id, "evidence", () => this.#settlements.operatorEvidence(live, live.copies)),
    );
  }

  /** A slot that is killed forgets; its copy goes on without it. */
  #death(state: State, place: number, emit: Emit): void {
    const slot = word(state, place);
    const { oneOwner } = this.#world.bounds;
    if (slot === 0 || (oneOwner && phaseOf(slot) === IDLE)) return;
    const next = state.slice();
    this.#kill(next, place);
    // One process goes on living with its other journeys.
    if (oneOwner) next[place] = become(slot, IDLE);
    emit(next, { actor: place, what: "is killed", lost: false, usual: false, broken: null });
  }

  #processDeath(state: State, emit: Emit): void {
    const next = state.slice();
    for (let place = SLOTS; place < this.#world.workersEnd; place += 1) this.#kill(next, place);
    emit(next, {
      actor: "crash",
      what: "the workers' process is killed",
      lost: false,
      usual: false,
      broken: null,
    });
  }

  #kill(next: State, place: number): void {
    const slot = word(next, place);
    if (phaseOf(slot) === WAITING && fateOf(slot) < LATE)
      this.#world.addOrphan(next, refOf(slot), fateOf(slot));
    next[place] = 0;
  }
}
