/**
 * One timer that is set anew as often as one likes. Set for the time that it has already it stays as it is: ten thousand who
 * join a line, each asking to be woken at the same time, set one.
 */
import type { Cancel, Clock } from "../runtime/system-ports.ts";

export class Alarm {
  readonly #clock: Pick<Clock, "monotonicMs" | "after">;
  readonly #ring: () => void;
  #timer: Cancel | null = null;
  #atMs = 0;

  constructor(clock: Pick<Clock, "monotonicMs" | "after">, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** @param ms `Infinity`: not at all */
  set(ms: number): void {
    const atMs = this.#clock.monotonicMs() + ms;
    if (this.#timer !== null && Math.abs(atMs - this.#atMs) < 1) return;
    this.#timer?.();
    this.#timer = null;
    if (ms === Infinity) return;
    this.#atMs = atMs;
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = null;
      this.#ring();
    });
  }
}
