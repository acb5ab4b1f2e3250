/**
 * What has happened in a simulated world, in order: enough to compare two runs by one hash, and to tell a failing one as a story.
 * And how often each fault was injected: a run without any has shown nothing.
 */
import { createHash } from "node:crypto";

export interface TraceLine {
  readonly atMs: number;
  readonly words: string;
}

export class Trace {
  readonly lines: TraceLine[] = [];
  readonly injected = new Map<string, number>();
  readonly #hash = createHash("sha256");
  readonly #now: () => number;
  readonly #keeps: boolean;

  /** @param keeps whether the lines are kept; the hash is there either way */
  constructor(now: () => number, keeps: boolean) {
    this.#now = now;
    this.#keeps = keeps;
  }

  tell(words: string): void {
    const atMs = this.#now();
    this.#hash.update(`${atMs} ${words}\n`);
    if (this.#keeps) this.lines.push({ atMs, words });
  }

  inject(fault: string, words = ""): void {
    this.injected.set(fault, (this.injected.get(fault) ?? 0) + 1);
    this.tell(`fault ${fault} ${words}`);
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}
