/**
 * Keeps one duty going: at once again after a full page, else after the sweep interval; after a failure or a bug later and later, up
 * to the cap. Nothing that happens in it ends it, and nothing in it touches another duty's loop.
 *
 *   working ──less than a page──▶ resting ──sweepMs ± 20 %──▶ working
 *      │  └──a full page──▶ working
 *      └──failure, bug──▶ waiting ──back-off──▶ working
 *   any ──stop──▶ stopped, when the turn under way has ended
 */
import { Cause, Effect, Exit, Option } from "effect";
import { isFailure } from "../../failure.ts";
import { whereThrown } from "../runtime/rail.ts";
import { type Cancel, effectContext, type SystemPorts } from "../runtime/system-ports.ts";
import type { Duty, DutyTurn } from "./duty.ts";
import type { UpkeepEvents } from "./upkeep-events.ts";
import type { UpkeepLimits } from "./upkeep-limits.ts";

export interface DutyHealth {
  readonly name: string;
  readonly turns: number;
  /** Rows moved since the start. */
  readonly changed: number;
  readonly bugs: number;
  /** Since its last turn that went well; empty before the first one. */
  readonly lastDoneAgoMs: number | null;
  /** Why it waits; empty while all is well. */
  readonly failing: string | null;
  /** Since the first of the failures in a row; empty while all is well. */
  readonly failingForMs: number | null;
}

export interface DutyLoopOptions {
  readonly system: SystemPorts;
  readonly limits: Pick<UpkeepLimits, "sweepMs" | "failureCapMs">;
  readonly events: UpkeepEvents;
}

const FIRST_WAIT_MS = 250;

export class DutyLoop {
  readonly #duty: Duty;
  readonly #options: DutyLoopOptions;
  readonly #ended: Promise<void>;
  #isStopping = false;
  #wake: (() => void) | null = null;
  #turns = 0;
  #changed = 0;
  #bugs = 0;
  #failures = 0;
  #failing: string | null = null;
  #doneMs: number | null = null;
  #failingSinceMs: number | null = null;

  constructor(duty: Duty, options: DutyLoopOptions) {
    this.#duty = duty;
    this.#options = options;
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake?.();
    const settled = this.#duty.settle?.();
    await this.#ended;
    await settled;
  }

  health(): DutyHealth {
    const nowMs = this.#options.system.clock.monotonicMs();
    return {
      name: this.#duty.name,
      turns: this.#turns,
      changed: this.#changed,
      bugs: this.#bugs,
      lastDoneAgoMs: this.#doneMs === null ? null : nowMs - this.#doneMs,
      failing: this.#failing,
      failingForMs: this.#failingSinceMs === null ? null : nowMs - this.#failingSinceMs,
    };
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const { clock } = this.#options.system;
      const fromMs = clock.monotonicMs();
      const exit = await this.#turn();
      this.#turns += 1;
      const waitMs = Exit.isSuccess(exit)
        ? this.#went(exit.value, clock.monotonicMs() - fromMs)
        : this.#failed(exit.cause);
      await this.#rest(waitMs);
    }
  }

  #turn(): Promise<Exit.Exit<DutyTurn, unknown>> {
    const guarded = Effect.suspend(() => this.#duty.once);
    return Effect.runPromiseExitWith(effectContext(this.#options.system))(guarded);
  }

  #went(turn: DutyTurn, elapsedMs: number): number {
    const { system, limits, events } = this.#options;
    this.#failures = 0;
    this.#failing = null;
    this.#failingSinceMs = null;
    this.#changed += turn.changed;
    this.#doneMs = system.clock.monotonicMs();
    const { found, changed } = turn;
    if (found > 0) events.emit({ type: "duty:turn:done", duty: this.#duty.name, found, changed, elapsedMs });
    return turn.more ? 0 : limits.sweepMs * (0.8 + 0.4 * system.random());
  }

  #failed(cause: Cause.Cause<unknown>): number {
    const { system, limits, events } = this.#options;
    const inMs =
      Math.min(limits.failureCapMs, FIRST_WAIT_MS * 2 ** this.#failures) * (1 - system.random() / 2);
    this.#failures += 1;
    this.#failingSinceMs ??= system.clock.monotonicMs();
    const duty = this.#duty.name;
    const failure = Cause.findErrorOption(cause);
    if (Option.isSome(failure) && isFailure(failure.value)) {
      const { _tag: tag, message } = failure.value;
      this.#failing = `${tag}: ${message}`;
      events.emit({ type: "duty:fail:done", duty, failure: tag, message, inMs });
    } else {
      this.#bugs += 1;
      const where = whereThrown(Cause.squash(cause));
      this.#failing = `a bug: ${where}`;
      events.emit({ type: "duty:break:done", duty, where, inMs });
    }
    return inMs;
  }

  #rest(ms: number): Promise<void> {
    if (this.#isStopping) return Promise.resolve();
    const { clock } = this.#options.system;
    return new Promise((resolve) => {
      if (ms === 0) {
        clock.soon(resolve);
        return;
      }
      const cancel: Cancel = clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
