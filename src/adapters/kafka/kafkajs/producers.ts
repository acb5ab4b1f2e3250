/**
 * The producer that is in use, and those that were retired: they get no new send, and end with the last that is under way on
 * them. So what one partition had trouble with takes nothing from the sends of the others.
 */
import type { Producer } from "kafkajs";

/** Taken for one send, and given back by `release`. */
export interface Taken {
  readonly ready: Promise<Producer>;
}

/** One that connects. */
export interface Made extends Taken {
  /** Also where it could not connect. It never rejects. */
  readonly end: () => Promise<void>;
}

interface Kept extends Made {
  sends: number;
  isRetired: boolean;
}

const afterTheEnd = (): Made => ({
  ready: Promise.reject(new Error("the publisher was closed")),
  end: () => Promise.resolve(),
});

export class Producers {
  readonly #make: () => Made;
  readonly #kept = new Set<Kept>();
  #current: Kept | null = null;
  #isClosed = false;

  constructor(make: () => Made) {
    this.#make = make;
  }

  /** The one in use, if there is one. */
  get current(): Taken | null {
    return this.#current;
  }

  take(): Taken {
    const kept = (this.#current ??= this.#made());
    kept.sends += 1;
    return kept;
  }

  release(taken: Taken): void {
    const kept = this.#find(taken);
    if (kept === undefined) return;
    kept.sends -= 1;
    this.#endIfIdle(kept);
  }

  retire(taken: Taken): void {
    const kept = this.#find(taken);
    if (kept === undefined) return;
    kept.isRetired = true;
    if (this.#current === kept) this.#current = null;
    this.#endIfIdle(kept);
  }

  /** Also those on which something is under way, and any that is asked for afterwards: a send that failed by this asks once more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#current = null;
    await Promise.all([...this.#kept].map((kept) => this.#end(kept)));
  }

  #made(): Kept {
    const made = this.#isClosed ? afterTheEnd() : this.#make();
    const kept: Kept = { ...made, sends: 0, isRetired: false };
    kept.ready.catch(() => undefined); // whoever sends on it hears of it
    this.#kept.add(kept);
    return kept;
  }

  #find(taken: Taken): Kept | undefined {
    for (const kept of this.#kept) if (kept === taken) return kept;
    return undefined;
  }

  #endIfIdle(kept: Kept): void {
    if (kept.isRetired && kept.sends === 0) this.#end(kept).catch(() => undefined);
  }

  async #end(kept: Kept): Promise<void> {
    this.#kept.delete(kept);
    await kept.end();
  }
}
