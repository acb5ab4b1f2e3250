/**
 * Brokers that are away. The library says when it has lost the last of them, and goes on trying; that it has found one again it does
 * not say, so one is asked until it answers.
 */
import type { SourceSettings } from "../source-settings.ts";
import { LONGEST_RECONNECT_MS } from "./client-settings.ts";

/** Whoever can ask a broker. */
export interface Reaching {
  readonly isReached: () => Promise<boolean>;
}

export interface AwayWatchOptions {
  readonly settings: Pick<SourceSettings, "topic" | "told">;
  /** The member that lives, as long as there is one. */
  readonly member: () => Reaching | null;
  /** What it holds of its topic. */
  readonly held: () => readonly number[];
  readonly pause: (ms: number) => Promise<void>;
}

/** Between two questions. */
const AGAIN_MS = 500;

export class AwayWatch {
  readonly #options: AwayWatchOptions;
  #isAway = false;

  constructor(options: AwayWatchOptions) {
    this.#options = options;
  }

  /** Told once, until a broker is reached. */
  away(code: string): void {
    const { settings, member, held } = this.#options;
    const own = member();
    if (this.#isAway || own === null) return;
    this.#isAway = true;
    const { topic, told } = settings;
    told({ type: "broker:away:seen", topic, code, inMs: LONGEST_RECONNECT_MS });
    this.#untilReached(own).then(
      (isReached) => {
        this.#isAway = false;
        const partitions = held();
        // what it holds is still its own: without a rejoin nobody else would say so
        if (isReached && partitions.length > 0) told({ type: "group:join:done", topic, partitions });
      },
      () => undefined,
    );
  }

  async #untilReached(own: Reaching): Promise<boolean> {
    const { member, pause } = this.#options;
    while (member() === own) {
      if (await own.isReached()) return member() === own;
      await pause(AGAIN_MS);
    }
    return false;
  }
}
