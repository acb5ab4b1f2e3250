/**
 * One life of a pipeline: from opening its source to closing it. A pipeline that is started again gets a new life, from
 * its watermark; only the window is carried over, so that what still runs keeps its credits, and the breaker, which goes on counting.
 *
 *   opening ─▶ running ─▶ winding down (source ended · drain · breaker) ─▶ closing ─▶ over
 *                  └───────────── failure · abort ─────────────────────────▲
 *
 * Invariants: nothing is finished for the source that was not settled; a life that winds down ends when nothing of it is
 * unfinished, or by its deadline; once over it settles nothing.
 */
import { type Context, Effect, type Fiber, Result } from "effect";
import type { Observable, Subscription } from "rxjs";
import { failureOfCause } from "./one-try.ts";
import { BatchedWrites } from "./batched-writes.ts";
import type { BugBreaker } from "./bug-breaker.ts";
import { closeLife, type LifeEnd } from "./close-life.ts";
import { type CommitPace, Commits } from "./commits.ts";
import { DelayRoom } from "./delay-room.ts";
import type { Disposition } from "./disposition.ts";
import type { Events } from "./events.ts";
import { InFlight } from "./in-flight.ts";
import { Intake } from "./intake.ts";
import type { Order } from "./lanes.ts";
import { completedEarly, dropped, intakeStopped, PipelineMistake } from "./mistakes.ts";
import { Partitions } from "./partitions.ts";
import type { DeadLetterSink } from "./publisher.ts";
import { asError, Bug, type Diversion, type DivertedBy, type Rail } from "./rail.ts";
import { assignmentListener } from "./rebalance.ts";
import { Desk } from "./settle.ts";
import type { OffsetRecord, PullSource, QueueRecord } from "./source.ts";
import { effectContext, type SystemPorts } from "./system-ports.ts";
import type { Host, Thrown, Ticket } from "./ticket.ts";
import type { Window } from "./window.ts";
import { WindDown } from "./wind-down.ts";
import { WorkScope } from "./work-scope.ts";

export interface LifeOptions<In> {
  readonly pipeline: string;
  readonly source: PullSource<In>;
  readonly flow: (items: Observable<Rail<In>>) => Observable<Rail<unknown, Diversion>>;
  readonly dispositionOf: (diversion: Diversion) => Disposition;
  readonly deadLetters: DeadLetterSink;
  readonly window: Window;
  readonly order: Order;
  readonly delayRoomCapacity: number;
  readonly breaker: BugBreaker;
  readonly commit: CommitPace;
  /** How long closing waits for work that was given up, and for the source. */
  readonly closeWithinMs: number;
  /** How long the work in hand may take once the breaker has opened. */
  readonly breakerDrainMs: number;
  readonly ports: SystemPorts;
  readonly events: Events;
}

export class Life<In> implements Host {
  readonly ports: SystemPorts;
  readonly events: Events;
  readonly partitions: Partitions;
  readonly inFlight: InFlight<In>;
  readonly room: DelayRoom;
  readonly commits: Commits | null;
  readonly desk: Desk;
  readonly options: LifeOptions<In>;
  readonly #context: Context.Context<never>;
  readonly work = new WorkScope();
  readonly #breaker: BugBreaker;
  readonly #windDown: WindDown;
  readonly intake: Intake<OffsetRecord<In> | QueueRecord<In>>;
  readonly #ended: Promise<LifeEnd>;
  #end: (end: LifeEnd) => void = () => undefined;
  #subscription: Subscription | null = null;
  #isOver = false;
  /** Its own calls to the source and to the dead letters that have not ended. */
  readonly #fibers = new Set<Fiber.Fiber<unknown, unknown>>();
  readonly #timers = new Set<() => void>();

  constructor(options: LifeOptions<In>) {
    const { source, ports, deadLetters, window, order } = options;
    this.options = options;
    this.ports = ports;
    this.events = options.events;
    this.#context = effectContext(ports);
    this.#breaker = options.breaker;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const failed = (failure: DivertedBy): void => {
      this.fail(asError(failure), true);
    };
    this.room = new DelayRoom(options.delayRoomCapacity, ports.clock, () => {
      this.intake.replan();
    });
    this.partitions = new Partitions(order);
    this.inFlight = new InFlight<In>({
      host: this,
      window,
      order,
      partitions: this.partitions,
      room: this.room,
      handingBack: (ticket) => {
        this.desk.handBack(ticket);
      },
    });
    this.commits =
      source.kind === "offsets" ? new Commits(source, this.partitions, this, options.commit, failed) : null;
    const acknowledgements =
      source.kind === "queue"
        ? new BatchedWrites(`settle to ${source.name}`, this, source.settle, failed)
        : null;
    this.desk = new Desk({
      machinery: this,
      pipeline: options.pipeline,
      deadLetters: new BatchedWrites("dead letters", this, (letters) => deadLetters.write(letters), failed),
      acknowledgements,
      sourceCanDelay: source.can.delayedRetry && order === "unordered",
      finish: (ticket) => {
        if (this.partitions.finish(ticket)) this.commits?.soon();
      },
      park: (ticket, afterMs) => this.#park(ticket, afterMs),
      closed: (ticket) => {
        this.inFlight.close(ticket);
        this.#windDown.look();
      },
      broken: (error) => {
        this.fail(error, false);
      },
    });
    this.#windDown = new WindDown({
      clock: ports.clock,
      inFlight: this.inFlight,
      unfinished: () => this.desk.pending + this.room.size,
      running: () => this.work.running,
      lingering: () => {
        this.after(options.closeWithinMs, () => {
          this.#woundDown();
        });
      },
      ended: () => void this.#woundDown(),
      dropped: (oldest, others) => {
        this.fail(dropped(oldest, others), false);
      },
    });
    this.intake = new Intake<OffsetRecord<In> | QueueRecord<In>>({
      machinery: this,
      sourceName: source.name,
      pull: source.pull,
      mayPull: () => this.partitions.stretched === null,
      window,
      room: this.room,
      admit: (record) => {
        this.inFlight.admit(record);
      },
      mayEnterAgain: (ticket) => this.inFlight.mayEnterAgain(ticket),
      admitAgain: (ticket) => {
        this.inFlight.admitAgain(ticket);
      },
      ended: () => {
        this.#windDown.begin("ended");
      },
      failed,
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Why nothing is let in, if that is so. */
  get stopReason(): string | null {
    return this.#breaker.reason ?? (this.#windDown.how === "drain" ? "draining" : this.partitions.stretched);
  }

  run<A, E>(effect: Effect.Effect<A, E>): Fiber.Fiber<A, E> {
    const fiber = Effect.runForkWith(this.#context)(effect);
    this.#fibers.add(fiber);
    fiber.addObserver(() => this.#fibers.delete(fiber));
    return fiber;
  }

  fork<A, E>(effect: Effect.Effect<A, E>): Fiber.Fiber<A, E> {
    return this.work.hold(Effect.runForkWith(this.#context)(effect));
  }

  stageEntered(): void {
    this.#windDown.stageEntered();
  }

  stageLeft(): void {
    this.#windDown.stageLeft();
  }

  tryBegan(): void {
    this.work.began();
  }

  tryEnded(ticket: Ticket): void {
    this.work.ended();
    this.inFlight.freeIfQuiet(ticket);
    this.#windDown.look();
  }

  bugFound(stage: string, bug: Thrown): boolean {
    if (this.#breaker.reason !== null) return false;
    if (this.#breaker.note(stage, bug, this.ports.clock.monotonicMs())) this.#shutDown("breaker");
    return true;
  }

  handBack(ticket: Ticket, reason: string): void {
    this.inFlight.abandon(ticket, reason);
    this.#windDown.look();
  }

  /** The window has more room than before, or less than it had. */
  windowChanged(isSmaller: boolean): void {
    this.intake[isSmaller ? "replan" : "wake"]();
  }

  /** From opening to over. */
  async live(): Promise<LifeEnd> {
    const { source } = this.options;
    const opening = Effect.suspend(() =>
      source.kind === "offsets" ? source.open(assignmentListener(this)) : source.open(),
    );
    const opened = this.run(opening);
    opened.addObserver((exit) => {
      if (exit._tag === "Success" && this.#isOver) this.run(Effect.suspend(() => source.close));
      else if (exit._tag === "Success") this.#begin();
      else this.fail(asError(failureOfCause(exit.cause, `open ${source.name}`, true)), true);
    });
    const end = await this.#ended;
    this.intake.stop();
    opened.interruptUnsafe();
    await closeLife(this, end, opened);
    this.#isOver = true;
    for (const fiber of [...this.#fibers]) fiber.interruptUnsafe();
    return end;
  }

  drain(deadlineMs: number): void {
    this.events.emit({ type: "pipeline:drain:begin", deadlineMs });
    this.#shutDown("drain");
    this.after(deadlineMs, () => {
      this.#over();
    });
  }

  abort(): void {
    this.#end({ how: "aborted" });
  }

  /** A life that was shutting down is not started again: what it failed to do is for whoever asked for it to know. */
  fail(error: Error, mayRestart: boolean): void {
    this.#end({ how: "failed", error, mayRestart: mayRestart && !this.#windDown.isShutdown });
  }

  /** A timer that does not outlive this life. */
  after(ms: number, run: () => void): void {
    if (this.work.isGivenUp) return;
    const cancel = this.ports.clock.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  /** Stops everything that is still under way: what it answers from now on counts for nothing. */
  giveUpWork(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#subscription?.unsubscribe();
    this.work.giveUp();
  }

  #begin(): void {
    if (this.work.isGivenUp) return;
    try {
      this.#subscription = this.options.flow(this.inFlight.items).subscribe({
        next: (rail) => this.#settle(rail),
        error: (error: unknown) => {
          this.fail(asError(new Bug(error, false)), true);
        },
        complete: () => {
          if (this.inFlight.isEntryOpen) this.fail(completedEarly(this.inFlight.tickets), false);
          else this.#windDown.flowCompleted();
        },
      });
    } catch (error) {
      this.fail(asError(new Bug(error, false)), false);
      return;
    }
    this.intake.start(); // in vain where the life has ended while it opened
  }

  #settle(rail: Rail<unknown, Diversion>): void {
    try {
      if (Result.isSuccess(rail)) {
        this.desk.settle(rail.success.ticket, { kind: "done" }, null);
        return;
      }
      const diversion = rail.failure;
      this.desk.settle(diversion.envelope.ticket, this.options.dispositionOf(diversion), diversion);
    } catch (error) {
      this.fail(asError(new Bug(error, false)), !(error instanceof PipelineMistake));
    }
  }

  /** A shutdown or rebalance is neither an attempt nor a failure: what would wait for a later try is handed back. */
  #park(ticket: Ticket, afterMs: number): "parked" | "handed-back" | "full" {
    const isShutdown = this.#windDown.isShutdown;
    if (isShutdown || this.partitions.isLeaving(ticket)) {
      this.handBack(ticket, `its later try falls into the ${isShutdown ? "shutdown" : "rebalance"}`);
      return "handed-back";
    }
    return this.inFlight.park(ticket, afterMs) ? "parked" : "full";
  }

  #shutDown(how: "drain" | "breaker"): void {
    if (!this.#windDown.begin(how)) return;
    this.intake.stop();
    this.events.emit({ type: "intake:stop:done", reason: this.stopReason ?? how });
    for (const ticket of this.room.clear()) this.handBack(ticket, "its later try falls into the shutdown");
    if (how !== "breaker") return;
    this.after(this.options.breakerDrainMs, () => {
      this.#woundDown();
    });
  }

  /** What it finished is committed first: a life that cannot say so has not ended well. */
  #woundDown(): void {
    const over = (): void => {
      this.#over();
    };
    this.after(this.options.closeWithinMs, over);
    Promise.resolve(this.commits?.flush()).then(over, over);
  }

  #over(): void {
    const { reason } = this.#breaker;
    if (reason !== null) this.fail(intakeStopped(reason), false);
    else this.#end({ how: this.#windDown.how === "drain" ? "drained" : "completed" });
  }

  /** A record that left its last stage long ago and was never settled. */
  strand(ticket: Ticket): void {
    this.fail(dropped(ticket, 0), false);
  }
}
