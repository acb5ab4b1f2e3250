/**
 * A ticket: one record's way back to its source. It travels with every envelope that is made of the record and is
 * settled exactly once. It also knows where its record is (for health) and whether anything of it still runs.
 *
 *   open ──settle──▶ settling ──source told──▶ closed
 *    │ ◀─re-enter── parked ◀─retry later─┘
 *    └──abort, deadline──▶ abandoned: the source will bring the record again
 *
 * Only the settlement desk and the life that admitted it change its state.
 */
import type { Effect, Fiber } from "effect";
import type { Machinery } from "./machinery.ts";
import { type Enrolled, NOWHERE, type Roll } from "./roll.ts";
import type { OffsetRecord, QueueRecord } from "./source.ts";
import type { Slot } from "./watermark.ts";
import type { WorkScope } from "./work-scope.ts";

/** One throw, known by identity: a batch that throws once does so for each of its items. */
export interface Thrown {
  readonly error: unknown;
}

/**
 * What a stage sees of the pipeline in whose flow it finds itself, reached through the ticket of the item in hand. So a
 * stage is made once, without a pipeline, and works in any of them, several at a time, each with its own clock.
 */
export interface Host extends Machinery {
  /** Aborts what it watches when the life gives up what is unfinished. */
  readonly work: Pick<WorkScope, "watch" | "unwatch" | "time">;
  /** Like `run`, for items' work: it is interrupted when the life gives up. */
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>;
  readonly stageEntered: () => void;
  readonly stageLeft: () => void;
  readonly tryBegan: () => void;
  readonly tryEnded: (ticket: Ticket) => void;
  /** An unexpected throw. False when the breaker is open: such items are handed back, not diverted. */
  readonly bugFound: (stage: string, bug: Thrown) => boolean;
  /** Leaves the item to its source, as if it had never been taken. */
  readonly handBack: (ticket: Ticket, reason: string) => void;
}

/** How far the settlement of a record has come. */
export type TicketState = "open" | "settling" | "parked" | "closed" | "abandoned";

/** As its source handed it over: coordinates, key and body. A later try begins with it, and a dead letter keeps it. */
export type TakenRecord = OffsetRecord<unknown> | QueueRecord<unknown>;

/** One record's way back to its source. Stages and operators pass it on; only the runtime changes it. */
export class Ticket implements Enrolled {
  readonly host: Host;
  readonly taken: TakenRecord;
  /** Counts from 1. */
  attempt: number;
  state: TicketState = "open";
  /** The slot in the present assignment's watermark, and that assignment's epoch. */
  slot: Slot = -1;
  epoch = -1;
  /** The stage that has it, or had it last, and since when. */
  stage = "source";
  stageBudgetMs = Infinity;
  inStage = false;
  sinceMs: number;
  /** Why it is not being worked on right now, if it is known: of this item, or of its whole stage. */
  waiting: string | null = null;
  stageWaiting: (() => string | null) | null = null;
  /** It counts in the window: from admission until it is settled or parked and nothing of it runs. */
  holdsCredit = false;
  isInLane = true;
  /** Of an offset source: in order of acceptance, over all assignments. */
  serial = 0;
  /** Health has named it once. */
  isNamed = false;
  /** Calls into the outside that have begun for it and not ended. */
  runningTries = 0;
  /** On the roll of its life's unfinished tickets: the oldest is found without looking for it. */
  place = NOWHERE;

  constructor(host: Host, taken: TakenRecord) {
    this.host = host;
    this.taken = taken;
    this.attempt = (taken.attempt ?? 0) + 1;
    this.sinceMs = host.ports.clock.monotonicMs();
  }

  get key(): string {
    return this.taken.key;
  }

  get bytes(): number {
    return this.taken.bytes ?? 0;
  }

  /** What its source, an operator and a log know it by. */
  get record(): string {
    return "token" in this.taken ? this.taken.token : `${this.taken.partition}@${this.taken.offset}`;
  }

  /** It was left to its source, which is told when nothing of it runs any more: somebody else may work on it then. */
  owesHandBack = false;

  /** Its life still counts on it: not settled, not given up. */
  get isOpen(): boolean {
    return this.state === "open";
  }

  /** Left to its source: what still comes of it counts for nothing. */
  get isGivenUp(): boolean {
    return this.state === "abandoned";
  }

  /** Neither settled for its source nor left to it. */
  get isUnfinished(): boolean {
    return this.state !== "closed" && this.state !== "abandoned";
  }

  /** Into the flow, now that what it waited for has come. */
  enterFlow(): void {
    this.stage = "source";
    this.stageBudgetMs = Infinity;
    this.waiting = null;
    this.sinceMs = this.host.ports.clock.monotonicMs();
  }

  enter(stage: string, budgetMs: number, waiting: (() => string | null) | null): void {
    this.stage = stage;
    this.stageBudgetMs = budgetMs;
    this.stageWaiting = waiting;
    this.inStage = true;
    this.sinceMs = this.host.ports.clock.monotonicMs();
    this.host.stageEntered();
  }

  /** Through a step that takes no time. */
  pass(stage: string): void {
    this.stage = stage;
  }

  leave(): void {
    this.inStage = false;
    this.waiting = null;
    this.stageWaiting = null;
    this.sinceMs = this.host.ports.clock.monotonicMs();
    this.host.stageLeft();
  }

  tryBegan(): void {
    this.runningTries += 1;
    this.host.tryBegan();
  }

  tryEnded(): void {
    this.runningTries -= 1;
    this.host.tryEnded(this);
  }
}

/** The unfinished tickets of one life, in order of admission. */
export type Tickets = Roll<Ticket>;
