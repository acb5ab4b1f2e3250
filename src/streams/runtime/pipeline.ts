/**
 * `pipeline` puts a source, a flow of stages and a settlement together; `start()` runs it.
 *
 * ```ts
 * const running = pipeline({
 *   name: "halves",
 *   source: fromIterable("numbers", [1, 2, 3]),
 *   flow: (numbers) => numbers.pipe(stage({ name: "halve", work: halve })),
 *   diversions: { halve: deadLetter },
 *   deadLetters: sink,
 * }).start();
 * await running.done;
 * ```
 *
 * It holds at most `window.credits` records unfinished, settles each exactly once, and starts again from its watermark
 * when its source or an adapter fails. `done` rejects when the failure is beyond that.
 */
import type { Observable } from "rxjs";
import { BugBreaker, type BreakerLimits } from "./bug-breaker.ts";
import type { LifeEnd } from "./close-life.ts";
import type { CommitPace } from "./commits.ts";
import type { Disposition } from "./disposition.ts";
import { type EventListener, Events } from "./events.ts";
import {
  type ItemHealth,
  itemHealth,
  overBudget,
  type PartitionHealth,
  partitionsHealth,
  stillRunning,
} from "./health.ts";
import type { Order } from "./lanes.ts";
import { Life } from "./life.ts";
import { unhandledDiversion } from "./mistakes.ts";
import { checkLimits } from "./pipeline-limits.ts";
import type { DeadLetterSink } from "./publisher.ts";
import { asError, Bug, type Diversion, type Rail, toldOf } from "./rail.ts";
import { type RestartLimits, Restarts } from "./restarts.ts";
import type { PullSource } from "./source.ts";
import { type SystemPorts, systemPorts } from "./system-ports.ts";
import { DEFAULT_WINDOW, Window, type WindowLimits } from "./window.ts";

/** An answer for each stage that a flow can leave by; one that is forgotten does not compile. The flow says which. */
export type DiversionAnswers<D extends Diversion> = {
  readonly [Name in NoInfer<D>["stage"]]: (diversion: Extract<D, { readonly stage: Name }>) => Disposition;
};

/** What a pipeline is made of. */
export interface PipelineOptions<In, Out, D extends Diversion> {
  readonly name: string;
  readonly source: PullSource<In>;
  /** Stages and RxJS's own operators; every item must come out at its end, on the rail or diverted. */
  readonly flow: (items: Observable<Rail<In>>) => Observable<Rail<Out, D>>;
  /** What to do about each way out of the flow, by the name of its stage. */
  readonly diversions: DiversionAnswers<D>;
  readonly deadLetters: DeadLetterSink;
  /** Unfinished records at once. Default 256 and 64 MiB. */
  readonly window?: Partial<WindowLimits>;
  /** `byKey`: the effects of one key happen in order of arrival. Default `unordered`. */
  readonly order?: Order;
  /** Records that wait for a later try without a credit, where the source cannot delay them. Default 1,000. */
  readonly delayRoom?: number;
  readonly breaker?: BreakerLimits;
  readonly restarts?: RestartLimits;
  readonly commit?: CommitPace;
  /** A record that is in no stage and unsettled for so long was dropped. Default 60,000 ms. */
  readonly strandedAfterMs?: number;
  /** How long closing waits for work that was given up. Default 5,000 ms. */
  readonly closeWithinMs?: number;
  readonly ports?: SystemPorts;
}

/** How a pipeline came to its end. */
export interface Ended {
  readonly how: "completed" | "drained" | "aborted";
  /** Times it was started. */
  readonly lives: number;
  /** Records that were left to the source in its last life, as if they had never been taken. */
  readonly handedBack: number;
}

/** What a pipeline says of itself at this moment. */
export interface PipelineHealth {
  readonly pipeline: string;
  readonly state: "running" | "stopping" | "restarting" | "ended";
  /** Why it is not running: what it drains for, what failed. */
  readonly reason: string | null;
  readonly lives: number;
  readonly window: WindowLimits;
  readonly inFlight: number;
  readonly bytesInFlight: number;
  /** Waiting for a later try, without a credit. */
  readonly parked: number;
  readonly oldest: ItemHealth | null;
  /** Older than their stage's budget, oldest first. */
  readonly overBudget: readonly ItemHealth[];
  /** Settled or given up, but a call of theirs has not ended: each holds a credit until it does. At most 20. */
  readonly stillRunning: readonly ItemHealth[];
  readonly partitions: readonly PartitionHealth[];
}

/** A pipeline that was started. */
export interface Running {
  /** Takes nothing new, finishes what is in hand, hands back what is not finished by the deadline, commits, closes. */
  readonly drain: (deadlineMs?: number) => Promise<Ended>;
  /** Gives everything up at once; what is unfinished goes back to the source. */
  readonly abort: () => Promise<Ended>;
  /** Rejects when the pipeline failed beyond restarting. */
  readonly done: Promise<Ended>;
  readonly health: () => PipelineHealth;
  /** Returns the way to stop listening. */
  readonly on: (listener: EventListener) => () => void;
  readonly resize: (limits: Partial<WindowLimits>) => void;
}

/** A pipeline that has not been started. */
export interface Pipeline {
  readonly start: () => Running;
}

const DEFAULT_DRAIN_MS = 30_000;
const STRAND_CHECKS_PER_PERIOD = 4;

/** What is left of the options' types at run time. */
type AnyPipelineOptions<In> = PipelineOptions<In, unknown, Diversion>;

class RunningPipeline<In> implements Running {
  readonly done: Promise<Ended>;
  readonly #options: AnyPipelineOptions<In>;
  readonly #ports: SystemPorts;
  readonly #events: Events;
  readonly #window: Window;
  readonly #breaker: BugBreaker;
  #life: Life<In> | null = null;
  #lives = 0;
  #state: PipelineHealth["state"] = "running";
  #reason: string | null = null;
  /** What was asked for while no life was there to be asked. */
  #stop: "drained" | "aborted" | null = null;
  #wakeEarly: (() => void) | null = null;

  constructor(options: AnyPipelineOptions<In>) {
    this.#options = options;
    this.#ports = options.ports ?? systemPorts;
    this.#events = new Events(options.name, this.#ports.clock.wallMs);
    this.#window = new Window({ ...DEFAULT_WINDOW, ...options.window }, () => {
      this.#life?.windowChanged(false);
    });
    this.#breaker = new BugBreaker(options.breaker ?? {});
    this.done = this.#supervise();
    // Whoever does not look at `done` still learns of a failure by health and events; it must not end the process.
    this.done.catch(() => undefined);
  }

  readonly on = (listener: EventListener): (() => void) => this.#events.on(listener);

  readonly resize = (limits: Partial<WindowLimits>): void => {
    const before = this.#window.limits;
    checkLimits({ name: this.#options.name, window: limits });
    this.#window.resize(limits);
    const now = this.#window.limits;
    if (now.credits < before.credits || now.bytes < before.bytes) this.#life?.windowChanged(true);
  };

  readonly drain = (deadlineMs = DEFAULT_DRAIN_MS): Promise<Ended> => {
    this.#stopBy("drained");
    this.#life?.drain(deadlineMs);
    return this.done;
  };

  readonly abort = (): Promise<Ended> => {
    this.#stopBy("aborted");
    this.#life?.abort();
    return this.done;
  };

  readonly health = (): PipelineHealth => {
    const life = this.#life;
    const nowMs = this.#ports.clock.monotonicMs();
    const oldest = life?.inFlight.tickets.oldest ?? null;
    return {
      pipeline: this.#options.name,
      state: this.#state === "running" && life?.stopReason != null ? "stopping" : this.#state,
      reason: this.#reason ?? life?.stopReason ?? null,
      lives: this.#lives,
      window: this.#window.limits,
      inFlight: this.#window.inFlight,
      bytesInFlight: this.#window.bytesInFlight,
      parked: life?.room.size ?? 0,
      oldest: oldest === null ? null : itemHealth(oldest, nowMs),
      overBudget: life === null ? [] : overBudget(life.inFlight.tickets, nowMs),
      stillRunning: life === null ? [] : stillRunning(life.inFlight.lingering, nowMs),
      partitions: life === null ? [] : partitionsHealth(life.partitions, this.#options.source, nowMs),
    };
  };

  #stopBy(how: "drained" | "aborted"): void {
    if (this.#state === "ended") return;
    this.#stop = how;
    this.#state = "stopping";
    this.#wakeEarly?.();
  }

  async #supervise(): Promise<Ended> {
    const restarts = new Restarts(this.#options.restarts ?? {});
    // Nothing of a pipeline runs before `start()` has returned: its caller can listen first.
    await new Promise<void>((resolve) => {
      this.#ports.clock.soon(resolve);
    });
    for (;;) {
      if (this.#stop !== null) return this.#finish({ how: this.#stop, lives: this.#lives, handedBack: 0 });
      const { end, handedBack } = await this.#oneLife();
      this.#life = null;
      if (end.how !== "failed") return this.#finish({ how: end.how, lives: this.#lives, handedBack });
      // Asked to stop after it had failed: it ends as if it had waited to be started again already.
      if (end.mayRestart && this.#stop !== null)
        return this.#finish({ how: this.#stop, lives: this.#lives, handedBack });
      const waitMs = end.mayRestart ? restarts.next(this.#ports.clock.monotonicMs()) : null;
      if (waitMs === null) return this.#giveUp(end);
      this.#reason = toldOf(end.error);
      this.#state = "restarting";
      this.#events.emit({
        type: "pipeline:restart:begin",
        life: this.#lives,
        cause: this.#reason,
        inMs: waitMs,
      });
      await this.#pause(waitMs);
    }
  }

  /** A life that cannot even be made fails as one that ended; making it again would fail again. */
  async #oneLife(): Promise<{ readonly end: LifeEnd; readonly handedBack: number }> {
    try {
      const life = this.#newLife();
      const end = await life.live();
      return { end, handedBack: life.inFlight.handedBack };
    } catch (error) {
      return {
        end: { how: "failed", error: asError(new Bug(error, false)), mayRestart: false },
        handedBack: 0,
      };
    }
  }

  #newLife(): Life<In> {
    const options = this.#options;
    const life = new Life<In>({
      pipeline: options.name,
      source: options.source,
      flow: options.flow,
      dispositionOf: (diversion) => this.#answer(diversion),
      deadLetters: options.deadLetters,
      window: this.#window,
      order: options.order ?? "unordered",
      delayRoomCapacity: options.delayRoom ?? 1_000,
      breaker: this.#breaker,
      commit: options.commit ?? {},
      closeWithinMs: options.closeWithinMs ?? 5_000,
      breakerDrainMs: DEFAULT_DRAIN_MS,
      ports: this.#ports,
      events: this.#events,
    });
    this.#life = life;
    this.#lives += 1;
    this.#state = "running";
    this.#reason = null;
    this.#watchForStranded(life, options.strandedAfterMs ?? 60_000);
    this.#events.emit({ type: "pipeline:start:done", life: this.#lives });
    return life;
  }

  #answer(diversion: Diversion): Disposition {
    // the compiler saw to it that there is one; callers without types are told by name
    const answers = this.#options.diversions as Partial<DiversionAnswers<Diversion>>;
    const answer = answers[diversion.stage];
    if (answer === undefined) throw unhandledDiversion(diversion.stage);
    return answer(diversion);
  }

  /** Looks, a few times in that period, for records that nobody has, and names those that have become stuck, once each. */
  #watchForStranded(life: Life<In>, strandedAfterMs: number): void {
    if (strandedAfterMs === Infinity) return;
    life.after(strandedAfterMs / STRAND_CHECKS_PER_PERIOD, () => {
      const nowMs = this.#ports.clock.monotonicMs();
      for (const ticket of life.inFlight.tickets) {
        const ageMs = nowMs - ticket.sinceMs;
        const isNobodys = ticket.isOpen && !ticket.inStage && ticket.waiting === null;
        if (isNobodys && ageMs > strandedAfterMs) life.strand(ticket);
        if (!ticket.isNamed && itemHealth(ticket, nowMs).state === "stuck") {
          ticket.isNamed = true;
          const { record, stage } = ticket;
          this.#events.emit({ type: "item:stick:done", record, stage, ageMs });
        }
      }
      this.#watchForStranded(life, strandedAfterMs);
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wakeEarly = null;
        resolve();
      };
      const cancel = this.#ports.clock.after(ms, wake);
      this.#wakeEarly = wake;
    });
  }

  #finish(ended: Ended): Ended {
    this.#state = "ended";
    this.#events.emitLast({ type: "pipeline:end:done", how: ended.how, cause: null });
    return ended;
  }

  #giveUp({ error }: Extract<LifeEnd, { readonly how: "failed" }>): never {
    this.#state = "ended";
    this.#reason = toldOf(error);
    this.#events.emitLast({ type: "pipeline:end:done", how: "failed", cause: this.#reason });
    throw error;
  }
}

/** A pipeline, not yet running. A limit that is wrong is a `RangeError` that says which and what to give. */
export const pipeline = <In, Out, D extends Diversion>(options: PipelineOptions<In, Out, D>): Pipeline => {
  checkLimits(options);
  return {
    start: () =>
      // By stage name each answer gets exactly its own diversions, so the narrower `D` can be forgotten here.
      new RunningPipeline<In>(options as unknown as AnyPipelineOptions<In>),
  };
};
