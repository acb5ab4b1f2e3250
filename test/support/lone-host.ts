/**
 * What a stage sees of a pipeline, without the pipeline: a host with a virtual clock that counts tries, keeps what was
 * told and makes tickets. For specs of single parts.
 */
import { type Context, Effect, type Fiber } from "effect";
import { type PipelineEvent, Events } from "../../src/streams/runtime/events.ts";
import { type Envelope, onRail, type Rail } from "../../src/streams/runtime/rail.ts";
import type { OffsetRecord, QueueRecord } from "../../src/streams/runtime/source.ts";
import { effectContext, type SystemPorts } from "../../src/streams/runtime/system-ports.ts";
import { type Host, type Thrown, Ticket } from "../../src/streams/runtime/ticket.ts";
import { WorkScope } from "../../src/streams/runtime/work-scope.ts";
import { VirtualClock } from "./virtual-clock.ts";

export class LoneHost implements Host {
  readonly clock: VirtualClock;
  readonly ports: SystemPorts;
  readonly events: Events;
  readonly told: PipelineEvent[] = [];
  readonly work = new WorkScope();
  readonly handedBack: { readonly record: string; readonly reason: string }[] = [];
  readonly bugs: { readonly stage: string; readonly error: unknown }[] = [];
  /** Items that are in a stage. */
  inStages = 0;
  isOver = false;
  isBreakerOpen = false;
  readonly #context: Context.Context<never>;
  #records = 0;

  constructor(clock = new VirtualClock()) {
    this.clock = clock;
    this.ports = clock.ports;
    this.events = new Events("spec", clock.wallMs);
    this.events.on((event) => this.told.push(event));
    this.#context = effectContext(this.ports);
  }

  /** The events of one type, in order. */
  toldOf<Type extends PipelineEvent["type"]>(type: Type): Extract<PipelineEvent, { readonly type: Type }>[] {
    return this.told.filter(
      (event): event is Extract<PipelineEvent, { readonly type: Type }> => event.type === type,
    );
  }

  run<A, E>(effect: Effect.Effect<A, E>): Fiber.Fiber<A, E> {
    return Effect.runForkWith(this.#context)(effect);
  }

  fork<A, E>(effect: Effect.Effect<A, E>): Fiber.Fiber<A, E> {
    return this.work.hold(this.run(effect));
  }

  stageEntered(): void {
    this.inStages += 1;
  }

  stageLeft(): void {
    this.inStages -= 1;
  }

  tryBegan(): void {
    this.work.began();
  }

  tryEnded(): void {
    this.work.ended();
  }

  bugFound(stage: string, { error }: Thrown): boolean {
    if (this.isBreakerOpen) return false;
    this.bugs.push({ stage, error });
    return true;
  }

  handBack(ticket: Ticket, reason: string): void {
    ticket.state = "abandoned";
    this.handedBack.push({ record: ticket.record, reason });
  }

  /** As a life does when it gives up: every open ticket is the source's again, and all work is told to stop. */
  giveUp(tickets: Iterable<Ticket> = []): void {
    for (const ticket of tickets) this.handBack(ticket, "given up");
    this.work.giveUp();
  }

  ticket(fields: Partial<OffsetRecord<unknown>> = {}): Ticket {
    const offset = fields.offset ?? this.#records;
    this.#records += 1;
    return new Ticket(this, { partition: "0", key: String(offset), body: null, ...fields, offset });
  }

  queueTicket(fields: Partial<QueueRecord<unknown>> = {}): Ticket {
    this.#records += 1;
    const token = `message-${this.#records}`;
    return new Ticket(this, { token, key: token, body: null, ...fields });
  }

  envelope<Body>(body: Body, fields: Partial<OffsetRecord<unknown>> = {}): Envelope<Body> {
    const ticket = this.ticket({ body, ...fields });
    return { body, key: ticket.key, attempt: ticket.attempt, trace: ticket.taken.trace ?? null, ticket };
  }

  item<Body>(body: Body, fields: Partial<OffsetRecord<unknown>> = {}): Rail<Body> {
    return onRail(this.envelope(body, fields));
  }
}
