/**
 * A state of the searched world: the ledger's view, what the provider has accepted, the copies on the wire that nobody
 * waits for, and the slots; one small array of whole numbers. Here is how a state ages and how it is folded:
 *
 * - **Slots by symmetry**: workers do the same things, so a state is as good as any permutation of its workers; the
 *   only name among them, the owner's, is a bit that moves with its slot. The dead are nobody's owner.
 * - **Closed attempts** leave once no slot, no copy and no acceptance refers to them: what is asked of an attempt is
 *   asked by somebody who knows its id, and the table looks for live ones only.
 * - **Whoever knows the id of an attempt that is decided**, and sends nothing more, is alike: they are let say all
 *   that any of them might, which can only add steps.
 * - **A worker whose copy was accepted** has nothing to tell that anybody could not (T8), once T10 would be refused.
 * - **An orphan's refusal** reaches nobody, so an orphan is either accepted in time or gone after Δ.
 */
import type { Bounds } from "./bounds.ts";
import type { Views, ViewId } from "./views.ts";
import {
  ACCEPTED,
  ASKED,
  BEGUN,
  LATE,
  NOTHING,
  RIGHT,
  STALE,
  WAITING,
  IDLE,
  ageOf,
  copyOf,
  become,
  fateOf,
  lateOf,
  orphan,
  orphanAge,
  orphanRef,
  phaseOf,
  refOf,
  withAge,
  withFate,
  withRef,
} from "./slots.ts";

export type State = Int32Array;

/** Places in a state. */
export const VIEW = 0;
/** Index plus 1 of the attempt that the provider has accepted; bit 3: a contradiction nobody has decided. */
export const SEEN = 1;
export const CONTRADICTED = 8;
/** Up to four orphans of five bits, the largest first. */
export const WIRE = 2;
export const SLOTS = 3;
const ORPHANS = 4;
/** A reference to an attempt has three bits, and 0 is none. */
const ATTEMPTS = 7;

export const word = (state: State, place: number): number => state[place] ?? 0;

export const orphansOf = (wire: number): number[] => {
  const orphans: number[] = [];
  for (let rest = wire; rest !== 0; rest >>= 5) orphans.push(rest & 31);
  return orphans;
};

const wireOf = (orphans: readonly number[]): number => {
  if (orphans.length > ORPHANS)
    throw new RangeError(`${orphans.length} copies without a reader: the model holds ${ORPHANS}`);
  return [...orphans].sort((a, b) => a - b).reduce((wire, copy) => (wire << 5) | copy, 0);
};

export class World {
  readonly bounds: Bounds;
  readonly views: Views;
  readonly width: number;
  readonly workersEnd: number;
  /** How old a copy can be that may still be accepted. */
  readonly #delta: number;
  /** Copies never become too late: Δ = never, or C3 is taken away. */
  readonly #timeless: boolean;

  constructor(bounds: Bounds, views: Views) {
    this.bounds = bounds;
    this.views = views;
    this.workersEnd = SLOTS + bounds.workers;
    this.width = this.workersEnd + bounds.upkeeps;
    this.#timeless = bounds.delta === null || !bounds.c3;
    this.#delta = bounds.delta ?? 0;
    if (this.#delta > 3) throw new RangeError("a copy's age has two bits: Δ is at most 3 ticks");
  }

  first(): State {
    const state = new Int32Array(this.width);
    state[VIEW] = this.views.ingested();
    return this.fold(state);
  }

  isWorker(place: number): boolean {
    return place < this.workersEnd;
  }

  addOrphan(state: State, ref: number, age: number): void {
    state[WIRE] = wireOf([...orphansOf(word(state, WIRE)), orphan(ref, age)]);
  }

  removeOrphan(state: State, copy: number): void {
    const orphans = orphansOf(word(state, WIRE));
    orphans.splice(orphans.indexOf(copy), 1);
    state[WIRE] = wireOf(orphans);
  }

  /** Nothing on the wire is accepted any more. */
  quieten(state: State): void {
    state[WIRE] = 0;
    for (let place = SLOTS; place < this.width; place += 1) {
      const slot = word(state, place);
      if (phaseOf(slot) === WAITING && fateOf(slot) < LATE) state[place] = withFate(slot, LATE);
    }
  }

  /** Whether a copy of another attempt than `ref` may still be accepted. */
  mayBeAccepted(state: State, ref: number): boolean {
    for (let place = SLOTS; place < this.width; place += 1) {
      const slot = word(state, place);
      if (phaseOf(slot) === WAITING && fateOf(slot) < LATE && refOf(slot) !== ref) return true;
    }
    return orphansOf(word(state, WIRE)).some((copy) => orphanRef(copy) !== ref);
  }

  /** The state one tick later, seen from the view that `view` has become. */
  aged(state: State, view: ViewId): State {
    const { sendWindow } = this.bounds;
    const next = state.slice();
    const { age } = this.views.glance(word(state, VIEW));
    next[VIEW] = view;
    for (let place = SLOTS; place < this.width; place += 1) {
      const slot = word(state, place);
      switch (phaseOf(slot)) {
        case BEGUN:
          if (!this.isWorker(place)) break;
          next[place] = withAge(slot, Math.min(sendWindow + 1, ageOf(slot) + 1));
          break;
        case RIGHT:
          next[place] = withAge(slot, Math.min(sendWindow + 1, ageOf(slot) + 1));
          break;
        case ASKED:
        case NOTHING:
          // It is held against the attempt's own times, which stand still at the horizon.
          if (age < this.views.horizon) next[place] = withAge(slot, Math.min(15, ageOf(slot) + 1));
          break;
        case WAITING:
          if (fateOf(slot) < LATE) next[place] = withFate(slot, this.#older(fateOf(slot)));
          break;
        default:
      }
    }
    const orphans = orphansOf(word(state, WIRE))
      .map((copy) => ({ ref: orphanRef(copy), age: this.#older(orphanAge(copy)) }))
      .filter(({ age }) => age < LATE);
    next[WIRE] = wireOf(orphans.map(({ ref, age }) => orphan(ref, age)));
    return next;
  }

  #older(age: number): number {
    if (this.#timeless) return Math.min(age + 1, this.#delta);
    return age + 1 > this.#delta ? LATE : age + 1;
  }

  /** The one state that stands for all that are alike; changes and returns `state`. */
  fold(state: State): State {
    const glance = this.views.glance(word(state, VIEW));
    if (glance.attempts.length > ATTEMPTS)
      throw new RangeError(`more than ${ATTEMPTS} attempts: too many for a state`);
    const seen = word(state, SEEN) & 7;
    let named = seen === 0 ? 0 : 1 << (seen - 1);
    for (let place = SLOTS; place < this.width; place += 1) {
      let slot = word(state, place);
      if (phaseOf(slot) === WAITING && fateOf(slot) === ACCEPTED && glance.status !== "sending") {
        state[place] = slot = become(slot, IDLE);
      }
      const ref = refOf(slot);
      if (ref === 0) continue;
      named |= 1 << (ref - 1);
      const attempt = glance.attempts[ref - 1];
      const isOpen = attempt?.state === "intent" || attempt?.state === "in_doubt";
      if (!isOpen && !this.#mayStillSend(slot)) {
        state[place] = become(slot, STALE, {
          ref,
          copy: copyOf(slot),
          late: this.#lateWhenDecided(slot, place),
        });
      }
    }
    for (let rest = word(state, WIRE); rest !== 0; rest >>= 5) named |= 1 << (orphanRef(rest & 31) - 1);
    if (!this.bounds.c2) named |= this.#contradictable(word(state, VIEW));
    if ((glance.closed & ~named) !== 0) this.#drop(state, glance.closed & ~named);
    this.#sort(state, SLOTS, this.workersEnd);
    this.#sort(state, this.workersEnd, this.width);
    return state;
  }

  /** An attempt is closed by a transition that raises the epoch; who keeps count of it has counted that already. */
  #lateWhenDecided(slot: number, place: number): number {
    if (!this.isWorker(place)) return 0;
    return phaseOf(slot) === BEGUN || phaseOf(slot) === STALE ? lateOf(slot) : 1;
  }

  /** A copy that is or will be on the wire, whatever has become of its attempt. */
  #mayStillSend(slot: number): boolean {
    if (phaseOf(slot) === WAITING) return fateOf(slot) < LATE;
    if (phaseOf(slot) !== RIGHT) return false;
    return ageOf(slot) <= this.bounds.sendWindow || this.bounds.misdeed === "sends after the deadline";
  }

  /** Attempts of this generation that a provider without C2 may still accept. */
  #contradictable(view: ViewId): number {
    const { attempts } = this.views.glance(view);
    const { generation } = this.views.view(view).notice;
    return attempts.reduce(
      (bits, attempt, index) =>
        attempt.state === "rejected" && attempt.generation === generation && attempt.contradiction === null
          ? bits | (1 << index)
          : bits,
      0,
    );
  }

  #drop(state: State, gone: number): void {
    const place = (ref: number): number => {
      let below = 0;
      for (let index = 0; index < ref - 1; index += 1) below += (gone >> index) & 1;
      return ref - below;
    };
    state[VIEW] = this.views.without(word(state, VIEW), ~gone & 127);
    const seen = word(state, SEEN);
    if ((seen & 7) !== 0) state[SEEN] = (seen & CONTRADICTED) | place(seen & 7);
    for (let at = SLOTS; at < this.width; at += 1) {
      const slot = word(state, at);
      if (refOf(slot) !== 0) state[at] = withRef(slot, place(refOf(slot)));
    }
    const wire = word(state, WIRE);
    if (wire !== 0)
      state[WIRE] = wireOf(orphansOf(wire).map((copy) => orphan(place(orphanRef(copy)), orphanAge(copy))));
  }

  #sort(state: State, from: number, to: number): void {
    for (let i = from + 1; i < to; i += 1) {
      const slot = word(state, i);
      let j = i - 1;
      for (; j >= from && word(state, j) < slot; j -= 1) state[j + 1] = word(state, j);
      state[j + 1] = slot;
    }
  }
}
