/**
 * Breadth first through every state of the world, so that the first broken invariant comes with a shortest story. When
 * nothing is broken, the graph is walked backwards: from every state there must be a way to an end, by usual steps
 * alone (faults have stopped, nobody decides anything).
 *
 * What the world has not: a second notice (they share nothing but the gate), clocks that step (every instant is the
 * ledger's, and monotone), a database that forgets a commit (C1), an operator whose word is old when it is heard (C4),
 * more than one policy to be pinned to, letters that people discard, T1 and T15.
 */
import { BOUNDS, type Bounds } from "./bounds.ts";
import type { Broken } from "./invariants.ts";
import { Ledger, type LedgerOptions } from "./ledger.ts";
import { stuckState } from "./liveness.ts";
import { Moves } from "./moves.ts";
import { Numbers, StateSet } from "./state-set.ts";
import type { Step } from "./steps.ts";
import { VIEW, World, type State, word } from "./world.ts";

export interface SearchOptions extends LedgerOptions {
  readonly bounds?: Partial<Bounds>;
  /** Whether every state must have a way to an end; costs memory for the edges. */
  readonly liveness?: boolean;
  /** Gives up after so many states, or views: a table without a guard may have no end of them. */
  readonly maxStates?: number;
  readonly maxViews?: number;
  /** Called now and then. */
  readonly onProgress?: (states: number, waiting: number) => void;
}

/** A step of a story and the state after it. */
export interface Told {
  readonly step: Step;
  readonly state: State;
}

export interface Found {
  readonly broken: Broken;
  readonly story: readonly Told[];
}

export interface SearchResult {
  readonly bounds: Bounds;
  readonly ledger: Ledger;
  readonly states: number;
  readonly steps: number;
  readonly seconds: number;
  /** What it took of a core; on a busy machine less than `seconds`. */
  readonly cpuSeconds: number;
  /** False where `maxStates` ended it. */
  readonly complete: boolean;
  readonly found: Found | null;
}

const PROGRESS_EVERY = 20_000;

export const search = (options: SearchOptions = {}): SearchResult => {
  const started = performance.now();
  const startedCpu = process.cpuUsage();
  const bounds = { ...BOUNDS, ...options.bounds };
  const ledger = new Ledger(bounds, options);
  const world = new World(bounds, ledger.views);
  const moves = new Moves(ledger, world);
  const states = new StateSet(world.width);
  const parents = new Numbers();
  const usual = new Numbers();
  const { liveness = true, maxStates = Infinity, maxViews = Infinity, onProgress } = options;
  let steps = 0;
  let broken: {
    readonly broken: Broken;
    readonly from: number;
    readonly step: Step;
    readonly state: State;
  } | null = null;

  states.add(world.first());
  parents.push(-1);
  const current = new Int32Array(world.width);
  let id = 0;
  for (
    ;
    id < states.size && broken === null && states.size < maxStates && ledger.views.size < maxViews;
    id += 1
  ) {
    moves.from(states.read(id, current), (next, step) => {
      if (broken !== null) return;
      steps += 1;
      if (step.broken !== null) {
        broken = { broken: step.broken, from: id, step, state: next };
        return;
      }
      const number = states.add(world.fold(next));
      if (number >= 0) parents.push(id);
      if (liveness && step.usual) {
        const to = number >= 0 ? number : -1 - number;
        if (to !== id) {
          usual.push(id);
          usual.push(to);
        }
      }
    });
    if (onProgress !== undefined && id % PROGRESS_EVERY === 0) onProgress(states.size, states.size - id);
  }

  const pathTo = (last: number): Told[] => {
    const told: Told[] = [];
    for (let to = last; parents.at(to) >= 0; to = parents.at(to)) {
      const from = parents.at(to);
      let found: Told | null = null;
      moves.from(states.read(from, new Int32Array(world.width)), (next, step) => {
        if (found !== null || step.broken !== null) return;
        const number = states.add(world.fold(next));
        if (number === -1 - to) found = { step, state: next };
      });
      if (found === null) throw new Error(`no step from state ${from} to state ${to}`);
      told.unshift(found);
    }
    return told;
  };

  const complete = id === states.size;
  let found: Found | null = null;
  // A callback assigned it, which the compiler cannot follow.
  const first = broken as { broken: Broken; from: number; step: Step; state: State } | null;
  if (first !== null) {
    found = {
      broken: first.broken,
      story: [...pathTo(first.from), { step: first.step, state: first.state }],
    };
  } else if (liveness && complete) {
    const stuck = stuckState(states.size, usual, (state) => {
      const view = word(states.read(state, current), VIEW);
      return { view: ledger.views.view(view), bounds };
    });
    if (stuck !== null) found = { broken: stuck.broken, story: pathTo(stuck.state) };
  }
  const cpu = process.cpuUsage(startedCpu);
  return {
    bounds,
    ledger,
    states: states.size,
    steps,
    seconds: (performance.now() - started) / 1e3,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    complete,
    found,
  };
};
