/**
 * How a life comes to its end by itself: its source ended, it drains, or the breaker opened. From then on, whenever
 * something ends, it is asked whether anything of it is still unfinished.
 *
 *   no ─▶ ended ─▶ drain | breaker        (a drain or an open breaker is never taken back)
 *
 * When nothing runs and nothing waits, what is still unfinished is in somebody's own operator, which may be holding it
 * until the end: so the flow is told that nothing more comes. What is unsettled after the flow has completed was dropped.
 */
import type { Clock } from "./system-ports.ts";
import type { Ticket, Tickets } from "./ticket.ts";

export type WindingDown = "no" | "ended" | "drain" | "breaker";

export interface WindDownPorts {
  readonly clock: Clock;
  readonly inFlight: {
    readonly tickets: Tickets;
    readonly waiting: number;
    readonly isEntryOpen: boolean;
    readonly complete: () => void;
  };
  /** Settlements being made durable, later tries. */
  readonly unfinished: () => number;
  /** Calls under way. */
  readonly running: () => number;
  /** All is settled, but calls that were given up have not ended; they may never. */
  readonly lingering: () => void;
  /** Nothing is unfinished. */
  readonly ended: () => void;
  readonly dropped: (oldest: Ticket, others: number) => void;
}

export class WindDown {
  readonly #ports: WindDownPorts;
  #how: WindingDown = "no";
  #inStages = 0;
  #isFlowComplete = false;
  #isLooking = false;

  constructor(ports: WindDownPorts) {
    this.#ports = ports;
  }

  get how(): WindingDown {
    return this.#how;
  }

  /** What is still open will not be begun again: later tries are the next life's. */
  get isShutdown(): boolean {
    return this.#how === "drain" || this.#how === "breaker";
  }

  /** False when it was winding down for good already. */
  begin(how: Exclude<WindingDown, "no">): boolean {
    if (this.isShutdown) return false;
    this.#how = how;
    this.look();
    return true;
  }

  stageEntered(): void {
    this.#inStages += 1;
  }

  stageLeft(): void {
    this.#inStages -= 1;
    this.look();
  }

  flowCompleted(): void {
    this.#isFlowComplete = true;
    this.look();
  }

  /** Something ended. Looked at once the present turn is over, for all that ended in it. */
  look(): void {
    if (this.#how === "no" || this.#isLooking) return;
    this.#planLook();
  }

  #planLook(): void {
    this.#isLooking = true;
    this.#ports.clock.soon(() => {
      this.#isLooking = false;
      this.#consider();
    });
  }

  #consider(): void {
    const { inFlight, unfinished, running, lingering, ended, dropped } = this.#ports;
    if (this.#inStages > 0 || inFlight.waiting > 0 || unfinished() > 0) return;
    if (running() > 0 && inFlight.tickets.oldest !== null) return;
    if (inFlight.isEntryOpen) {
      // What an operator lets go of now may have to be made durable before it is settled; with the flow's completion
      // it is looked at again.
      inFlight.complete();
      return;
    }
    if (!this.#isFlowComplete) return;
    const { oldest, count } = inFlight.tickets;
    if (oldest !== null) dropped(oldest, count - 1);
    else if (running() > 0) lingering();
    else ended();
  }
}
