/**
 * What one life of a delivery knows and nobody else does: a right to send that was won and not used yet, an answer of the
 * provider that the ledger has not been told of. Each is held here for the moment between two steps.
 *
 *   held ──let go: the next step has it──▶ forgotten
 *     └──the life ends (a drain's deadline, an abort, a failure)──▶ told at once
 *
 * Work that is given up answers nobody, so what is held then would become a doubt, and where a provider has no look-up an operator
 * would owe it an answer. The life waits for the telling as it waits for a call, no longer than it waits for any.
 */
import { Effect, Result } from "effect";
import type { CommandOf } from "../../domain/lifecycle/commands.ts";
import type { Diversion, Rail } from "../runtime/rail.ts";
import { effectContext } from "../runtime/system-ports.ts";
import type { Ticket } from "../runtime/ticket.ts";
import { toldAtTheEnd } from "./at-the-end.ts";
import { SETTLING_TYPES, type Settlement, type SettlingType } from "./bodies.ts";
import type { SendPorts } from "./delivery-ports.ts";

export class Untold<Item extends object> {
  readonly #ports: Pick<SendPorts, "ledger" | "system">;
  readonly #settlementOf: (item: Item) => Settlement;
  readonly #held = new Set<Item>();
  #ticket: Ticket | null = null;
  #isOver = false;
  /** To be told in the next statement. */
  #gathered: Settlement[] = [];
  #telling: Promise<void> | null = null;

  constructor(ports: Pick<SendPorts, "ledger" | "system">, settlementOf: (item: Item) => Settlement) {
    this.#ports = ports;
    this.#settlementOf = settlementOf;
  }

  get count(): number {
    return this.#held.size;
  }

  /** No step of this life has an answer told any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** For any item that passes: by its ticket the life is known that is to wait. */
  see(rail: Rail<unknown, Diversion>): void {
    this.#ticket ??= Result.isSuccess(rail) ? rail.success.ticket : rail.failure.envelope.ticket;
  }

  hold(item: Item): void {
    this.#held.add(item);
  }

  /** False where it was told already. */
  letGo(item: Item): boolean {
    return this.#held.delete(item);
  }

  /** Nobody waits for these any more: those which are still held are told. */
  async giveUp(items: Iterable<Item>): Promise<void> {
    const open = [...items].filter((item) => this.#held.delete(item));
    await this.#tell(open.map(this.#settlementOf));
  }

  /** Never rejects: what the ledger does not take in some seconds upkeep will find. What comes meanwhile goes together. */
  #tell(settlements: readonly Settlement[]): Promise<void> {
    if (settlements.length === 0) return Promise.resolve();
    this.#gathered.push(...settlements);
    this.#telling ??= this.#tellAll();
    return this.#telling;
  }

  /** The life is over. */
  end(): void {
    this.#isOver = true;
    const ticket = this.#ticket;
    if (ticket === null || this.#held.size === 0) return;
    const told = (): void => {
      ticket.tryEnded();
    };
    ticket.tryBegan();
    this.giveUp(this.#held).then(told, told);
  }

  async #tellAll(): Promise<void> {
    const run = Effect.runPromiseExitWith(effectContext(this.#ports.system));
    while (this.#gathered.length > 0) {
      const settlements = this.#gathered;
      this.#gathered = [];
      const first = settlements.map(({ command }) => command);
      await run(Effect.forEach(SETTLING_TYPES, (type) => this.#told(type, first), { discard: true }));
      await run(
        this.#told(
          "definite-no",
          settlements.map(({ andThen }) => andThen ?? null),
        ),
      );
    }
    this.#telling = null;
  }

  #told<T extends SettlingType>(type: T, all: readonly Settlement["command"][]): Effect.Effect<void> {
    const commands = all.flatMap(
      (command) => (command?.type === type ? [command as CommandOf<T>] : []), // of this type, as compared
    );
    return Effect.ignore(toldAtTheEnd(this.#ports.ledger, type, commands));
  }
}
