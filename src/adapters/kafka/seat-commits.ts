/**
 * Commits of what this member's seats have finished. Marks of seats that are over are answered `stale` and go nowhere; a broker
 * that is away is waited for, as long as the seats last.
 *
 * A topic that is gone ends its seats. If it is made anew, it is another log: an old place that is committed there may lie behind
 * records that nobody has read, and whoever goes on from it would pass them over.
 */
import type { CommitAnswer, CommitMark } from "../../streams/runtime/source.ts";
import { failureOf, knownError } from "./error-table.ts";
import type { CommitPace } from "./commit-pace.ts";
import type { Seat, Seats } from "./seats.ts";

/** Whoever carries offsets to the broker. */
export interface OffsetKeeper {
  /** False where it cannot have reached a broker. */
  readonly commit: (offsets: ReadonlyMap<number, number>) => Promise<boolean>;
}

export interface SeatCommitsOptions {
  readonly topic: string;
  readonly seats: Seats;
  readonly pace: CommitPace;
  readonly member: () => OffsetKeeper | null;
  readonly pause: (ms: number) => Promise<void>;
  /** Whoever holds the seats gives them up. */
  readonly gone: (error: unknown) => void;
}

const AGAIN_MS = 500;

export class SeatCommits {
  readonly #options: SeatCommitsOptions;

  constructor(options: SeatCommitsOptions) {
    this.#options = options;
  }

  /** Rejects with a `Failure` only where no waiting mends it. */
  async commit(marks: readonly CommitMark[]): Promise<readonly CommitAnswer[]> {
    const { topic, pace, pause } = this.#options;
    await pace.due(this.#finished(marks));
    for (;;) {
      const member = this.#options.member();
      const current = marks.filter((mark) => this.#seatOf(mark) !== undefined);
      if (member === null || current.length === 0) return marks.map(() => "stale");
      try {
        if (
          !(await member.commit(new Map(current.map(({ partition, next }) => [Number(partition), next]))))
        ) {
          return marks.map(() => "stale");
        }
        for (const mark of current) this.#note(mark);
        return marks.map((mark) => (current.includes(mark) ? "committed" : "stale"));
      } catch (error) {
        const known = knownError(error);
        if (known.concerns === "moved-on") return marks.map(() => "stale");
        if (known.concerns === "topic") {
          this.#options.gone(error);
          return marks.map(() => "stale");
        }
        if (!known.passes) throw failureOf(known, `committing to ${topic}`, error);
      }
      await pause(AGAIN_MS);
    }
  }

  #seatOf({ partition, epoch }: CommitMark): Seat | undefined {
    const seat = this.#options.seats.named(partition);
    return seat?.epoch === epoch ? seat : undefined;
  }

  #finished(marks: readonly CommitMark[]): number {
    return marks.reduce((sum, mark) => sum + mark.next - (this.#seatOf(mark)?.committed ?? mark.next), 0);
  }

  #note(mark: CommitMark): void {
    const seat = this.#seatOf(mark);
    if (seat !== undefined) seat.committed = mark.next;
  }
}
