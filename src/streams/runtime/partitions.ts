/**
 * The partitions of an offset source: who is assigned, what of each is unfinished, how far each may be committed.
 *
 *   unassigned ──assigned──▶ assigned ──revoked──▶ revoking ──drained or deadline──▶ unassigned
 *                                └──────lost──────────────────────────────────────▶ unassigned
 *
 * Unfinished tickets outlive an assignment. When the partition comes back its records come again from the committed
 * offset: a record whose first ticket lives takes a slot in the new watermark but is not worked on again, and the old
 * ticket finishes it there. A record that was finished before it could be committed is worked on again: it was
 * delivered at least once, which is what a log promises. By key, what comes behind it with its key is then worked on again,
 * too, even where its first ticket lives: that one goes first, and the older effect would be the one that is left.
 */
import type { Order } from "./lanes.ts";
import { LiveTickets } from "./live-tickets.ts";
import type { CommitMark, OffsetRecord } from "./source.ts";
import type { Ticket } from "./ticket.ts";
import { Watermark } from "./watermark.ts";

/**
 * Records from a partition's oldest unfinished one to its newest: all of them are seen again after a crash, and each takes
 * nine bytes. Beyond it the intake waits, and health says for what.
 */
const MOST_SPAN = 1_000_000;

interface Assignment {
  readonly epoch: number;
  readonly watermark: Watermark;
  /** What was last committed, or found committed. */
  committed: number;
  isRevoking: boolean;
  /** Below it records had been taken in an earlier assignment. */
  readonly takenBefore: number;
  /** Of those so many have come once more. */
  seenAgain: number;
  /** By key, of what had been taken before: the serial of each key's newest ticket. */
  readonly newest: Map<string, number>;
}

export interface Partition {
  readonly name: string;
  assignment: Assignment | null;
  /** Unfinished tickets of any assignment. */
  readonly live: LiveTickets;
  /** Each is called once, when nothing of the partition is unfinished or the partition is not ours. */
  readonly whenIdle: (() => void)[];
  /** Behind the furthest record that was ever taken. */
  furthest: number;
  /** The furthest that was ever committed, or found committed. */
  committed: number;
}

/** `fresh` wants a ticket · `repeat` is known already · `foreign` belongs to a partition that is not ours now. */
export type Arrival = "fresh" | "repeat" | "foreign";

const isSame = ({ taken }: Ticket, record: OffsetRecord<unknown>): boolean =>
  "token" in taken ||
  taken.identity === undefined ||
  record.identity === undefined ||
  taken.identity === record.identity;

const enter = (
  ticket: Ticket,
  offset: number,
  partition: Partition,
  { watermark, epoch }: Pick<Assignment, "watermark" | "epoch">,
): void => {
  ticket.slot = watermark.append(offset);
  ticket.epoch = epoch;
  partition.live.add(ticket, offset, watermark.span);
  if (offset >= partition.furthest) partition.furthest = offset + 1;
};

/** Nobody need wait for it any more. */
const letGo = ({ whenIdle }: Partition): void => {
  for (const tell of whenIdle.splice(0)) tell();
};

export class Partitions {
  readonly #order: Order;
  #accepted = 0;
  readonly #byName = new Map<string, Partition>();
  readonly #moved = new Set<Partition>();
  /** Their last mark was answered `stale`, though we know of no end of their assignment. */
  readonly #owed = new Set<Partition>();

  constructor(order: Order = "unordered") {
    this.#order = order;
  }

  [Symbol.iterator](): IterableIterator<Partition> {
    return this.#byName.values();
  }

  get(name: string): Partition | undefined {
    return this.#byName.get(name);
  }

  assigned(name: string, epoch: number, position: number): void {
    const partition = this.#byName.get(name) ?? this.#added(name);
    partition.live.reassigned();
    // what was committed stays so: a log that stands before it began anew, and nothing of it was ever taken
    if (position < partition.committed) partition.furthest = position;
    partition.committed = position;
    partition.assignment = {
      epoch,
      watermark: new Watermark(position),
      committed: position,
      isRevoking: false,
      takenBefore: partition.furthest,
      seenAgain: 0,
      newest: new Map(),
    };
    this.#moved.delete(partition);
    this.#owed.delete(partition);
  }

  /** For `fresh`, `accept` must follow. */
  arrive(record: OffsetRecord<unknown>): Arrival {
    const partition = this.#byName.get(record.partition);
    const assignment = partition?.assignment;
    if (partition === undefined || assignment == null || assignment.isRevoking) return "foreign";
    if (record.offset < assignment.takenBefore) assignment.seenAgain += 1;
    if (record.offset < assignment.watermark.expected) return "repeat";
    const earlier = partition.live.earlier(record.offset);
    if (earlier === undefined || !isSame(earlier, record)) return "fresh";
    if (earlier.serial < (assignment.newest.get(record.key) ?? 0)) return "fresh"; // it goes before one that comes before it
    this.#note(earlier, record, partition, assignment);
    enter(earlier, record.offset, partition, assignment);
    return "repeat";
  }

  /** It was finished in an earlier assignment, and could not be committed: what is fresh now is worked on once more. */
  isWorkedOnAgain({ partition, offset }: OffsetRecord<unknown>): boolean {
    return offset < (this.#byName.get(partition)?.assignment?.takenBefore ?? 0);
  }

  /** Enters a fresh record's ticket. */
  accept(ticket: Ticket, record: OffsetRecord<unknown>): void {
    const partition = this.#byName.get(record.partition);
    if (partition?.assignment == null) throw new Error(`${ticket.record}: its partition is not assigned`);
    this.#accepted += 1;
    ticket.serial = this.#accepted;
    this.#note(ticket, record, partition, partition.assignment);
    enter(ticket, record.offset, partition, partition.assignment);
  }

  /** Only where first tickets may be met behind it. */
  #note(
    { serial }: Ticket,
    { key, offset }: OffsetRecord<unknown>,
    { live }: Partition,
    { takenBefore, newest }: Assignment,
  ): void {
    if (this.#order === "byKey" && offset < takenBefore && live.hasEarlier) newest.set(key, serial);
  }

  /** Its work is done. True when a watermark moved and there is something to commit. */
  finish(ticket: Ticket): boolean {
    const partition = this.#forget(ticket);
    const assignment = partition?.assignment;
    if (partition === undefined || assignment == null || assignment.epoch !== ticket.epoch) return false;
    if (!assignment.watermark.finish(ticket.slot)) return false;
    this.#moved.add(partition);
    return true;
  }

  /** Its work is given up: the watermark stays below it, so it will come again. */
  abandon(ticket: Ticket): void {
    this.#forget(ticket);
  }

  /** Why no more may be taken: the oldest unfinished record of a partition has too many behind it. */
  get stretched(): string | null {
    for (const { name, assignment } of this.#byName.values()) {
      if (assignment === null || assignment.watermark.span < MOST_SPAN) continue;
      return `waits for ${name}@${assignment.watermark.oldest}: ${MOST_SPAN} records after it were taken`;
    }
    return null;
  }

  /**
   * What has moved since the last call. What was answered `stale` goes along once more with whatever moves, or where
   * `isLast`, but moves nothing by itself: a source that calls it stale for ever is not asked for ever.
   */
  takeMarks(isLast: boolean): readonly CommitMark[] {
    const marks: CommitMark[] = [];
    if (isLast || this.#moved.size > 0) {
      for (const partition of this.#owed) this.#moved.add(partition);
      this.#owed.clear();
    }
    for (const { name, assignment } of this.#moved) {
      if (assignment !== null && assignment.watermark.position > assignment.committed) {
        marks.push({ partition: name, epoch: assignment.epoch, next: assignment.watermark.position });
      }
    }
    this.#moved.clear();
    return marks;
  }

  /** Told that its assignment is over, which its source has not told yet, or was mistaken about. */
  stale({ partition: name, epoch }: CommitMark): void {
    const partition = this.#byName.get(name);
    if (partition?.assignment?.epoch === epoch) this.#owed.add(partition);
  }

  committed({ partition, epoch, next }: CommitMark): void {
    const known = this.#byName.get(partition);
    if (known?.assignment?.epoch !== epoch) return;
    known.committed = known.assignment.committed = Math.max(known.assignment.committed, next);
  }

  /** Its partition is not ours now, or not for long: what would have to wait is left to whoever has it next. */
  isLeaving({ taken }: Ticket): boolean {
    if ("token" in taken) return false;
    return this.#byName.get(taken.partition)?.assignment?.isRevoking ?? true;
  }

  /** Over, drained or not: whatever is still unfinished will be seen again by whoever has it next. */
  unassign(name: string): number {
    const partition = this.#byName.get(name);
    if (partition === undefined) return 0;
    partition.assignment = null;
    this.#moved.delete(partition);
    this.#owed.delete(partition);
    letGo(partition);
    return partition.live.size;
  }

  #added(name: string): Partition {
    const partition: Partition = {
      ...{ name, assignment: null, live: new LiveTickets(), whenIdle: [] },
      ...{ furthest: 0, committed: 0 },
    };
    this.#byName.set(name, partition);
    return partition;
  }

  #forget(ticket: Ticket): Partition | undefined {
    if ("token" in ticket.taken) return undefined;
    const { offset, partition: name } = ticket.taken;
    const partition = this.#byName.get(name);
    partition?.live.remove(ticket, offset);
    if (partition?.live.size === 0) letGo(partition);
    return partition;
  }
}
