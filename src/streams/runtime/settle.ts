/**
 * The settlement desk: the only place where tickets are closed and watermarks moved.
 *
 * A dead letter is durable before its record counts as finished. A record that is to be retried later leaves the flow but
 * stays unfinished for its source. Whoever settles a ticket twice, or settles one that was never let in, has found a
 * mistake in the pipeline, and is told so by the stage's and the record's name.
 */
import type { BatchedWrites } from "./batched-writes.ts";
import type { Disposition } from "./disposition.ts";
import type { Machinery } from "./machinery.ts";
import { PipelineMistake, settledTwice } from "./mistakes.ts";
import type { DeadRecord } from "./publisher.ts";
import { type Diversion, mayHaveHappened } from "./rail.ts";
import type { QueueDisposition, QueueSettlement } from "./source.ts";
import type { Ticket } from "./ticket.ts";

export interface DeskPorts {
  readonly machinery: Machinery;
  readonly pipeline: string;
  readonly deadLetters: BatchedWrites<DeadRecord>;
  /** Set for a queue source: how its records are settled one by one. */
  readonly acknowledgements: BatchedWrites<QueueSettlement> | null;
  readonly sourceCanDelay: boolean;
  /** An offset source's record is finished. */
  readonly finish: (ticket: Ticket) => void;
  /** `handed-back` while shutting down, which is no failure; `full` where there is no room to wait in. */
  readonly park: (ticket: Ticket, afterMs: number) => "parked" | "handed-back" | "full";
  readonly closed: (ticket: Ticket) => void;
  /** A mistake in the pipeline's own composition. */
  readonly broken: (error: Error) => void;
}

export class Desk {
  readonly #ports: DeskPorts;
  /** Tickets whose settlement is being made durable. */
  #pending = 0;

  constructor(ports: DeskPorts) {
    this.#ports = ports;
  }

  get pending(): number {
    return this.#pending;
  }

  settle(ticket: Ticket, disposition: Disposition, diversion: Diversion | null): void {
    const { machinery } = this.#ports;
    if (ticket.state === "abandoned" || machinery.isOver) return;
    if (ticket.state !== "open") {
      this.#ports.broken(settledTwice(ticket, diversion?.stage ?? ticket.stage));
      return;
    }
    switch (disposition.kind) {
      case "done":
      case "not-mine":
        this.#tell(ticket, disposition.kind, diversion);
        this.#over(ticket, { kind: "done" });
        return;
      case "dead-letter":
        this.#dead(ticket, diversion);
        return;
      case "retry-later":
        this.#retryLater(ticket, disposition, diversion);
        return;
    }
    disposition satisfies never;
    throw new PipelineMistake(`record ${ticket.record} was answered with what is no disposition`);
  }

  #tell(ticket: Ticket, disposition: Disposition["kind"], diversion: Diversion | null): void {
    const { events } = this.#ports.machinery;
    if (!events.heard) return;
    const stage = diversion?.stage ?? ticket.stage;
    events.emit({ type: "item:settle:done", record: ticket.record, stage, disposition });
  }

  /** Resolves when all that was settled is durable. */
  async idle(): Promise<void> {
    await this.#ports.deadLetters.idle();
    await this.#ports.acknowledgements?.idle();
  }

  /** A queue has its record again; but it hears of each only once, so not of one that is being settled. */
  handBack(ticket: Ticket): void {
    if (ticket.state === "settling" || !("token" in ticket.taken)) return;
    const { token } = ticket.taken;
    this.#ports.acknowledgements?.add({ token, disposition: { kind: "hand-back" } }, () => undefined);
  }

  #retryLater(
    ticket: Ticket,
    { afterMs, maxAttempts }: Extract<Disposition, { readonly kind: "retry-later" }>,
    diversion: Diversion | null,
  ): void {
    const isAttempt = diversion?.failure._tag !== "Postponed"; // nothing was tried
    const isSpent = isAttempt && ticket.attempt >= maxAttempts;
    if (isSpent || (diversion !== null && mayHaveHappened(diversion.failure))) this.#dead(ticket, diversion);
    else if (this.#ports.sourceCanDelay) {
      this.#tell(ticket, "retry-later", diversion);
      this.#over(ticket, { kind: "retry-later", afterMs, ...(isAttempt ? {} : { isNoAttempt: true }) });
    } else {
      const parked = this.#ports.park(ticket, afterMs);
      if (parked === "full") this.#dead(ticket, diversion);
      else if (isAttempt) ticket.attempt += 1;
    }
  }

  #dead(ticket: Ticket, diversion: Diversion | null): void {
    const { deadLetters, machinery, pipeline } = this.#ports;
    const failure = diversion?.failure;
    this.#tell(ticket, "dead-letter", diversion);
    ticket.waiting = "its dead letter to be written";
    ticket.state = "settling";
    this.#pending += 1;
    deadLetters.add(
      {
        pipeline,
        record: ticket.record,
        key: ticket.key,
        body: ticket.taken.body,
        attempts: ticket.attempt,
        stage: diversion?.stage ?? ticket.stage,
        failure: failure?._tag ?? "Permanent",
        reason: failure?.message ?? "settled as a dead letter",
        stack: failure?._tag === "Bug" ? failure.stack : null,
        atMs: machinery.ports.clock.wallMs(),
      },
      () => {
        this.#pending -= 1;
        this.#finished(ticket, { kind: "done" });
      },
    );
  }

  #over(ticket: Ticket, disposition: QueueDisposition): void {
    ticket.state = "settling";
    this.#finished(ticket, disposition);
  }

  #finished(ticket: Ticket, disposition: QueueDisposition): void {
    const { acknowledgements } = this.#ports;
    if (!("token" in ticket.taken) || acknowledgements === null) {
      this.#ports.finish(ticket);
      this.#close(ticket);
      return;
    }
    this.#pending += 1;
    acknowledgements.add({ token: ticket.taken.token, disposition }, () => {
      this.#pending -= 1;
      this.#close(ticket);
    });
  }

  #close(ticket: Ticket): void {
    if (ticket.state !== "settling") return;
    ticket.state = "closed";
    this.#ports.closed(ticket);
  }
}
