/**
 * One life of a simulated process, and the membrane between it and the world. Whatever it does to the world and whatever reaches it
 * from there passes here: answers, records, and its own timers.
 *
 *   running ──freeze──▶ frozen ──thaw──▶ running      either ──crash──▶ dead
 *
 * Dead: nothing passes any more, in either direction. Frozen: everything waits, and comes in order when it thaws. The code of a dead
 * life is still there and waits for answers that never come; its seat is taken by another life.
 */
import type { Cancel, Clock, SystemPorts } from "../../src/streams/runtime/system-ports.ts";
import type { Draw } from "../support/draw.ts";

export class Life {
  readonly name: string;
  readonly system: SystemPorts;
  readonly #world: Clock;
  #state: "running" | "frozen" | "dead" = "running";
  #waiting: (() => void)[] = [];
  readonly #timers = new Set<Cancel>();
  #wallStepMs = 0;
  #ids = 0;

  constructor(name: string, world: Clock, draw: Draw) {
    this.name = name;
    this.#world = world;
    this.system = {
      clock: {
        monotonicMs: world.monotonicMs,
        wallMs: () => world.wallMs() + this.#wallStepMs,
        after: (ms, run) => this.#after(ms, run),
        soon: (run) => {
          world.soon(() => this.pass(run));
        },
      },
      random: () => draw.share(),
      newId: () => {
        this.#ids += 1;
        return `${name}.${this.#ids}`;
      },
    };
  }

  get state(): "running" | "frozen" | "dead" {
    return this.#state;
  }

  /** In either direction. */
  pass(run: () => void): void {
    if (this.#state === "running") run();
    else if (this.#state === "frozen") this.#waiting.push(run);
  }

  freeze(): void {
    if (this.#state === "running") this.#state = "frozen";
  }

  thaw(): void {
    if (this.#state !== "frozen") return;
    this.#state = "running";
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) this.pass(run); // one of them may freeze it again
  }

  crash(): void {
    this.#state = "dead";
    this.#waiting = [];
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  /** Its own wall clock alone. */
  stepWall(ms: number): void {
    this.#wallStepMs += ms;
  }

  #after(ms: number, run: () => void): Cancel {
    let isCancelled = false;
    const cancel = this.#world.after(ms, () => {
      this.#timers.delete(cancel);
      this.pass(() => {
        if (!isCancelled) run();
      });
    });
    this.#timers.add(cancel);
    return () => {
      isCancelled = true;
      this.#timers.delete(cancel);
      cancel();
    };
  }
}
