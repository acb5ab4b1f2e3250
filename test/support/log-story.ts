/**
 * A story of one log: what lies in it, how the work on it goes, what goes wrong with its adapters, when its partitions
 * are taken away and given back. `tell` plays it with a pipeline and keeps the books from outside: what came out of the
 * flow, what was dead-lettered, and whether any commit passed a record that neither had happened to.
 */
import { Effect, Result } from "effect";
import fc from "fast-check";
import { tap } from "rxjs";
import {
  type AssignmentListener,
  batchStage,
  type CommitMark,
  type LogReader,
  MemoryLog,
  memoryDeadLetters,
  type Order,
  pipeline,
  type PipelineEvent,
  type RestartLimits,
  type Running,
  type Stage,
  stage,
  type StageLimits,
  type SystemPorts,
} from "../../src/index.ts";
import type { CommitPace } from "../../src/streams/runtime/commits.ts";
import { effectContext } from "../../src/streams/runtime/system-ports.ts";
import { anyFaults, faultyLog, type Faults, faultySink } from "./faulty-ports.ts";
import { answersBy, anyReplies, type Replies } from "./scripted-replies.ts";
import { anyScript, type Script, ScriptedWork, type StoryClock } from "./scripted-work.ts";

export interface Rebalance {
  readonly atMs: number;
  readonly partition: number;
  readonly how: "revoke" | "lose" | "assign anew";
  readonly deadlineMs: number;
  readonly backAfterMs: number;
}

export interface LogStory {
  readonly partitions: number;
  /** For each record its partition and key; its body is its place here. */
  readonly records: readonly { readonly partition: number; readonly key: string }[];
  readonly order: Order;
  readonly credits: number;
  readonly delayRoom: number;
  readonly concurrency: number;
  readonly first: Script;
  readonly second: Script;
  readonly isSecondIdempotent: boolean;
  readonly batched: boolean;
  readonly replies: Replies;
  readonly faults: Faults;
  readonly rebalances: readonly Rebalance[];
}

export const TIMEOUT_MS = 40;
export const CLOSE_WITHIN_MS = 100;
/** When all rebalances are over and the log is closed. */
export const LAST_MS = 2_000;

export const anyRebalance = (partitions: number): fc.Arbitrary<Rebalance> =>
  fc.record({
    atMs: fc.nat(120),
    partition: fc.nat(partitions - 1),
    how: fc.constantFrom("revoke", "lose", "assign anew"),
    deadlineMs: fc.nat(60),
    backAfterMs: fc.nat(40),
  });

export const anyLogStory: fc.Arbitrary<LogStory> = fc.integer({ min: 1, max: 4 }).chain((partitions) =>
  fc.record({
    partitions: fc.constant(partitions),
    records: fc.array(
      fc.record({ partition: fc.nat(partitions - 1), key: fc.constantFrom("a", "b", "c", "d") }),
      { minLength: 1, maxLength: 24 },
    ),
    order: fc.constantFrom("unordered", "byKey"),
    credits: fc.integer({ min: 1, max: 10 }),
    delayRoom: fc.nat(4),
    concurrency: fc.integer({ min: 1, max: 6 }),
    first: anyScript(24, 3, { hangs: true }),
    second: anyScript(24, 3, { hangs: true }),
    isSecondIdempotent: fc.boolean(),
    batched: fc.boolean(),
    replies: anyReplies,
    faults: anyFaults(["open", "pull", "commit", "close", "write"]),
    rebalances: fc.array(anyRebalance(partitions), { maxLength: 4 }),
  }),
);

/** What has become of the records, seen from outside. */
export class Books {
  readonly #story: Pick<LogStory, "records">;
  /** Came out of the flow, or was answered with `done` or `notMine`. */
  readonly finished = new Set<number>();
  readonly deadLettered = new Set<number>();
  readonly violations: string[] = [];
  readonly events: PipelineEvent[] = [];
  sourceCalls = 0;

  constructor(story: Pick<LogStory, "records">) {
    this.#story = story;
  }

  isOver(body: number): boolean {
    return this.finished.has(body) || this.deadLettered.has(body);
  }

  get unfinished(): readonly number[] {
    return this.#story.records.map((_, body) => body).filter((body) => !this.isOver(body));
  }

  /** The bodies of a partition, by offset. */
  bodiesOf(partition: string): readonly number[] {
    return this.#story.records.flatMap((record, body) =>
      String(record.partition) === partition ? [body] : [],
    );
  }

  commits(partition: string, next: number): void {
    for (const body of this.bodiesOf(partition).slice(0, next)) {
      if (!this.isOver(body))
        this.violations.push(`partition ${partition} was committed to ${next}, past ${body}`);
    }
  }
}

export interface World {
  readonly reader: LogReader<number>;
  readonly work: ScriptedWork;
  /** Each call starts one more pipeline on the same source. */
  readonly start: (options?: StartOptions) => Running;
}

export interface StartOptions {
  readonly restarts?: RestartLimits;
  readonly commit?: CommitPace;
  /** Default: the clock's own. */
  readonly ports?: SystemPorts;
}

const RETRY = { times: 2, firstMs: 3, capMs: 10 };
const ALWAYS: RestartLimits = { most: 100_000, withinMs: 1, firstMs: 1, capMs: 10 };

/** A reader of the log and pipelines on it; the books are kept while the clock is moved. */
export const worldOf = (
  story: LogStory,
  log: MemoryLog<number>,
  clock: StoryClock,
  books: Books,
  partitions = log.partitionNames,
): World => {
  const work = new ScriptedWork(clock);
  const reader = faultyLog(log.reader("log", partitions), story.faults, {
    opened: () => {
      books.sourceCalls += 1;
    },
    asked: () => {
      books.sourceCalls += 1;
    },
    committing: (marks) => {
      books.sourceCalls += 1;
      for (const { partition, next } of marks) books.commits(partition, next);
    },
    closed: () => {
      books.sourceCalls += 1;
    },
  });
  const sink = faultySink(memoryDeadLetters(), story.faults, (letters) => {
    // the story's records are numbers
    for (const { body } of letters) books.deadLettered.add(body as number);
  });
  const answer = answersBy(story.replies, (body) => books.finished.add(body));
  const limits = { concurrency: story.concurrency, timeoutMs: TIMEOUT_MS, retry: RETRY };
  const first = stage({ name: "first", work: work.for("first", story.first), ...limits });
  const second = secondStage(story, work.for("second", story.second), limits, clock.ports);

  const start = ({ restarts = ALWAYS, commit = {}, ports = clock.ports }: StartOptions = {}): Running => {
    const running = pipeline({
      name: "story",
      source: reader,
      flow: (items) =>
        items.pipe(
          first,
          second,
          tap((rail) => {
            if (Result.isSuccess(rail)) books.finished.add(rail.success.body);
          }),
        ),
      diversions: { first: answer, second: answer },
      deadLetters: sink,
      window: { credits: story.credits },
      order: story.order,
      delayRoom: story.delayRoom,
      breaker: { bugs: 100_000 },
      restarts,
      commit,
      closeWithinMs: CLOSE_WITHIN_MS,
      ports,
    }).start();
    running.on((event) => books.events.push(event));
    return running;
  };
  return { reader, work, start };
};

/** In a batch, what fails as an Effect fails alone; what throws or rejects fails the call. */
const secondStage = (
  { batched, isSecondIdempotent: idempotent }: LogStory,
  work: ReturnType<ScriptedWork["for"]>,
  limits: StageLimits,
  ports: SystemPorts,
): Stage<"second", number, number> =>
  batched
    ? batchStage({
        ...limits,
        name: "second",
        idempotent,
        concurrency: 2,
        maxCount: 3,
        work: async (bodies: readonly number[], { items, signal }) => {
          const run = Effect.runPromiseWith(effectContext(ports));
          const calls = bodies.map(async (body, at) => {
            const answer = work(body, { attempt: items[at]?.attempt ?? 0, signal });
            return Effect.isEffect(answer)
              ? run(Effect.result(answer), { signal })
              : Result.succeed(await answer);
          });
          await Promise.allSettled(calls); // the call has not ended before all of it has
          return Promise.all(calls);
        },
      })
    : stage({ ...limits, name: "second", idempotent, work });

/** Plays the story's rebalances on the reader. */
export const rebalance = (story: LogStory, reader: LogReader<number>, clock: StoryClock): void => {
  for (const { atMs, partition, how, deadlineMs, backAfterMs } of story.rebalances) {
    const name = String(partition);
    const back = (): void => {
      clock.after(backAfterMs, () => {
        reader.assign(name);
      });
    };
    clock.after(atMs, () => {
      if (how === "revoke") Effect.runFork(reader.revoke(name, deadlineMs)).addObserver(back);
      else if (how === "lose") {
        reader.lose(name);
        back();
      } else reader.assign(name);
    });
  }
};

export const filled = (story: LogStory): MemoryLog<number> => {
  const log = new MemoryLog<number>(story.partitions);
  story.records.forEach(({ partition, key }, body) => log.append(String(partition), key, body));
  return log;
};

/** The log as the broker has it when a reader's process is gone. */
export const asLeft = async (log: MemoryLog<number>, story: LogStory): Promise<MemoryLog<number>> => {
  const copy = filled(story);
  const reader = copy.reader("copy");
  const marks: CommitMark[] = [];
  const listener: AssignmentListener = {
    assigned: (partition, epoch) => marks.push({ partition, epoch, next: log.committed(partition) }),
    revoked: () => Effect.void,
    lost: () => undefined,
  };
  await Effect.runPromise(
    Effect.andThen(
      reader.open(listener),
      Effect.suspend(() => reader.commit(marks)),
    ),
  );
  return copy;
};
