/**
 * The journeys of upkeep on a doubt: a copy more (T11r, class A), a look-up (class B), and what comes of them (T12).
 * Where the answer to T11r is lost the copy is not sent.
 */
import type { Attempt } from "../../src/domain/attempt.ts";
import { nameOf, type Ask } from "./ask.ts";
import type { Ledger } from "./ledger.ts";
import type { Settlements } from "./settlements.ts";
import {
  ASKED,
  BEGUN,
  IDLE,
  NOTHING,
  RIGHT,
  STALE,
  WAITING,
  ageOf,
  become,
  copyOf,
  phaseOf,
  refOf,
} from "./slots.ts";
import { isDone, won, type Emit, type Steps } from "./steps.ts";
import type { Glance } from "./views.ts";
import { VIEW, type State, type World, word } from "./world.ts";
import type { WorkerMoves } from "./worker-moves.ts";

export class UpkeepMoves {
  readonly #ledger: Ledger;
  readonly #world: World;
  readonly #settlements: Settlements;
  readonly #steps: Steps;
  readonly #workers: WorkerMoves;

  constructor(ledger: Ledger, world: World, settlements: Settlements, steps: Steps, workers: WorkerMoves) {
    this.#ledger = ledger;
    this.#world = world;
    this.#settlements = settlements;
    this.#steps = steps;
    this.#workers = workers;
  }

  from(state: State, glance: Glance, place: number, emit: Emit): void {
    const slot = word(state, place);
    const attempt = glance.attempts[phaseOf(slot) === IDLE ? glance.live : refOf(slot) - 1];
    if (attempt === undefined) return;
    switch (phaseOf(slot)) {
      case IDLE:
        this.#begin(state, glance, attempt, place, emit);
        return;
      case BEGUN:
        if (this.#world.bounds.misdeed === "sends a resend before its commit is known") {
          const right = become(slot, RIGHT, { ref: refOf(slot), copy: copyOf(slot) + 1 });
          this.#steps.alone(state, place, right, "goes on before the commit is known", emit);
        }
        this.#resend(state, attempt, place, slot, emit);
        return;
      case RIGHT:
        this.#workers.use(state, glance, place, become(slot, IDLE), emit);
        return;
      case NOTHING:
        this.#resolve(state, attempt, place, emit);
        return;
      case WAITING:
        this.#workers.settle(state, glance, place, emit);
        return;
      case STALE:
        this.#gossip(state, attempt, place, emit);
        return;
      default:
    }
  }

  #begin(state: State, glance: Glance, attempt: Attempt, place: number, emit: Emit): void {
    const slot = word(state, place);
    const { bounds } = this.#world;
    const { copies } = attempt;
    const ref = glance.live + 1;
    const inDoubt = attempt.state === "in_doubt";
    if (inDoubt && copies < bounds.copies) {
      const begun = become(slot, BEGUN, { ref, copy: copies });
      // Where the class forbids it anyway, deciding and asking need not be two steps.
      if (bounds.providerClass === "A")
        this.#steps.alone(state, place, begun, "decides to send a copy more", emit);
      else this.#resend(state, attempt, place, begun, emit);
    }
    if (bounds.providerClass === "B" && (inDoubt || attempt.state === "intent")) {
      this.#steps.alone(state, place, become(slot, ASKED, { ref, copy: copies }), "asks the provider", emit);
    } else if (inDoubt) {
      // These providers cannot be asked: whoever says so has found nothing.
      const asks = (): readonly Ask[] => this.#settlements.lookUp(attempt, 0, copies);
      for (const answer of this.#ledger.answers(word(state, VIEW), "look up", asks)) {
        if (won(answer)) this.#steps.answered(state, place, answer, slot, slot, emit);
      }
    }
  }

  #resend(state: State, attempt: Attempt, place: number, begun: number, emit: Emit): void {
    const id = word(state, VIEW);
    const [ref, copies] = [refOf(begun), copyOf(begun)];
    const right = become(begun, RIGHT, { ref, copy: copies + 1 });
    const idle = become(begun, IDLE);
    const asks = (): readonly Ask[] => this.#settlements.resend(this.#ledger.views.view(id), attempt, copies);
    for (const answer of this.#ledger.answers(id, `resend ${ref} ${copies}`, asks)) {
      const sends = won(answer) || this.#world.bounds.misdeed === "sends a resend that was refused";
      this.#steps.answered(state, place, answer, sends ? right : idle, idle, emit);
    }
  }

  #resolve(state: State, attempt: Attempt, place: number, emit: Emit): void {
    const slot = word(state, place);
    const copies = copyOf(slot);
    const stamped = this.#world.bounds.misdeed === "stamps a look-up with its answer's arrival";
    const askedAgo = stamped ? 0 : ageOf(slot);
    const asks = (): readonly Ask[] => this.#settlements.lookUp(attempt, askedAgo, copies);
    const question = `look up ${refOf(slot)} ${askedAgo} ${copies}`;
    for (const answer of this.#ledger.answers(word(state, VIEW), question, asks)) {
      this.#steps.answered(state, place, answer, become(slot, IDLE), slot, emit);
    }
  }

  /** Everything that upkeep may say of an attempt that has been decided since. */
  #gossip(state: State, attempt: Attempt, place: number, emit: Emit): void {
    const slot = word(state, place);
    const id = word(state, VIEW);
    const [ref, copy] = [refOf(slot), copyOf(slot)];
    const view = this.#ledger.views.view(id);
    const asks = (): Ask[] => [
      ...this.#settlements.resend(view, attempt, copy).slice(0, 1),
      ...this.#settlements.lookUp(attempt, 0, copy),
      ...this.#settlements.lookUp(attempt, this.#ledger.views.horizon, copy),
      ...this.#settlements.refusal(attempt, "rejected", nameOf(false), copy),
    ];
    for (const answer of this.#ledger.answers(id, `gossip ${ref} ${copy}`, asks)) {
      const sends = isDone(answer) && answer.ask.command.type === "resend";
      const known = sends ? become(slot, RIGHT, { ref, copy: copy + 1 }) : become(slot, IDLE);
      this.#steps.answered(state, place, answer, known, slot, emit);
    }
  }
}
