/** A clock's ports that count the timers set through them: what a pipeline leaves behind would keep a process alive. */
import type { Clock, SystemPorts } from "../../src/streams/runtime/system-ports.ts";

export class CountedPorts implements SystemPorts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  #timers = 0;

  constructor({ clock, random, newId }: SystemPorts) {
    this.random = random;
    this.newId = newId;
    this.clock = {
      monotonicMs: clock.monotonicMs,
      wallMs: clock.wallMs,
      soon: clock.soon,
      after: (ms, run) => {
        let isSet = true;
        this.#timers += 1;
        const unset = (): void => {
          if (isSet) this.#timers -= 1;
          isSet = false;
        };
        const cancel = clock.after(ms, () => {
          unset();
          run();
        });
        return () => {
          unset();
          cancel();
        };
      },
    };
  }

  /** Set, and neither due yet nor cancelled. */
  get timers(): number {
    return this.#timers;
  }
}
