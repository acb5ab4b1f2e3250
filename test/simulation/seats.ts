/**
 * The processes of a simulated service: each seat is taken by one life after the other. A life ends by a crash, in order, or because
 * its work failed beyond restarting; then the next one takes the seat, as whoever keeps processes running sees to it.
 *
 *   starting ──▶ at work ──asked to end──▶ draining ──▶ over      any ──crash──▶ over ──after a while──▶ starting (the next life)
 */
import type { Role } from "../../src/service/config/sections.ts";
import type { RolesAtWork } from "../../src/service/roles-at-work.ts";
import { Draw } from "../support/draw.ts";
import type { VirtualClock } from "../support/virtual-clock.ts";
import { Life } from "./life.ts";
import type { Plan } from "./plan.ts";
import type { Trace } from "./trace.ts";

export interface SeatsOptions {
  readonly plan: Plan;
  readonly clock: VirtualClock;
  readonly trace: Trace;
  readonly start: (life: Life, role: Role) => Promise<RolesAtWork>;
  /** That life says nothing any more, for now or for ever. */
  readonly silent: (life: Life) => void;
  readonly wrong: (words: string) => void;
  /** That life has ended in order. */
  readonly ended: (life: Life) => void;
}

interface Seat {
  readonly role: Role;
  readonly nth: number;
  lives: number;
  life: Life | null;
  /** Empty before it is at work, and from when on it is asked to end. */
  roles: RolesAtWork | null;
}

const DRAIN_MS = 5_000;
export const DRAINED_WITHIN_MS = 60_000;
const NEXT_AFTER_MS = 1_000;

export class Seats {
  readonly #options: SeatsOptions;
  readonly #seats: readonly Seat[];

  constructor(options: SeatsOptions) {
    this.#options = options;
    const { dispatchers, workers, upkeeps } = options.plan;
    const roles = [
      ...Array.from({ length: dispatchers }, () => "dispatch" as const),
      ...Array.from({ length: workers }, () => "deliver" as const),
      ...Array.from({ length: upkeeps }, () => "upkeep" as const),
    ];
    this.#seats = roles.map((role, nth) => ({ ...{ role, nth, lives: 0 }, life: null, roles: null }));
  }

  startAll(): void {
    for (const seat of this.#seats) this.#start(seat);
  }

  crash(nth: number, awayMs: number): void {
    const seat = this.#seat(nth);
    if (seat.life !== null) this.#over(seat, seat.life, awayMs);
  }

  /** As by SIGTERM; who has not ended in time is killed. */
  stop(nth: number, awayMs: number): void {
    const seat = this.#seat(nth);
    const { life, roles } = seat;
    if (life?.state !== "running" || roles === null) return;
    const { clock, trace, wrong } = this.#options;
    trace.tell(`${life.name} is asked to end`);
    const over = (): void => this.#over(seat, life, awayMs);
    const late = clock.after(DRAINED_WITHIN_MS, over);
    this.#drained(seat, life, roles).then(
      () => {
        late();
        if (life.state !== "dead") over();
      },
      (error: unknown) => wrong(`${life.name} did not end: ${String(error)}`),
    );
  }

  deploy(awayMs: number): void {
    this.#seats.forEach((_, nth) => this.stop(nth, awayMs));
  }

  /** Those who are still of an older release end in order, and nobody else does. */
  replace(isOld: (life: Life) => boolean, awayMs: number): void {
    this.#seats.forEach(({ life }, nth) => {
      if (life !== null && isOld(life)) this.stop(nth, awayMs);
    });
  }

  freeze(nth: number, forMs: number): void {
    const { life } = this.#seat(nth);
    if (life?.state !== "running") return;
    life.freeze();
    this.#options.silent(life);
    this.#options.clock.after(forMs, () => life.thaw());
  }

  stepWall(nth: number, byMs: number): void {
    this.#seat(nth).life?.stepWall(byMs);
  }

  thawAll(): void {
    for (const { life } of this.#seats) life?.thaw();
  }

  /** Everybody who is at work ends in order. */
  async goHome(): Promise<void> {
    await Promise.all(
      this.#seats.flatMap((seat) =>
        seat.life === null || seat.roles === null ? [] : [this.#drained(seat, seat.life, seat.roles)],
      ),
    );
  }

  #seat(nth: number): Seat {
    const seat = this.#seats[nth % this.#seats.length];
    if (seat === undefined) throw new Error("a service has a process");
    return seat;
  }

  #start(seat: Seat): void {
    const { plan, clock, trace, start, wrong } = this.#options;
    seat.lives += 1;
    const name = `${seat.role}-${seat.nth}-${seat.lives}`;
    const life = new Life(name, clock, new Draw(plan.seed * 31 + seat.nth * 1_009 + seat.lives));
    seat.life = life;
    seat.roles = null;
    trace.tell(`${name} starts`);
    start(life, seat.role).then(
      (roles) => {
        if (life.state === "dead") return;
        seat.roles = roles;
        roles.failed.catch((error: unknown) => {
          if (life.state === "dead") return;
          trace.tell(`${name} gives up: ${error instanceof Error ? error.message : String(error)}`);
          this.#over(seat, life, NEXT_AFTER_MS);
        });
      },
      (error: unknown) => wrong(`${name} could not start: ${String(error)}`),
    );
  }

  #over(seat: Seat, life: Life, awayMs: number): void {
    const { clock, trace, silent } = this.#options;
    if (seat.life !== life || life.state === "dead") return;
    trace.tell(`${life.name} is over`);
    life.crash();
    seat.roles = null;
    silent(life);
    clock.after(awayMs, () => this.#start(seat));
  }

  async #drained(seat: Seat, life: Life, roles: RolesAtWork): Promise<void> {
    seat.roles = null;
    await roles.drain(DRAIN_MS);
    await roles.abort();
    this.#options.trace.tell(`${life.name} has ended`);
    this.#options.ended(life);
  }
}
