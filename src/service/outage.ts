/**
 * A database that is away while a process works: said at once, every half minute, and when it is there again. Nobody is stopped by
 * it: whoever needs the database asks again. An embedded server that was killed is started again, by whoever misses it first.
 *
 *   there ──trouble──▶ away ──something goes well, a second after the last trouble──▶ there
 */
import type { PoolWatch } from "../adapters/postgres/pool.ts";
import { codeOf, freeBytesOf, leftInWords, saysFull } from "./disk-room.ts";

export interface OutageOptions {
  readonly say: (words: string) => void;
  /** The embedded server's; empty where the server is the operator's. */
  readonly folder: string | null;
  readonly revive: (() => Promise<void>) | null;
  /** For waits; a test turns it by hand. */
  readonly monotonicMs?: () => number;
  /** What is left on the folder's disk; a test makes it up. */
  readonly freeBytes?: (folder: string) => Promise<number | null>;
}

const SAY_EVERY_MS = 30_000;
const REVIVE_EVERY_MS = 2_000;
/** Many callers meet the same trouble at once: the disk is looked at for one of them. */
const LOOK_EVERY_MS = 100;
/** What reads goes well on a full disk, between two writes that do not. */
const CALM_MS = 1_000;
/** A server writes its log ahead in files of 16 MiB: with less it cannot go on. */
const ROOM_BYTES = 16 * 2 ** 20;

type Kind = "full" | "gone" | "trouble";

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Outage implements PoolWatch {
  readonly #options: Required<OutageOptions>;
  #sinceMs: number | null = null;
  #troubleMs = 0;
  #wellMs = -Infinity;
  #said: { readonly kind: Kind; readonly atMs: number } | null = null;
  #lookFromMs = 0;
  #reviveFromMs = 0;
  #telling: Promise<void> = Promise.resolve();
  #reviving: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: OutageOptions) {
    this.#options = { monotonicMs: () => performance.now(), freeBytes: freeBytesOf, ...options };
  }

  readonly trouble = (error: unknown): void => {
    if (this.#isClosed) return;
    const nowMs = this.#options.monotonicMs();
    this.#sinceMs ??= nowMs;
    this.#troubleMs = nowMs;
    this.#next(error);
    const { revive } = this.#options;
    if (revive === null || codeOf(error) !== "ECONNREFUSED" || nowMs < this.#reviveFromMs) return;
    this.#reviveFromMs = Infinity;
    // beside what is said: another process may be starting it, and that can take a minute
    this.#reviving = revive()
      .catch((cause: unknown) => this.#next(cause))
      .then(() => {
        this.#reviveFromMs = this.#options.monotonicMs() + REVIVE_EVERY_MS;
      });
  };

  readonly well = (): void => {
    if (this.#sinceMs === null || this.#isClosed) return;
    this.#wellMs = this.#options.monotonicMs();
    if (this.#wellMs - this.#troubleMs >= CALM_MS) this.#isOver(this.#sinceMs);
  };

  /** Says nothing more; a server that is just being started is waited for. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#reviving;
    await this.#telling;
    // whoever has no second left to wait for has finished with it: it is there
    if (this.#sinceMs !== null && this.#wellMs > this.#troubleMs) this.#isOver(this.#sinceMs);
  }

  #isOver(sinceMs: number): void {
    const elapsedS = Math.round((this.#options.monotonicMs() - sinceMs) / 1_000);
    this.#sinceMs = null;
    this.#said = null;
    this.#options.say(`The database is there again, after ${elapsedS} s.`);
  }

  /** One after the other; none of them throws. */
  #next(error: unknown): void {
    this.#telling = this.#telling.then(() => (this.#isClosed ? undefined : this.#tell(error)));
  }

  async #tell(error: unknown): Promise<void> {
    const { folder, freeBytes, monotonicMs, say } = this.#options;
    const nowMs = monotonicMs();
    const isFresh = this.#said !== null && nowMs - this.#said.atMs < SAY_EVERY_MS;
    // of all that goes wrong with a full disk, that it is full is what matters
    if (isFresh && this.#said?.kind === "full") return;
    if (isFresh && this.#said?.kind === this.#kindOf(error, null) && nowMs < this.#lookFromMs) return;
    this.#lookFromMs = nowMs + LOOK_EVERY_MS;
    const free = folder === null ? null : await freeBytes(folder);
    const kind = this.#kindOf(error, free);
    if (isFresh && this.#said?.kind === kind) return;
    this.#said = { kind, atMs: nowMs };
    say(this.#inWords(kind, error, free));
  }

  #kindOf(error: unknown, free: number | null): Kind {
    if (saysFull(error)) return "full";
    if (free !== null && free < ROOM_BYTES) return "full";
    return codeOf(error) === "ECONNREFUSED" && this.#options.revive !== null ? "gone" : "trouble";
  }

  #inWords(kind: Kind, error: unknown, free: number | null): string {
    switch (kind) {
      case "full": {
        const where = this.#options.folder === null ? "of the database" : `under ${this.#options.folder}`;
        return `The disk ${where} is full${leftInWords(free)}: make room there. Nothing is lost, and it goes on by itself as soon as there is some.`;
      }
      case "gone":
        return "The embedded Postgres is gone: starting it again.";
      case "trouble":
        return `Waiting for the database (${wordsOf(error)}).`;
    }
  }
}
