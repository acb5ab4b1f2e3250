/**
 * A queue in memory that is acknowledged singly and can delay: the twin of a message queue for tests and examples. What
 * is taken and not settled comes back when its reader closes.
 */
import { Effect } from "effect";
import type { QueueRecord, QueueSource } from "../../streams/runtime/source.ts";
import type { Clock } from "../../streams/runtime/system-ports.ts";

interface Message<Body> {
  readonly token: string;
  readonly key: string;
  readonly body: Body;
  /** Tries that were settled with a later one. */
  attempt: number;
}

export class MemoryQueue<Body> {
  readonly #clock: Clock;
  #ready: Message<Body>[] = [];
  readonly #taken = new Map<string, Message<Body>>();
  readonly #waiting = new Set<() => void>();
  #delayed = 0;
  #count = 0;
  #isEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ready, taken or delayed. */
  get unsettled(): number {
    return this.#ready.length + this.#taken.size + this.#delayed;
  }

  send(key: string, body: Body): void {
    this.#count += 1;
    this.#ready.push({ token: `message-${this.#count}`, key, body, attempt: 0 });
    this.#wake();
  }

  /** Its reader sees the end once nothing is left unsettled. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  reader(name: string): QueueSource<Body> {
    return {
      kind: "queue",
      name,
      can: {
        individualAck: true,
        partitions: false,
        delayedRetry: true,
        priority: false,
        awaitedRevocation: true,
      },
      open: () => Effect.void,
      pull: (limit) =>
        Effect.callback((resume) => {
          const attempt = (): void => {
            const ended = this.#isEnded && this.unsettled === 0;
            if (this.#ready.length === 0 && !ended) return;
            this.#waiting.delete(attempt);
            resume(Effect.succeed({ records: this.#take(limit.records), ended }));
          };
          this.#waiting.add(attempt);
          attempt();
          return Effect.sync(() => {
            this.#waiting.delete(attempt);
          });
        }),
      settle: (settlements) =>
        Effect.sync(() => {
          for (const { token, disposition } of settlements) {
            const message = this.#taken.get(token);
            if (message === undefined) continue;
            this.#taken.delete(token);
            if (disposition.kind === "hand-back") this.#ready.unshift(message);
            else if (disposition.kind === "retry-later") this.#delay(message, disposition.afterMs);
          }
          this.#wake();
        }),
      close: Effect.sync(() => {
        this.#ready = [...this.#taken.values(), ...this.#ready];
        this.#taken.clear();
        this.#wake();
      }),
    };
  }

  #take(most: number): readonly QueueRecord<Body>[] {
    return this.#ready.splice(0, most).map((message) => {
      this.#taken.set(message.token, message);
      return { token: message.token, key: message.key, body: message.body, attempt: message.attempt };
    });
  }

  #delay(message: Message<Body>, afterMs: number): void {
    this.#delayed += 1;
    this.#clock.after(afterMs, () => {
      this.#delayed -= 1;
      message.attempt += 1;
      this.#ready.push(message);
      this.#wake();
    });
  }

  #wake(): void {
    for (const attempt of [...this.#waiting]) attempt();
  }
}
