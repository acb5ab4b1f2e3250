/**
 * Tells an offset source how far each partition's contiguous work reaches. One commit is under way at a time; what moves
 * meanwhile goes with the next. A commit that the source calls stale belongs to an assignment that is over: harmless. While
 * we have not heard of that end, it is told again with the next commit and with the last, and causes none by itself.
 */
import { Effect } from "effect";
import { failureOfCause } from "./one-try.ts";
import type { Machinery } from "./machinery.ts";
import type { Partitions } from "./partitions.ts";
import type { Cancel } from "./system-ports.ts";
import type { DivertedBy } from "./rail.ts";
import type { CommitAnswer, CommitMark, OffsetSource } from "./source.ts";

/** How often an offset source is told how far the work reaches. */
export interface CommitPace {
  /** The shortest time between two commits. Default 0: as soon as the one before has returned. */
  readonly everyMs?: number;
}

export class Commits {
  readonly #source: OffsetSource<unknown>;
  readonly #partitions: Partitions;
  readonly #machinery: Machinery;
  readonly #everyMs: number;
  readonly #failed: (failure: DivertedBy) => void;
  #isUnderWay = false;
  #isPlanned = false;
  #isStopped = false;
  #unplan: Cancel = () => undefined;
  #hasFailed = false;
  #lastMs = -Infinity;
  readonly #whenEnded: (() => void)[] = [];

  constructor(
    source: OffsetSource<unknown>,
    partitions: Partitions,
    machinery: Machinery,
    pace: CommitPace,
    failed: (failure: DivertedBy) => void,
  ) {
    this.#source = source;
    this.#partitions = partitions;
    this.#machinery = machinery;
    this.#everyMs = pace.everyMs ?? 0;
    this.#failed = failed;
  }

  /** Something moved. */
  soon(): void {
    if (this.#isPlanned || this.#isUnderWay || this.#hasFailed || this.#isStopped) return;
    this.#plan();
  }

  #plan(): void {
    this.#isPlanned = true;
    const { clock } = this.#machinery.ports;
    const run = (): void => {
      this.#isPlanned = false;
      this.#commit(false);
    };
    const waitMs = this.#lastMs + this.#everyMs - clock.monotonicMs();
    if (waitMs > 0) this.#unplan = clock.after(waitMs, run);
    else clock.soon(run);
  }

  /** All that has moved so far is committed when this returns; without waiting for the pace. */
  async flush(): Promise<void> {
    if (this.#isUnderWay) await this.#ended();
    if (this.#hasFailed) return;
    this.#commit(true);
    if (this.#isUnderWay) await this.#ended();
  }

  /** Nothing is planned any more; what was not committed is seen again. */
  stop(): void {
    this.#isStopped = true;
    this.#unplan();
  }

  #ended(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenEnded.push(resolve);
    });
  }

  /** False when there was nothing to commit. */
  #commit(isLast: boolean): boolean {
    if (this.#isUnderWay) return true;
    if (this.#machinery.isOver) return false;
    const marks = this.#partitions.takeMarks(isLast);
    if (marks.length === 0) return false;
    this.#isUnderWay = true;
    this.#lastMs = this.#machinery.ports.clock.monotonicMs();
    const call = Effect.suspend(() => this.#source.commit(marks));
    const noted = Effect.map(call, (answers) => {
      this.#note(marks, answers);
    });
    this.#machinery.run(noted).addObserver((exit) => {
      this.#isUnderWay = false;
      if (exit._tag === "Success") this.soon();
      else {
        this.#hasFailed = true;
        this.#failed(failureOfCause(exit.cause, `commit to ${this.#source.name}`, true));
      }
      for (const tell of this.#whenEnded.splice(0)) tell();
    });
    return true;
  }

  #note(marks: readonly CommitMark[], answers: readonly CommitAnswer[]): void {
    marks.forEach((mark, index) => {
      const isStale = answers[index] !== "committed";
      if (isStale) this.#partitions.stale(mark);
      else this.#partitions.committed(mark);
      this.#machinery.events.emit({
        type: isStale ? "offset:commit:stale" : "offset:commit:done",
        partition: mark.partition,
        next: mark.next,
      });
    });
  }
}
