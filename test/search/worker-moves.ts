/**
 * A worker's journey: claim, prepare, the right to send, the deadline check, the copy, its settlement. It asks the
 * ledger at any later moment than the one in which it decided to, and may never hear the answer: then it asks the same
 * again, or dies. A record of any epoch may come at any time, because the log keeps, repeats and reorders them.
 */
import type { AttemptId, ChannelId } from "../../src/domain/ids.ts";
import { nameOf, type Ask } from "./ask.ts";
import type { Asks } from "./asks.ts";
import { CHANNELS } from "./bounds.ts";
import type { Ledger } from "./ledger.ts";
import type { Settlements } from "./settlements.ts";
import {
  BEGUN,
  HOLDING,
  IDLE,
  LATE,
  REFUSED,
  RIGHT,
  STALE,
  UNSENT,
  WAITING,
  ageOf,
  become,
  copyOf,
  fateOf,
  lateOf,
  ownsOf,
  phaseOf,
  refOf,
} from "./slots.ts";
import { isDone, won, type Emit, type Steps } from "./steps.ts";
import { FRESH, attemptName, type Glance } from "./views.ts";
import { VIEW, type State, type World, word } from "./world.ts";

export class WorkerMoves {
  readonly #ledger: Ledger;
  readonly #world: World;
  readonly #asks: Asks;
  readonly #settlements: Settlements;
  readonly #steps: Steps;

  constructor(ledger: Ledger, world: World, asks: Asks, settlements: Settlements, steps: Steps) {
    this.#ledger = ledger;
    this.#world = world;
    this.#asks = asks;
    this.#settlements = settlements;
    this.#steps = steps;
  }

  from(state: State, glance: Glance, place: number, emit: Emit): void {
    const slot = word(state, place);
    switch (phaseOf(slot)) {
      case IDLE:
        this.#claim(state, place, emit);
        return;
      case HOLDING:
        this.#prepare(state, glance, place, emit);
        return;
      case BEGUN:
        this.#begin(state, place, glance.channel, emit);
        return;
      case RIGHT:
        this.use(state, glance, place, become(slot, UNSENT, { ref: refOf(slot), copy: copyOf(slot) }), emit);
        return;
      case WAITING:
        this.#wait(state, glance, place, emit);
        return;
      case UNSENT:
        this.settle(state, glance, place, emit);
        return;
      case STALE:
        this.#gossip(state, glance, place, emit);
        return;
      default:
    }
  }

  #claim(state: State, place: number, emit: Emit): void {
    const slot = word(state, place);
    const name = nameOf(ownsOf(slot) === 1);
    for (let old = 0; old <= 2; old += 1) {
      const question = `claim ${old} ${name}`;
      const asks = (): readonly Ask[] => this.#asks.claim(old, name);
      for (const answer of this.#ledger.answers(word(state, VIEW), question, asks)) {
        if (isDone(answer)) this.#steps.answered(state, place, answer, become(slot, HOLDING), slot, emit);
      }
    }
  }

  #prepare(state: State, glance: Glance, place: number, emit: Emit): void {
    const slot = word(state, place);
    const id = word(state, VIEW);
    const late = lateOf(slot);
    const claimed = copyOf(slot) === 0 ? glance.channel : (CHANNELS[copyOf(slot) - 1] ?? null);
    const gone = become(slot, IDLE);
    for (const answer of this.#ledger.answers(id, `renew ${late}`, () => this.#asks.renew(late))) {
      this.#steps.answered(state, place, answer, won(answer) ? slot : gone, slot, emit);
    }
    const asks = (): readonly Ask[] => this.#asks.leave(late, claimed);
    const leave = this.#ledger.answers(id, `leave ${late} ${claimed}`, asks);
    for (const answer of leave) this.#steps.answered(state, place, answer, gone, slot, emit);
    this.#begin(state, place, claimed, emit);
  }

  /** T6, and T6 again while no answer is known. Its window is counted from before it was first sent. */
  #begin(state: State, place: number, channel: ChannelId | null, emit: Emit): void {
    const slot = word(state, place);
    const id = word(state, VIEW);
    const [late, ref, age] = [lateOf(slot), refOf(slot), ageOf(slot)];
    const name: AttemptId = ref === 0 ? FRESH : attemptName(ref - 1);
    const asks = (): readonly Ask[] => this.#asks.beginSend(this.#ledger.views.view(id), late, name, channel);
    const countsAnew = this.#world.bounds.misdeed === "counts the window from the answer";
    for (const answer of this.#ledger.answers(id, `begin ${late} ${name} ${channel}`, asks)) {
      // A table without its guards may overwrite the attempt that is there already.
      const made = answer.born >= 0 ? answer.born + 1 : ref;
      const right = become(slot, RIGHT, { ref: made, age: countsAnew ? 0 : age, copy: 1 });
      const idle = become(slot, IDLE);
      const known = { won: right, "already-mine": right, "not-now": slot, lost: idle, gone: idle };
      const unknown = become(slot, BEGUN, { late, ref: made, age });
      this.#steps.answered(state, place, answer, known[answer.verdict], unknown, emit);
    }
  }

  /** A right that is known is used in time, or given up: then the slot becomes `unused`. */
  use(state: State, glance: Glance, place: number, unused: number, emit: Emit): void {
    const slot = word(state, place);
    const { misdeed, sendWindow } = this.#world.bounds;
    const [ref, copy] = [refOf(slot), copyOf(slot)];
    if (ageOf(slot) <= sendWindow || misdeed === "sends after the deadline") {
      const permitted = glance.attempts[ref - 1]?.copies ?? 0;
      const seen = `copy ${copy} leaves while ${permitted} are committed`;
      const words = `passes the deadline check and sends copy ${copy} of attempt ${ref}`;
      const broken = copy > permitted ? { invariant: "S2", seen } : null;
      this.#steps.alone(state, place, become(slot, WAITING, { ref, copy }), words, emit, broken);
    }
    this.#steps.alone(state, place, unused, "comes too late or reaches nobody: not handed over", emit);
  }

  #wait(state: State, glance: Glance, place: number, emit: Emit): void {
    const slot = word(state, place);
    const ref = refOf(slot);
    const attempt = glance.attempts[ref - 1];
    if (attempt === undefined) return;
    const name = nameOf(ownsOf(slot) === 1);
    const asks = (): readonly Ask[] => this.#settlements.doubt(attempt, name);
    for (const answer of this.#ledger.answers(word(state, VIEW), `doubt ${ref} ${name}`, asks)) {
      if (won(answer)) this.#steps.answered(state, place, answer, slot, slot, emit);
    }
    if (fateOf(slot) < LATE && this.#world.bounds.misdeed === "sends again after a timeout") {
      const next = state.slice();
      this.#world.addOrphan(next, ref, fateOf(slot));
      const again = become(slot, WAITING, { ref, copy: copyOf(slot) });
      this.#steps.alone(next, place, again, "hears nothing and sends again", emit);
    }
    this.settle(state, glance, place, emit);
  }

  /** T9, and T12 by the same word, from whoever knows that a copy was refused or never left. */
  settle(state: State, glance: Glance, place: number, emit: Emit): void {
    const slot = word(state, place);
    const { misdeed } = this.#world.bounds;
    const [ref, isWorker] = [refOf(slot), this.#world.isWorker(place)];
    const attempt = glance.attempts[ref - 1];
    const isKnown = phaseOf(slot) === UNSENT || fateOf(slot) === REFUSED;
    if (attempt === undefined || (!isKnown && misdeed !== "takes a timeout for a refusal")) return;
    const name = nameOf(isWorker && ownsOf(slot) === 1);
    const outcome = phaseOf(slot) === UNSENT ? "not_handed_over" : "rejected";
    const copies = misdeed === "counts every refusal as the newest copy's" ? attempt.copies : copyOf(slot);
    const asks = (): Ask[] => [
      ...(isWorker ? this.#settlements.definiteNo(attempt, outcome, name) : []),
      ...this.#settlements.refusal(attempt, outcome, name, copies),
    ];
    const question = `refusal ${ref} ${outcome} ${name} ${copies} ${isWorker}`;
    for (const answer of this.#ledger.answers(word(state, VIEW), question, asks)) {
      const mayTryAgain = !isDone(answer) && attempt.state === "in_doubt";
      this.#steps.answered(state, place, answer, mayTryAgain ? slot : become(slot, IDLE), slot, emit);
    }
  }

  /** Everything that a worker may say of an attempt that has been decided since. */
  #gossip(state: State, glance: Glance, place: number, emit: Emit): void {
    const slot = word(state, place);
    const id = word(state, VIEW);
    const [ref, copy, late] = [refOf(slot), copyOf(slot), lateOf(slot)];
    const attempt = glance.attempts[ref - 1];
    if (attempt === undefined) return;
    const name = nameOf(ownsOf(slot) === 1);
    const view = this.#ledger.views.view(id);
    const asks = (): Ask[] => [
      ...this.#asks.beginSend(view, late, attempt.attemptId, glance.channel).slice(0, 1),
      ...this.#settlements.doubt(attempt, name),
      ...this.#settlements.definiteNo(attempt, "rejected", name),
      ...this.#settlements.definiteNo(attempt, "not_handed_over", name),
      ...this.#settlements.refusal(attempt, "not_handed_over", name, copy),
      ...this.#settlements.refusal(attempt, "rejected", name, copy),
    ];
    for (const answer of this.#ledger.answers(id, `gossip ${ref} ${copy} ${late} ${name}`, asks)) {
      const sends = isDone(answer) && answer.ask.command.type === "begin-send";
      const known = sends ? become(slot, RIGHT, { ref, copy }) : become(slot, IDLE);
      this.#steps.answered(state, place, answer, known, slot, emit);
    }
  }
}
