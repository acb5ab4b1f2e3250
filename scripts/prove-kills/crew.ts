/**
 * The processes of a service under proof: each has a seat, and whoever is killed is followed by a new one in the same seat.
 */
import type { Ended, Place, Running } from "../../test/service/end-to-end/place.ts";

export type Role = "deliver" | "dispatch" | "upkeep";

export interface Seat {
  readonly role: Role;
  running: Running;
}

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

  of(role: Role): readonly Seat[] {
    return this.seats.filter((seat) => seat.role === role);
  }

  replace(seat: Seat): void {
    seat.running = this.#start(seat.role);
  }

  /** As an operator would: asked to end. What did not end well, in words. */
  async dismiss(): Promise<readonly string[]> {
    await this.ready(); // a program that is just being loaded has nothing to end well
    for (const { running } of this.seats) running.kill("SIGTERM");
    const ends = await Promise.all(this.seats.map(({ running }) => running.ended));
    return ends.flatMap(({ code, signal, error }, nth) =>
      code === 0
        ? []
        : [
            `${this.seats[nth]?.role ?? "somebody"} ended with ${code ?? signal} at SIGTERM: ${error.slice(-300)}`,
          ],
    );
  }

  #start(role: Role): Running {
    return this.#place.start(...this.#flags, "serve", "--role", role);
  }
}
