/**
 * A queue in memory that is acknowledged singly and can delay: the twin of a message queue for tests and examples. Its
 * readers compete. What a reader took and did not settle comes back when it closes, to the place where it was.
 */
import { Effect } from "effect";
import { Places } from "./places.ts";
import type { QueueRecord, QueueSource } from "../../streams/runtime/source.ts";
import type { Clock } from "../../streams/runtime/system-ports.ts";

interface Message<Body> {
  readonly token: string;
  readonly key: string;
  readonly body: Body;
  /** Tries that were settled with a later one. */
  attempt: number;
  /** In the order of readiness. */
  place: number;
}

/** A queue in memory: its readers compete, and each record is settled singly. */
export class MemoryQueue<Body> {
  readonly #clock: Clock;
  readonly #ready = new Places<Message<Body>>();
  readonly #waiting = new Set<() => void>();
  #taken = 0;
  #delayed = 0;
  #sent = 0;
  #places = 0;
  #isEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ready, taken or delayed. */
  get unsettled(): number {
    return this.#ready.size + this.#taken + this.#delayed;
  }

  send(key: string, body: Body): void {
    this.#sent += 1;
    this.#ready.push({ token: `message-${this.#sent}`, key, body, attempt: 0, place: this.#nextPlace() });
    this.#wake();
  }

  /** Its reader sees the end once nothing is left unsettled. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  reader(name: string): QueueSource<Body> {
    const taken = new Map<string, Message<Body>>();
    const take = (most: number): readonly QueueRecord<Body>[] =>
      this.#ready.take(most).map((message) => {
        this.#taken += 1;
        taken.set(message.token, message);
        return { token: message.token, key: message.key, body: message.body, attempt: message.attempt };
      });
    const letGo = (token: string): Message<Body> | undefined => {
      const message = taken.get(token);
      if (taken.delete(token)) this.#taken -= 1;
      return message;
    };

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
            if (this.#ready.size === 0 && !ended) return;
            this.#waiting.delete(attempt);
            resume(Effect.succeed({ records: take(limit.records), ended }));
          };
          this.#waiting.add(attempt);
          attempt();
          return Effect.sync(() => {
            this.#waiting.delete(attempt);
          });
        }),
      settle: (settlements) =>
        Effect.sync(() => {
          const back: Message<Body>[] = [];
          for (const { token, disposition } of settlements) {
            const message = letGo(token);
            if (message === undefined) continue;
            if (disposition.kind === "hand-back") back.push(message);
            else if (disposition.kind === "retry-later") {
              if (disposition.isNoAttempt !== true) message.attempt += 1;
              this.#delay(message, disposition.afterMs);
            }
          }
          this.#putBack(back);
        }),
      close: Effect.sync(() => {
        const left = [...taken.values()];
        for (const { token } of left) letGo(token);
        this.#putBack(left);
      }),
    };
  }

  #nextPlace(): number {
    this.#places += 1;
    return this.#places;
  }

  #putBack(messages: readonly Message<Body>[]): void {
    for (const message of messages) this.#ready.push(message);
    this.#wake(); // also with none: the last one may have been settled
  }

  #delay(message: Message<Body>, afterMs: number): void {
    this.#delayed += 1;
    this.#clock.after(afterMs, () => {
      this.#delayed -= 1;
      message.place = this.#nextPlace();
      this.#ready.push(message);
      this.#wake();
    });
  }

  #wake(): void {
    for (const attempt of [...this.#waiting]) attempt();
  }
}
