/**
 * The intake of one life: asks the source for what the window has room for, and lets in again what waited in the delay
 * room. It is the only place that pulls, one pull at a time, so the source is never asked for more than is free.
 *
 * A pull that waits for records has been promised all the free credits. When somebody else needs one (a retry is due, the
 * window shrank) the pull is interrupted and asked again for less.
 */
import { Cause, Effect, type Fiber } from "effect";
import { failureOfCause } from "./one-try.ts";
import type { DelayRoom } from "./delay-room.ts";
import type { Machinery } from "./machinery.ts";
import { OwnWords } from "./own-words.ts";
import { Bug, type DivertedBy } from "./rail.ts";
import type { Pulled, PullLimit } from "./source.ts";
import type { Ticket } from "./ticket.ts";
import type { Window } from "./window.ts";
import type { Failure } from "../../failure.ts";

export interface IntakePorts<R> {
  readonly machinery: Machinery;
  readonly sourceName: string;
  readonly pull: (limit: PullLimit) => Effect.Effect<Pulled<R>, Failure>;
  /** False while something else than the window forbids it; whoever makes it true calls `wake`. */
  readonly mayPull: () => boolean;
  readonly window: Window;
  readonly room: DelayRoom;
  readonly admit: (record: R) => void;
  readonly mayEnterAgain: (ticket: Ticket) => boolean;
  readonly admitAgain: (ticket: Ticket) => void;
  /** The source has ended. */
  readonly ended: () => void;
  readonly failed: (failure: DivertedBy) => void;
}

export class Intake<R> {
  readonly #ports: IntakePorts<R>;
  #isStarted = false;
  #isStopped = false;
  #hasEnded = false;
  #pull: Fiber.Fiber<Pulled<R>, Failure> | null = null;
  #isRunPlanned = false;
  #isClosed = false;
  readonly #whenIdle: (() => void)[] = [];

  constructor(ports: IntakePorts<R>) {
    this.#ports = ports;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** The source is open and the flow takes items: before that nothing is asked for, whoever wakes it. */
  start(): void {
    this.#isStarted = true;
    this.wake();
  }

  /** There may be something to do: room in the window, a retry that is due. */
  wake(): void {
    if (!this.#isStarted || this.#isStopped || this.#isRunPlanned || this.#pull !== null) return;
    this.#planRun();
  }

  /** Apart from `wake`, which is called for every item: a function that makes another one takes memory when it is called. */
  #planRun(): void {
    this.#isRunPlanned = true;
    this.#ports.machinery.ports.clock.soon(() => {
      this.#isRunPlanned = false;
      this.#run();
    });
  }

  /** The plan has changed under a pull that may be waiting: ask again. */
  replan(): void {
    if (this.#pull !== null) this.#pull.interruptUnsafe();
    else this.wake();
  }

  /** Nothing is asked for any more; what a pull that is under way still hands over is let in. */
  stop(): void {
    this.#isStopped = true;
    this.#pull?.interruptUnsafe();
  }

  /** Resolves when no pull is under way. */
  idle(): Promise<void> {
    return this.#pull === null
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#whenIdle.push(resolve);
        });
  }

  /** Nothing is let in from now on, whatever a pull that did not heed its interruption may bring. */
  close(): void {
    this.#isClosed = true;
  }

  #run(): void {
    if (this.#isStopped || this.#pull !== null) return;
    const { window, machinery } = this.#ports;
    this.#admitDue();
    const records = window.freeRecords;
    if (this.#hasEnded || records <= 0 || !this.#ports.mayPull()) return;
    const limit = { records, bytes: window.freeBytes };
    const pull = machinery.run(Effect.suspend(() => this.#ports.pull(limit)));
    this.#pull = pull;
    pull.addObserver((exit) => {
      this.#pull = null;
      for (const tell of this.#whenIdle.splice(0)) tell();
      if (this.#isClosed) return;
      if (exit._tag === "Success") this.#take(exit.value, limit);
      else if (!Cause.hasInterruptsOnly(exit.cause)) {
        this.#fail(failureOfCause(exit.cause, `pull from ${this.#ports.sourceName}`, true));
      }
      this.wake();
    });
  }

  /**
   * Those whose wait is over. No more than waited when this began: one that fails at once and may be tried again at once is due
   * again before this ends, and has its next turn when everybody else has had one.
   */
  #admitDue(): void {
    const { room, mayEnterAgain, admitAgain } = this.#ports;
    for (let left = room.size; left > 0; left -= 1) {
      const due = room.takeDue(mayEnterAgain);
      if (due === undefined) return;
      admitAgain(due);
    }
    room.wakeForFirst();
  }

  /** What was handed over is let in even while stopping: the source counts it as taken. */
  #take(pulled: Pulled<R>, limit: PullLimit): void {
    try {
      const { records, ended } = pulled;
      if (records.length > limit.records) {
        throw new OwnWords(
          `source ${this.#ports.sourceName} was asked for ${limit.records} records and handed over ${records.length}`,
        );
      }
      for (const record of records) this.#ports.admit(record);
      if (!ended) return;
    } catch (error) {
      // an adapter's mistake, such as an answer without records or an offset that is no number
      this.#fail(new Bug(error, false));
      return;
    }
    this.#hasEnded = true;
    this.#ports.ended();
  }

  #fail(failure: DivertedBy): void {
    this.#isStopped = true;
    this.#ports.failed(failure);
  }
}
