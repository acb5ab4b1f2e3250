/**
 * A story of one queue: its messages, how the work on them goes, what goes wrong with its adapters, and one or two
 * pipelines that compete for it. The books are kept from outside: what came out of the flow, what was dead-lettered, and
 * how often the queue was told of each delivery.
 */
import { Result } from "effect";
import fc from "fast-check";
import { tap } from "rxjs";
import {
  memoryDeadLetters,
  MemoryQueue,
  type Order,
  pipeline,
  type Running,
  stage,
} from "../../src/index.ts";
import { anyFaults, type Faults, faultyQueue, faultySink } from "./faulty-ports.ts";
import { answersBy, anyReplies, type Replies } from "./scripted-replies.ts";
import { anyScript, type Script, ScriptedWork } from "./scripted-work.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface QueueStory {
  readonly keys: readonly string[];
  readonly order: Order;
  readonly credits: number;
  readonly delayRoom: number;
  readonly script: Script;
  readonly isIdempotent: boolean;
  readonly replies: Replies;
  readonly faults: Faults;
}

/** A connection that will not close keeps its messages; that is its broker's to end, so here every close takes effect. */
const closing = (faults: Faults): Faults => ({
  ...faults,
  close: (faults.close ?? []).map((fault) => fault && { ...fault, when: "after" as const }),
});

export const anyQueueStory: fc.Arbitrary<QueueStory> = fc.record({
  keys: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 20 }),
  order: fc.constantFrom("unordered", "byKey"),
  credits: fc.integer({ min: 1, max: 8 }),
  delayRoom: fc.nat(3),
  script: anyScript(20, 3, { hangs: true }),
  isIdempotent: fc.boolean(),
  replies: anyReplies,
  faults: anyFaults(["open", "pull", "settle", "close", "write"]).map(closing),
});

export class QueueBooks {
  readonly finished = new Set<number>();
  readonly deadLettered = new Set<number>();
  readonly #deliveries = new Map<string, number>();
  readonly #settlements = new Map<string, number>();
  readonly violations: string[] = [];

  delivered(token: string): void {
    this.#deliveries.set(token, (this.#deliveries.get(token) ?? 0) + 1);
  }

  settled(token: string): void {
    const count = (this.#settlements.get(token) ?? 0) + 1;
    this.#settlements.set(token, count);
    if (count > (this.#deliveries.get(token) ?? 0))
      this.violations.push(`${token} was settled ${count} times`);
  }

  isOver(body: number): boolean {
    return this.finished.has(body) || this.deadLettered.has(body);
  }
}

export const filledQueue = ({ keys }: QueueStory, clock: VirtualClock): MemoryQueue<number> => {
  const queue = new MemoryQueue<number>(clock);
  keys.forEach((key, body) => {
    queue.send(key, body);
  });
  return queue;
};

export interface Consumer {
  readonly work: ScriptedWork;
  readonly running: Running;
}

export const consume = (
  story: QueueStory,
  queue: MemoryQueue<number>,
  clock: VirtualClock,
  books: QueueBooks,
): Consumer => {
  const work = new ScriptedWork(clock);
  const source = faultyQueue(queue.reader("queue"), story.faults, {
    pulled: (records) => {
      for (const { token } of records) books.delivered(token);
    },
    settling: (settlements) => {
      for (const { token, disposition } of settlements) {
        books.settled(token);
        const body = Number(token.replace("message-", "")) - 1;
        if (disposition.kind === "done" && !books.isOver(body))
          books.violations.push(`${token} was done too early`);
      }
    },
  });
  const running = pipeline({
    name: "consumer",
    source,
    flow: (items) =>
      items.pipe(
        stage({
          name: "work",
          work: work.for("work", story.script),
          idempotent: story.isIdempotent,
          timeoutMs: 40,
          retry: { times: 1, firstMs: 3 },
        }),
        tap((rail) => {
          if (Result.isSuccess(rail)) books.finished.add(rail.success.body);
        }),
      ),
    diversions: {
      work: answersBy(story.replies, (body) => books.finished.add(body)),
    },
    deadLetters: faultySink(memoryDeadLetters(), story.faults, (letters) => {
      // the story's records are numbers
      for (const { body } of letters) books.deadLettered.add(body as number);
    }),
    window: { credits: story.credits },
    order: story.order,
    delayRoom: story.delayRoom,
    breaker: { bugs: 100_000 },
    restarts: { most: 100_000, withinMs: 1, firstMs: 1, capMs: 10 },
    closeWithinMs: 100,
    ports: clock.ports,
  }).start();
  return { work, running };
};
