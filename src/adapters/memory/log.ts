/**
 * A partitioned log in memory, with one group of readers: the twin of a real broker for tests, examples and simulation.
 * Records stay; a reader's position is what it committed. `assign`, `revoke` and `lose` move partitions between readers
 * as a broker's group protocol would.
 */
import { Effect } from "effect";
import type { AssignmentListener, OffsetRecord, OffsetSource } from "../../streams/runtime/source.ts";

interface LogPartition<Body> {
  readonly name: string;
  readonly records: OffsetRecord<Body>[];
  committed: number;
  /** Rises with every assignment, to whomever. */
  epoch: number;
}

interface Assigned {
  readonly epoch: number;
  position: number;
}

/** A source over the log, with the means to move its partitions as a broker would. */
export interface LogReader<Body> extends OffsetSource<Body> {
  /** Reads from the committed offset on; a partition that another reader has must be revoked there first. */
  readonly assign: (partition: string) => void;
  readonly revoke: (partition: string, deadlineMs: number) => Effect.Effect<void>;
  readonly lose: (partition: string) => void;
}

/** A partitioned log in memory: records stay, and each partition has one reader at a time. */
export class MemoryLog<Body> {
  readonly #partitions: readonly LogPartition<Body>[];
  readonly #waiting = new Set<() => void>();
  #isEnded = false;

  constructor(partitions: number) {
    this.#partitions = Array.from({ length: partitions }, (_, index) => ({
      name: String(index),
      records: [],
      committed: 0,
      epoch: 0,
    }));
  }

  get partitionNames(): readonly string[] {
    return this.#partitions.map(({ name }) => name);
  }

  append(partition: string, key: string, body: Body): number {
    const { records } = this.#named(partition);
    const offset = records.length;
    records.push({ partition, offset, key, body });
    this.#wake();
    return offset;
  }

  /** Readers that have read everything see the end. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  committed(partition: string): number {
    return this.#named(partition).committed;
  }

  /** A reader. It has the partitions given here from its start on, and takes fairly from each. */
  reader(name: string, partitions: readonly string[] = this.partitionNames): LogReader<Body> {
    const assigned = new Map<string, Assigned>(
      partitions.map((partition) => {
        const { epoch, committed } = this.#named(partition);
        return [partition, { epoch, position: committed }];
      }),
    );
    let listener: AssignmentListener | null = null;
    let turn = 0;

    const assign = (partition: string): void => {
      const own = this.#named(partition);
      own.epoch += 1;
      assigned.set(partition, { epoch: own.epoch, position: own.committed });
      listener?.assigned(partition, own.epoch, own.committed);
      this.#wake();
    };

    const take = (most: number): OffsetRecord<Body>[] => {
      const taken: OffsetRecord<Body>[] = [];
      const names = [...assigned.keys()];
      let idle = 0;
      while (taken.length < most && idle < names.length) {
        const partition = names[turn % names.length] ?? "";
        turn += 1;
        const reading = assigned.get(partition);
        const record = reading && this.#named(partition).records[reading.position];
        if (reading === undefined || record === undefined) {
          idle += 1;
          continue;
        }
        idle = 0;
        reading.position += 1;
        taken.push(record);
      }
      return taken;
    };

    return {
      kind: "offsets",
      name,
      can: {
        individualAck: false,
        partitions: true,
        delayedRetry: false,
        priority: false,
        awaitedRevocation: true,
      },
      assign,
      revoke: (partition, deadlineMs) =>
        Effect.suspend(() => {
          const own = assigned.get(partition);
          assigned.delete(partition);
          return own === undefined ? Effect.void : (listener?.revoked(partition, deadlineMs) ?? Effect.void);
        }),
      lose: (partition) => {
        assigned.delete(partition);
        this.#named(partition).epoch += 1;
        listener?.lost(partition);
      },
      open: (hub) =>
        Effect.sync(() => {
          listener = hub;
          for (const partition of [...assigned.keys()]) assign(partition);
        }),
      pull: (limit) =>
        Effect.callback((resume) => {
          const attempt = (): void => {
            const records = take(limit.records);
            if (records.length === 0 && !this.#isEnded) return;
            this.#waiting.delete(attempt);
            resume(Effect.succeed({ records, ended: this.#isEnded && records.length === 0 }));
          };
          this.#waiting.add(attempt);
          attempt();
          return Effect.sync(() => {
            this.#waiting.delete(attempt);
          });
        }),
      commit: (marks) =>
        Effect.sync(() =>
          marks.map(({ partition, epoch, next }) => {
            const own = this.#named(partition);
            if (own.epoch !== epoch) return "stale";
            own.committed = Math.max(own.committed, next);
            return "committed";
          }),
        ),
      lag: (partition, position) => this.#named(partition).records.length - position,
      close: Effect.sync(() => {
        listener = null;
      }),
    };
  }

  #named(partition: string): LogPartition<Body> {
    const found = this.#partitions[Number(partition)];
    if (found === undefined) throw new RangeError(`the log has no partition "${partition}"`);
    return found;
  }

  #wake(): void {
    for (const attempt of [...this.#waiting]) attempt();
  }
}
