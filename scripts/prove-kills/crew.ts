/**
 * The processes of a service under proof: each has a seat, and whoever is killed is followed by a new one in the same seat.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Ready, readiness } from "../../test/service/end-to-end/november.ts";
import type { Ended, Place, Running } from "../../test/service/end-to-end/place.ts";
import { lastWords } from "./proof.ts";

export type Role = "deliver" | "dispatch" | "upkeep";

export interface Seat {
  readonly role: Role;
  running: Running;
}

/** Between SIGTERM and the end: the drain deadline of a service under proof is 20 s, and a busy machine takes its time. */
const ENDS_WITHIN_MS = 90_000;

const SERVING = /(http:\/\/127\.0\.0\.1:\d+)\/readyz/;

export class Crew {
  readonly seats: Seat[] = [];
  readonly #place: Place;
  readonly #flags: readonly string[];

  constructor(place: Place, flags: readonly string[]) {
    this.#place = place;
    this.#flags = flags;
  }

  add(role: Role): void {
    this.seats.push({ role, running: this.#start(role) });
  }

  async ready(): Promise<void> {
    await Promise.all(this.seats.map(({ running }) => running.says(SERVING)));
  }

  /** The address of a dispatcher that serves; empty where all of them are just starting. */
  async dispatcher(): Promise<string | null> {
    for (const { role, running } of this.seats) {
      if (role !== "dispatch") continue;
      const base = await Promise.race([
        running.says(SERVING).then(
          ([, found = ""]) => found,
          () => null,
        ),
        Promise.resolve().then(() => null),
      ]);
      if (base !== null) return base;
    }
    return null;
  }

  /** Kills whoever has the seat; it stays empty until `replace`. */
  async kill(seat: Seat): Promise<number> {
    const { pid } = seat.running;
    seat.running.kill("SIGKILL");
    await seat.running.ended;
    return pid;
  }

  /** Asks it to end, and waits until it has; the seat stays empty until `replace`. */
  async end(seat: Seat): Promise<Ended> {
    seat.running.kill("SIGTERM");
    return seat.running.ended;
  }

  /** Where whoever has the seat serves; waits until it does. */
  async baseOf({ running }: Seat): Promise<string> {
    const [, base = ""] = await running.says(SERVING);
    return base;
  }

  /** What `/readyz` of whoever has the seat says; fails with its last words where it has ended by itself. */
  async readinessOf(seat: Seat): Promise<Ready> {
    const base = await this.baseOf(seat);
    try {
      return await readiness(base);
    } catch (error) {
      const ended = await Promise.race([seat.running.ended, wait(1_000, null)]);
      if (ended === null) throw error;
      throw new Error(
        `${seat.role} has ended by itself, with ${ended.code ?? ended.signal}: ${lastWords(ended, 20)}`,
        { cause: error },
      );
    }
  }

  of(role: Role): readonly Seat[] {
    return this.seats.filter((seat) => seat.role === role);
  }

  replace(seat: Seat): void {
    seat.running = this.#start(seat.role);
  }

  /** As an operator would: asked to end. What did not end well, in words; who does not end is killed. */
  async dismiss(): Promise<readonly string[]> {
    await this.ready(); // a program that is just being loaded has nothing to end well
    const wrong = await Promise.all(this.seats.map((seat) => this.#dismissed(seat)));
    return wrong.filter((words) => words !== null);
  }

  async #dismissed({ role, running }: Seat): Promise<string | null> {
    running.kill("SIGTERM");
    const late = new AbortController();
    const inTime = await Promise.race([
      running.ended.then(() => true),
      wait(ENDS_WITHIN_MS, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    if (!inTime) running.kill("SIGKILL");
    const ended = await running.ended;
    if (!inTime)
      return `${role} had not ended ${ENDS_WITHIN_MS / 1_000} s after SIGTERM: ${lastWords(ended, 20)}`;
    return ended.code === 0
      ? null
      : `${role} ended with ${ended.code ?? ended.signal} at SIGTERM: ${lastWords(ended)}`;
  }

  #start(role: Role): Running {
    return this.#place.start(...this.#flags, "serve", "--role", role);
  }
}
