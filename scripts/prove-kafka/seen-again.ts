/**
 * Counts the records that workers have seen again, by their own metrics, over all the processes of a proof: the last that each has
 * told before it ended counts.
 *
 * Seen again is what came while its first ticket lived or after it was done, and what the ledger refused because it is, or was,
 * another's.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Seat } from "../prove-kills/crew.ts";
import { TOKEN } from "../../test/service/end-to-end/november.ts";
import type { World } from "./world.ts";

interface Told {
  readonly inFlight: number;
  readonly repeated: number;
  readonly refused: number;
}

const LOOK_EVERY_MS = 50;

const sumOf = (text: string, series: RegExp): number =>
  text
    .split("\n")
    .filter((line) => series.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);

export class SeenAgain {
  readonly #world: World;
  readonly #byPid = new Map<number, Told>();
  #askedFor = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Asks all workers; answers how many items they have in flight together. */
  async look(): Promise<number> {
    const told = await Promise.all(this.#world.crew.of("deliver").map((seat) => this.#ask(seat)));
    return told.reduce((sum, each) => sum + (each?.inFlight ?? 0), 0);
  }

  /** Asks one again and again until it has ended. */
  async follow(seat: Seat): Promise<void> {
    const { running } = seat;
    let isOver = false;
    const ended = running.ended.then(() => {
      isOver = true;
    });
    const base = await this.#world.crew.baseOf(seat);
    while (!isOver) {
      await this.#ask(seat, base);
      await Promise.race([wait(LOOK_EVERY_MS), ended]);
    }
  }

  get repeated(): number {
    return [...this.#byPid.values()].reduce((sum, { repeated }) => sum + repeated, 0);
  }

  get refused(): number {
    return [...this.#byPid.values()].reduce((sum, { refused }) => sum + refused, 0);
  }

  /** What has come since this was called before. */
  sinceLastAsked(): number {
    const all = this.repeated + this.refused;
    const since = all - this.#askedFor;
    this.#askedFor = all;
    return since;
  }

  async #ask(seat: Seat, from?: string): Promise<Told | null> {
    const { pid } = seat.running;
    try {
      const base = from ?? (await this.#world.crew.baseOf(seat));
      const answer = await fetch(`${base}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
      const text = await answer.text();
      const told = {
        inFlight: sumOf(text, /^millrace_in_flight\{/),
        repeated: sumOf(text, /^millrace_records_repeated_total\{/),
        refused: sumOf(text, /^millrace_items_settled_total\{.*disposition="not-mine"/),
      };
      this.#byPid.set(pid, told);
      return told;
    } catch {
      return null; // it has just ended
    }
  }
}
